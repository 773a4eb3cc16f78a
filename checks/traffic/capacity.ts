import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { loadObstacle } from '../../lib/model/cluster.ts';

/** What is enough is for a threshold on `capacity` to say; here it is told, and that the search came to an end. */
export const capacity = defineCheck({
  id: 'traffic/capacity',
  title: 'The highest rate the service carries was found',
  failureTitle: 'The service carries no rate that was tried',
  sees: [],
  severity: 'mandatory',
  stage: 'traffic',
  scope: 'service',
  requires: ['load'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why:
      'A rate that a service carries for a while without errors, late requests or slow answers is what it can be planned for. ' +
      'Above it queues grow, and the latency says how long the test was.',
    byHand: ['for RATE in 100 200 400; do vegeta attack -rate $RATE -duration 5s; done'],
    references: ['docs/load.md'],
  },
  evaluate({ load }, { service }, { evidence }) {
    const quoted = [evidence('load')];
    const { capacity: search } = load;
    if (search === undefined)
      return notApplicable(
        `Profile ${load.profile} is no search for the capacity (mode: capacity, or --find-capacity)`,
      );
    const { rateRps, limitedBy, realServer, reason, steps } = search;
    const found = {
      rateRps: rateRps ?? null,
      limitedBy,
      ...(realServer === undefined ? {} : { realServer }),
      steps: steps.length,
    };
    if (limitedBy === 'interrupted' || limitedBy === 'generator')
      return cannotTell(`The capacity of ${service.name} is not known: ${reason}`, quoted);
    if (rateRps === undefined)
      return fail({
        reason: `${service.name} did not carry the lowest rate that was tried: ${reason}`,
        found,
        expected: 'a rate within the bounds of the profile',
        evidence: quoted,
      });
    return pass(found, quoted);
  },
});
