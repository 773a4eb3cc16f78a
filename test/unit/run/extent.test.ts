import { expect } from 'chai';
import { checkById } from '../../../checks/index.ts';
import type { Check } from '../../../lib/model/check.ts';
import type { Cluster, Waiver } from '../../../lib/model/cluster.ts';
import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { Extent } from '../../../lib/run/extent.ts';
import { judge, plannedVerdict } from '../../../lib/run/judge.ts';
import { recordOf } from '../../../lib/run/record.ts';
import { type Selection, selection } from '../../../lib/run/selection.ts';
import { summaryOf } from '../../../lib/run/summary.ts';
import { pairsOf } from '../../../suites/catalogue.ts';
import { aCluster } from '../../builders.ts';

const at = '2026-11-22T20:00:00.000Z';
const everything: Selection = { allow: { traffic: true, change: true }, stages: ['pre', 'post', 'traffic'] };

/** The record of a run in which everything planned ended with `outcome`. */
function recordWith(cluster: Cluster, wanted: Selection, outcome: Outcome | ((check: string) => Outcome)) {
  const extent = new Extent(cluster);
  const planned = pairsOf(cluster).flatMap(({ check, subject }) => {
    const plan = plannedVerdict(check, subject);
    const selected = selection(wanted, check, subject);
    extent.offer(plan, selected);
    return selected === true ? [plan] : [];
  });
  const verdicts = planned.map((plan): Verdict => ({
    ...plan,
    outcome: typeof outcome === 'string' ? outcome : outcome(plan.check),
    evidence: [],
    durationMs: 1,
  }));
  return recordOf([
    { at, type: 'run-started', id: 'x', command: 'check', version: '1', cluster: summaryOf(cluster) },
    { at, type: 'planned', verdicts: planned, ...extent.told() },
    ...verdicts.map((verdict) => ({ at, type: 'verdict' as const, verdict })),
    { at, type: 'run-ended' },
  ]);
}

describe('what a run leaves out', () => {
  it('is nothing, and not in the record, as a rule', () => {
    const record = recordWith(aCluster(), everything, 'pass');
    expect(record).to.not.have.any.keys('leftOut', 'waivers', 'profile');
    expect(record.exitCode).to.equal(0);
  });

  it('by --skip: a check, a folder; told with its severity and on how much', () => {
    const record = recordWith(aCluster(), { ...everything, skip: ['director/vip', 'client'] }, 'pass');
    const skipped = new Map((record.leftOut ?? []).map((one) => [one.check, one]));
    expect(skipped.get('director/vip')).to.deep.include({ severity: 'mandatory', by: 'skip', subjects: 1 });
    expect([...skipped.keys()].filter((id) => id !== 'director/vip').every((id) => id.startsWith('client/'))).to.equal(
      true,
    );
    expect(skipped.size).to.be.greaterThan(2);
    expect(record.verdicts.some(({ check }) => skipped.has(check))).to.equal(false);
  });

  it('is what would have been judged only: not other stages, hosts or checks', () => {
    const wanted = {
      ...everything,
      stages: ['pre'] as const,
      limit: ['rs1'],
      skip: ['traffic', 'director', 'real-server'],
    };
    const { leftOut = [] } = recordWith(aCluster(), wanted, 'pass');
    expect(leftOut).to.not.have.length(0);
    expect(leftOut.every(({ check, subjects }) => check.startsWith('real-server/') && subjects === 1)).to.equal(true);
  });

  it('by the profile minimal: what is recommended', () => {
    const cluster = aCluster({ checks: { profile: 'minimal', custom: [] } });
    const record = recordWith(cluster, everything, 'pass');
    expect(record.profile).to.equal('minimal');
    expect(record.verdicts.every(({ severity }) => severity === 'mandatory')).to.equal(true);
    expect(record.leftOut?.every(({ by, severity }) => by === 'profile' && severity === 'recommended')).to.equal(true);
    expect(record.leftOut).to.not.have.length(0);
  });
});

describe('waivers that waived nothing', () => {
  const waiver = (change: Partial<Waiver>): Waiver => ({
    check: 'director/vip',
    hosts: [],
    why: 'known',
    expires: '2027-01-31',
    ...change,
  });
  const used = (waivers: readonly Waiver[], wanted: Selection, outcome: Outcome) =>
    (recordWith(aCluster({ waivers }), wanted, outcome).waivers ?? []).map(({ unused, waived }) => unused ?? waived);

  it('are told apart: nothing failed, nothing to judge there', () => {
    expect(used([waiver({})], everything, 'pass')).to.deep.equal(['no-failure']);
    expect(used([waiver({ hosts: ['rs1'] })], everything, 'pass')).to.deep.equal(['no-subject']);
    expect(used([waiver({ hosts: ['director1'] })], everything, 'waived')).to.deep.equal([1]);
  });

  it('are not told of where the run could not know, or did not look', () => {
    expect(used([waiver({})], everything, 'error')).to.deep.equal([0]);
    expect(used([waiver({})], { ...everything, stages: ['post'] }, 'pass')).to.deep.equal([0]);
    expect(used([waiver({})], { ...everything, skip: ['director'] }, 'pass')).to.deep.equal([0]);
  });
});

describe('profile and waiver of a verdict', () => {
  const check = checkById('network/hostname');
  const judged = (cluster: Cluster, outcome: 'fail' | 'warn') => {
    const [host] = cluster.directors;
    if (check === undefined || host === undefined) throw new Error('no check or host');
    const one: Check = {
      ...check,
      severity: 'recommended',
      requires: [],
      requiresOfAll: [],
      evaluate: () => ({ outcome, reason: 'no', found: 1, expected: 2, evidence: [] }),
    };
    const source = { fact: () => Promise.reject(new Error()), ofEveryone: () => Promise.resolve(new Map()) };
    return judge(one, { cluster, host }, source, cluster.waivers);
  };

  it('strict makes failures of recommended checks and of warnings', async () => {
    const strict = aCluster({ checks: { profile: 'strict', custom: [] } });
    expect(await judged(aCluster(), 'fail')).to.include({ outcome: 'warn', severity: 'recommended' });
    expect(await judged(strict, 'fail')).to.include({ outcome: 'fail', severity: 'mandatory' });
    expect(await judged(strict, 'warn')).to.include({ outcome: 'fail' });
  });

  it('a waived verdict says who, why and until when', async () => {
    const waivers = [{ check: 'network/hostname', hosts: [], why: 'renamed soon', by: 'Ann', expires: '2027-01-31' }];
    const verdict = await judged(aCluster({ waivers }), 'fail');
    expect(verdict).to.deep.include({
      outcome: 'waived',
      reason: 'no (waived until 2027-01-31 by Ann: renamed soon)',
      waiver: { why: 'renamed soon', by: 'Ann', expires: '2027-01-31' },
    });
  });
});
