import { expect } from 'chai';
import { count, duration, percent, plural, probability, rate, significant, utc } from '../../../reports/units.ts';

describe('numbers as people read them', () => {
  const cases: [string, string, string][] = [
    ['duration 0', duration(0), '0 ms'],
    ['duration below 1 ms', duration(0.3123), '0.312 ms'],
    ['duration in ms', duration(412.4), '412 ms'],
    ['duration just below 1 s', duration(999.6), '1.00 s'],
    ['duration in s', duration(17_450), '17.4 s'],
    ['duration just below 1 min', duration(59_960), '1 min 00 s'],
    ['duration in min', duration(725_000), '12 min 05 s'],
    ['duration in h', duration(3_725_000), '1 h 02 min'],
    ['duration not finite', duration(Number.NaN), '–'],
    ['huge duration', duration(1e15), '277,777,777 h 46 min'],
    ['count', count(20_000), '20,000'],
    ['count not finite', count(Infinity), '–'],
    ['percent', percent(1 / 3), '33.3 %'],
    ['percent not finite', percent(0 / 0), '–'],
    ['rate', rate(1182.4), '1,182/s'],
    ['slow rate', rate(0.4567), '0.457/s'],
    ['rate not finite', rate(Number.NaN), '–'],
    ['small probability', probability(0.0000001), '< 0.001'],
    ['probability', probability(0.4321), '0.432'],
    ['large probability', probability(0.99996), '> 0.999'],
    ['probability not finite', probability(Number.NaN), '–'],
    ['significant', significant(12.345), '12.3'],
    ['significant tiny', significant(1.2e-12), '1.2e-12'],
    ['significant not finite', significant(-Infinity), '–'],
    ['plural one', plural(1, 'check'), '1 check'],
    ['plural many', plural(1234, 'check'), '1,234 checks'],
    ['time', utc('2026-11-22T20:01:02.345Z'), '2026-11-22 20:01:02 UTC'],
    ['no time', utc('yesterday'), 'yesterday'],
  ];
  for (const [what, found, expected] of cases) {
    it(`${what} is ${expected}`, () => {
      expect(found).to.equal(expected);
    });
  }
});
