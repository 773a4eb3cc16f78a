/** The checks as the CLI shows and plans them, which may not reach into checks/ itself. */
import { checks } from '../checks/index.ts';
import type { Check, Subject } from '../lib/model/check.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { subjectsOf } from './subjects.ts';

export { documentOf } from '../checks/documentation.ts';
export { checkById, checks } from '../checks/index.ts';

/** Every check with every subject it has in the cluster; a run's options leave some out. */
export function pairsOf(cluster: Cluster): readonly { readonly check: Check; readonly subject: Subject }[] {
  return checks.flatMap((check) => subjectsOf(cluster, check).map((subject) => ({ check, subject })));
}
