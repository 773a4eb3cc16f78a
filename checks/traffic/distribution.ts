import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';
import { loadObstacle } from '../../lib/model/cluster.ts';

/** What the scheduler may do by chance, and what not, is told by a model of each (lib/distribution, docs/distribution.md). */
export const distribution = defineCheck({
  id: 'traffic/distribution',
  title: 'Connections fall on the real servers as the scheduler promises',
  failureTitle: 'Connections do not fall as the scheduler promises',
  sees: ['weight-misbalance'],
  severity: 'mandatory',
  stage: 'traffic',
  scope: 'service',
  requires: ['distribution'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why:
      'A share that is off shows what single requests do not: a destination missing or quiesced, a weight mistyped, ' +
      'persistence nobody wanted, or a real server that answers for the VIP past the director.',
    byHand: ['ipvsadm -Ln --stats', 'for i in $(seq 30); do curl -s http://VIP/; done | sort | uniq -c'],
    references: [
      'docs/distribution.md',
      'net/netfilter/ipvs/ip_vs_rr.c, ip_vs_wrr.c and the other ip_vs_*.c of schedulers',
      'ipvsadm(8), --scheduler',
    ],
  },
  evaluate({ distribution: seen }, { service }, { evidence }) {
    const quoted = [evidence('distribution')];
    const found = {
      observed: seen.observed,
      counts: seen.counts,
      n: seen.n,
      basis: seen.basis,
      ...(seen.method === undefined ? {} : { method: seen.method }),
      ...(seen.bounds === undefined ? {} : { bounds: seen.bounds }),
      ...(seen.pValue === undefined ? {} : { pValue: seen.pValue }),
      ...(seen.effectSize === undefined ? {} : { effectSize: seen.effectSize }),
      ...(seen.sample === undefined ? {} : { sample: seen.sample }),
    };
    switch (seen.outcome) {
      case 'pass':
        return pass(found, quoted);
      case 'error':
        return cannotTell(`How ${service.name} distributes cannot be told: ${seen.reason}`, quoted);
      case 'fail':
        return fail({
          reason: `${service.name} does not distribute by ${seen.scheduler}: ${seen.reason}`,
          found,
          expected: seen.expected,
          evidence: quoted,
        });
    }
  },
});
