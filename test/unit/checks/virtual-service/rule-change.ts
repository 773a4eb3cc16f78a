/** The rules of a director, changed. */
import type { Cluster } from '../../../../lib/model/cluster.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../../../../lib/model/facts.ts';
import { hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';

/** The one service of the cluster as director1 has it; `destinations` by index. */
export function changedRules(
  cluster: Cluster,
  service: Partial<IpvsService>,
  destinations: Readonly<Record<number, Partial<IpvsDestination>>> = {},
): { director1: { ipvsRules: IpvsRules } } {
  const { services } = factsOf(cluster, hostNamed(cluster, 'director1')).ipvsRules;
  const changed = services.map((one) => ({
    ...one,
    destinations: one.destinations.map((destination, index) => ({ ...destination, ...destinations[index] })),
    ...service,
  }));
  return { director1: { ipvsRules: { services: changed } } };
}

export const noRules = { director1: { ipvsRules: { services: [] } } };
