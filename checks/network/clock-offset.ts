import { counted, listed, spoken } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import { hostsOf } from '../../lib/model/cluster.ts';
import type { ClockReading } from '../../lib/model/facts.ts';

/** Above this logs of two hosts cannot be laid side by side. */
const warnMs = 1000;
/** Above this tickets, tokens and certificates begin to be refused. */
const failMs = 30_000;

interface Reading extends ClockReading {
  readonly name: string;
}

type Closeness = 'close' | 'apart' | 'far' | 'unclear';

/**
 * Clocks are compared pair by pair, each reading with its error bound. The host blamed is the one that differs from most
 * others; where no majority exists, both of a pair are.
 */
export const clockOffset = defineCheck({
  id: 'network/clock-offset',
  title: "Host's clock agrees with the others'",
  failureTitle: "Host's clock differs from the others'",
  sees: ['clock-skew'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['clock'],
  requiresOfAll: ['clock'],
  doc: {
    why:
      'With clocks apart, logs cannot be laid side by side, and TLS, Kerberos, cookies and tokens fail on one real server ' +
      'and not on the others: every n-th request is refused although the transport works.',
    byHand: ['date +%s.%N', 'chronyc tracking', 'timedatectl'],
    references: ['chronyc(1)', 'RFC 4120, clock skew'],
  },
  evaluate(_, { cluster, host }, { evidence, everyone }) {
    const readings: Reading[] = [];
    const notCompared: string[] = [];
    for (const { name } of hostsOf(cluster)) {
      const fact = everyone.get(name)?.clock;
      if (fact?.known === true) readings.push({ ...fact.value, name });
      else notCompared.push(name);
    }
    const own = readings.find(({ name }) => name === host.name);
    const others = readings.filter(({ name }) => name !== host.name);
    if (hostsOf(cluster).length === 1) return notApplicable('The cluster has one host');
    const quoted = [evidence('clock')];
    if (own === undefined || others.length === 0) {
      return cannotTell(`${host.name} cannot be compared: no other host said what time it is`, quoted);
    }
    const furthest = others.reduce((a, b) => (differenceMs(own, b) > differenceMs(own, a) ? b : a));
    const found = {
      offsetMs: Math.round(own.offsetMs),
      errorMs: Math.round(own.errorMs),
      furthest: furthest.name,
      differenceMs: Math.round(differenceMs(own, furthest)),
      ...(notCompared.length === 0 ? {} : { notCompared }),
    };
    for (const level of ['far', 'apart'] as const) {
      const against = others.filter((other) => reaches(compare(own, other), level));
      const blamed = isMinority(own, readings, level)
        ? against
        : against.filter((other) => !isMinority(other, readings, level));
      if (blamed.length === 0) continue;
      const worst = blamed.reduce((a, b) => (differenceMs(own, b) > differenceMs(own, a) ? b : a));
      const proof = everyone.get(worst.name)?.clock;
      const finding = {
        reason:
          `${host.name} is ${spoken(Math.abs(own.offsetMs - worst.offsetMs))} ${own.offsetMs < worst.offsetMs ? 'behind' : 'ahead of'} ` +
          `${worst.name} (± ${spoken(own.errorMs + worst.errorMs)}), and differs from ${counted(against.length, 'host')} of ${others.length}`,
        found,
        expected: { differenceMs: warnMs },
        evidence: proof?.known === true ? [...quoted, proof.evidence] : quoted,
        remedy: {
          host: host.name,
          summary: 'Step the clock, and keep it with a time service',
          commands: ['chronyc makestep'],
          persistent: ['systemctl enable --now chrony || systemctl enable --now chronyd'],
        },
      };
      return level === 'far' ? fail(finding) : warn(finding);
    }
    // The wider of two bounds is the one that hides the answer.
    const unclear = others.filter((other) => compare(own, other) === 'unclear' && own.errorMs >= other.errorMs);
    if (unclear.length > 0) {
      return cannotTell(
        `The clock of ${host.name} is known to ± ${spoken(own.errorMs)} only, too wide to compare with ${listed(unclear.map(({ name }) => name))}`,
        quoted,
        'Ask again when the host answers faster',
      );
    }
    return pass(found, quoted);
  },
});

const differenceMs = (one: Reading, other: Reading): number => Math.abs(one.offsetMs - other.offsetMs);

function compare(one: Reading, other: Reading): Closeness {
  const errorMs = one.errorMs + other.errorMs;
  const least = differenceMs(one, other) - errorMs;
  const most = differenceMs(one, other) + errorMs;
  if (most <= warnMs) return 'close';
  if (least > failMs) return 'far';
  return least > warnMs && most <= failMs ? 'apart' : 'unclear';
}

const reaches = (closeness: Closeness, level: 'far' | 'apart'): boolean =>
  closeness === 'far' || (level === 'apart' && closeness === 'apart');

/** Whether it differs from more than half of the others. */
function isMinority(one: Reading, readings: readonly Reading[], level: 'far' | 'apart'): boolean {
  const others = readings.filter(({ name }) => name !== one.name);
  return others.filter((other) => reaches(compare(one, other), level)).length > others.length / 2;
}
