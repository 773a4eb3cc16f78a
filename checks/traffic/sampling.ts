import { counted, listed, spoken } from '../sentences.ts';
import { defineCheck, fail, pass } from '../../lib/model/check.ts';
import { loadObstacle } from '../../lib/model/cluster.ts';
import type { Sampling } from '../../lib/model/sampling.ts';

/** Share of its time the director may spend on being watched: the sampler aims at 0.02, and one dear reading more is no news. */
const costBudget = 0.03;
/** Less in all slows nobody down: of a short load, the readings before and after it are a large share. */
const costlyMs = 500;

export const sampling = defineCheck({
  id: 'traffic/sampling',
  title: 'Connection table was watched throughout, at little cost',
  failureTitle: 'Connection table was watched with gaps, or at a cost',
  sees: ['conn-dump-observer-effect'],
  severity: 'recommended',
  stage: 'traffic',
  scope: 'service',
  requires: ['sampling'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why:
      'What happened in a gap is not known, and a table read too often loads the director: kernels before 6.14 take time ' +
      'quadratic in the entries to list them.',
    byHand: ['time cat /proc/net/ip_vs_conn | wc -l'],
    references: ['net/netfilter/ipvs/ip_vs_conn.c (ip_vs_conn_array)', 'ipvsadm(8), --connection'],
  },
  evaluate({ sampling: seen }, { host }, { evidence }) {
    const found = {
      samples: seen.samples.length,
      gaps: seen.gaps.map(({ fromMs, toMs, reason }) => ({ fromMs, toMs, reason })),
      costShare: seen.costShare,
      ...(seen.resolutionMs === undefined ? {} : { resolutionMs: seen.resolutionMs }),
      ...(seen.partlyRead === undefined ? {} : { partlyRead: { entries: seen.partlyRead.entries } }),
    };
    const shortcomings = [
      ...(seen.samples.length < 2 ? [`${counted(seen.samples.length, 'sample')} only`] : []),
      ...seen.gaps.map(({ fromMs, toMs, reason }) => `nothing for ${spoken(toMs - fromMs)} (${reason})`),
      ...(seen.costShare > costBudget && spentMs(seen) > costlyMs
        ? [`${(seen.costShare * 100).toFixed(1)}% of the time spent on reading it`]
        : []),
    ];
    const quoted = [evidence('sampling')];
    if (shortcomings.length === 0) return pass(found, quoted);
    return fail({
      reason: `The connection table of ${host.name} was watched with shortcomings: ${listed(shortcomings)}`,
      found,
      expected: { samples: 'at least 2', gaps: [], costShare: costBudget },
      evidence: quoted,
    });
  },
});

/** CPU time of the director for all readings. */
function spentMs({ samples, costShare }: Sampling): number {
  return costShare * ((samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0));
}
