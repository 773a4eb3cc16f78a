/** What ipvet runs as root, where, and why: `ipvet doctor sudoers` prints it, lib/ssh runs nothing else as root. */
import type { Cluster, HostRole } from '../model/cluster.ts';
import { type Tier, tiers } from '../model/tier.ts';
import { commandsBy, guardCommand } from './commands.ts';
import type { RootCommand } from './root-command.ts';

export * from './commands.ts';
export type { RootCommand } from './root-command.ts';
export { sudoersCommands, sudoersFile, sudoersRule, type SudoersFile } from './sudoers.ts';

/** All of it for a cluster, by tier in rising order; `user` is who ipvet logs in as. */
export function rootCommands(
  cluster: Pick<Cluster, 'rules'>,
  { user }: { readonly user: string },
): readonly RootCommand[] {
  const commands = [...commandsBy[cluster.rules.managedBy], guardCommand(user)];
  return tiers.flatMap((tier) => commands.filter((command) => command.tier === tier));
}

/** What ipvet may come to run as root on a host of that role; without a user the guard's words lack him. */
export function rootCommandsOf(
  where: { readonly role: HostRole; readonly managedBy: Cluster['rules']['managedBy'] },
  user = '',
): readonly RootCommand[] {
  const { role, managedBy } = where;
  return rootCommands({ rules: { managedBy } }, { user }).filter(({ roles }) => roles.includes(role));
}

/** Whether every tier up to `most` includes it: who may change may also send load and read. */
export function withinTier({ tier }: RootCommand, most: Tier): boolean {
  return tiers.indexOf(tier) <= tiers.indexOf(most);
}

const everyCommand = [...new Set(Object.values(commandsBy).flat())];

/** Whether these words, run as root for `user`, are a registered command. */
export function isRootCommand(argv: readonly string[], user: string): boolean {
  return [...everyCommand, guardCommand(user)].some((command) => sameWords(command.argv, argv));
}

function sameWords(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index]);
}
