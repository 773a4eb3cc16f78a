import { expect } from 'chai';
import { metricNames, unitOf } from '../../../lib/model/metrics.ts';
import { durationMs, limitValue } from '../../../lib/config/units.ts';

describe('durationMs', () => {
  for (const [text, ms] of [
    [5, 5000],
    [0.25, 250],
    ['500ms', 500],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['5', undefined],
    ['5 s', undefined],
    ['-1s', undefined],
    ['5d', undefined],
  ] as const)
    it(`${text} is ${ms ?? 'none'}`, () => {
      expect(durationMs(text)).to.equal(ms);
    });
});

describe('limitValue', () => {
  for (const [metric, text, value] of [
    ['errors.rate', '0.1%', 0.001],
    ['errors.rate', 0.25, 0.25],
    ['errors.rate', '100%', 1],
    ['errors.rate', '101%', undefined],
    ['errors.rate', 2, undefined],
    ['errors.rate', '5ms', undefined],
    ['errors.count', 3, 3],
    ['errors.count', '3%', undefined],
    ['rate', '500/s', 500],
    ['rate', 500, 500],
    ['rate', '500ms', undefined],
    ['total.p99', '250ms', 250],
    ['total.p99', '1.5s', 1500],
    ['total.p99', 250, 250],
    ['total.p99', '5%', undefined],
    ['total.p99', '500/s', undefined],
    ['total.p99', '', undefined],
    ['total.p99', '-5', undefined],
    ['total.p99', Number.NaN, undefined],
    ['total.p99', '0x10', undefined],
  ] as const)
    it(`${metric} ${text} is ${value ?? 'none'}`, () => {
      expect(limitValue(metric, text)).to.equal(value);
    });

  it('knows the unit of every metric there is', () => {
    const known = metricNames.filter(
      (name) => unitOf(name) !== 'ms' || /^(connect|secured|first_byte|total|corrected|lateness)\./.test(name),
    );
    expect(known).to.deep.equal(metricNames);
  });
});
