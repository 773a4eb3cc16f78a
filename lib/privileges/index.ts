/** What ipvet runs as root, where, and why: `ipvet doctor sudoers` prints it, lib/ssh runs nothing else as root. */
import type { Cluster, ClusterHost, HostRole } from '../model/cluster.ts';
import { type Tier, tiers } from '../model/tier.ts';
import { censusCommands } from './census.ts';
import { linkCommands, silenceCommands } from './disruption.ts';
import { poolCommands } from './source-pool.ts';
import { pairCommands } from './high-availability.ts';
import { commandsBy, guardCommand, runFix, runFixUndo } from './commands.ts';
import type { RootCommand } from './root-command.ts';

export { censusCommands, type CensusQuestion, censusQuestions } from './census.ts';
export * from './commands.ts';
export * from './disruption.ts';
export { ipvsadmDaemons, keepalivedLog, keepalivedTest } from './high-availability.ts';
export * from './packet-filter.ts';
export { type PoolAddress, poolAddresses, poolCommands } from './source-pool.ts';
export type { RootCommand } from './root-command.ts';
export { sudoersCommands, sudoersFile, sudoersRule, type SudoersFile } from './sudoers.ts';

/** By what it is settled what ipvet runs as root on a host. */
export interface RootScope {
  readonly role: HostRole;
  readonly managedBy: Cluster['rules']['managedBy'];
  /** What is for this host alone, by the cluster file. */
  readonly own?: readonly RootCommand[];
}

export function rootScope(
  cluster: Pick<Cluster, 'rules' | 'virtualServices' | 'directors'>,
  host: ClusterHost,
): RootScope {
  return {
    role: host.role,
    managedBy: cluster.rules.managedBy,
    own: [
      ...pairCommands(cluster, host),
      ...censusCommands(cluster, host),
      ...poolCommands(host),
      ...silenceCommands(cluster, host),
      ...linkCommands(cluster, host),
    ],
  };
}

/** All that is the same on every host of a role, by tier in rising order; `user` is who ipvet logs in as. */
export function rootCommands(
  cluster: Pick<Cluster, 'rules'>,
  { user }: { readonly user: string },
): readonly RootCommand[] {
  return byTier([...commandsBy[cluster.rules.managedBy], guardCommand(user)]);
}

/** What ipvet may come to run as root on a host; without a user the guard's words lack him. */
export function rootCommandsOf({ role, managedBy, own = [] }: RootScope, user = ''): readonly RootCommand[] {
  const ofRole = rootCommands({ rules: { managedBy } }, { user }).filter(({ roles }) => roles.includes(role));
  return byTier([...ofRole, ...own]);
}

function byTier(commands: readonly RootCommand[]): readonly RootCommand[] {
  return tiers.flatMap((tier) => commands.filter((command) => command.tier === tier));
}

/**
 * What `ipvet fix` needs besides, on a host of that role: never part of the rules that are printed without being asked
 * for, since it is as much as root. The guard is started there too.
 */
export function fixCommandsOf(role: HostRole, user: string): readonly RootCommand[] {
  const guard = guardCommand(user);
  const unguarded = guard.roles.includes(role) ? [] : [{ ...guard, roles: [role] }];
  return [...unguarded, ...[runFix, runFixUndo].filter(({ roles }) => roles.includes(role))];
}

/** Whether every tier up to `most` includes it: who may change may also send load and read. */
export function withinTier({ tier }: RootCommand, most: Tier): boolean {
  return tiers.indexOf(tier) <= tiers.indexOf(most);
}

const everyCommand = [...new Set(Object.values(commandsBy).flat())];

/** Whether these words, run as root for `user`, are a registered command, or one of the host's own. */
export function isRootCommand(argv: readonly string[], user: string, own: readonly RootCommand[] = []): boolean {
  return [...everyCommand, guardCommand(user), runFix, runFixUndo, ...own].some((command) =>
    sameWords(command.argv, argv),
  );
}

function sameWords(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index]);
}
