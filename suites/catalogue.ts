/** The checks as the CLI shows and plans them, which may not reach into checks/ itself. */
import { customCheck } from '../checks/custom.ts';
import { checks } from '../checks/index.ts';
import { documentOf as pageOf } from '../checks/documentation.ts';
import { exampleCommand } from '../lib/facts/example-commands.ts';
import type { Check, Pair, Scope } from '../lib/model/check.ts';
import type { Cluster, HostRole } from '../lib/model/cluster.ts';
import { subjectsOf } from './subjects.ts';

export { checkById, checks } from '../checks/index.ts';
export { unseen } from '../checks/fault-coverage.ts';
export { tagsOf } from '../checks/tags.ts';

/** A check's page, as docs/checks has it. */
export function documentOf(check: Check): string {
  return pageOf(check, (fact, scope) => exampleCommand(fact, roleOf[scope]));
}

/** Host whose facts a scope reads. */
const roleOf: Readonly<Record<Scope, HostRole>> = {
  host: 'director',
  director: 'director',
  'director-service': 'director',
  'real-server': 'real-server',
  'real-server-service': 'real-server',
  client: 'client',
  'client-service': 'client',
  service: 'director',
};

/** The catalogue, then the checks that the cluster file declares, then those of its folder of suites. */
export function checksOf(cluster: Cluster, suiteChecks: readonly Check[] = []): readonly Check[] {
  return [...checks, ...cluster.checks.custom.map(customCheck), ...suiteChecks];
}

/** Every check with every subject it has in the cluster; a run's options leave some out. */
export function pairsOf(cluster: Cluster, suiteChecks: readonly Check[] = []): readonly Pair[] {
  return checksOf(cluster, suiteChecks).flatMap((check) =>
    subjectsOf(cluster, check).map((subject) => ({ check, subject })),
  );
}
