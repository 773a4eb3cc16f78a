/** What is started on a host for a program: its words with what sudo and a network namespace put before them. Pure. */
import { IpvetError } from '../errors.ts';
import type { ClusterHost, SshDefaults } from '../model/cluster.ts';
import { poolCommands } from '../privileges/index.ts';
import { asRootArgv, type Privilege } from './become.ts';

export interface Login {
  readonly declaration: ClusterHost;
  /** Login user; on this machine whoever runs ipvet. */
  readonly user: string;
  readonly become: SshDefaults['become'];
}

export interface Line {
  readonly argv: readonly string[];
  /** Whom the program runs as. */
  readonly user: string;
  /** Whether sudo makes it so. */
  readonly sudo: boolean;
}

/** Throws PERMISSION where root is needed and cannot be had, and INTERNAL for what lib/privileges does not know. */
export function lineOf(argv: readonly string[], { declaration, user, become }: Login, asRoot: boolean): Line {
  const { name, netns } = declaration;
  const privilege: Privilege = user === 'root' ? 'root' : become;
  if (netns !== undefined && privilege !== 'root')
    throw new IpvetError('PERMISSION', `${name}: only root may enter the network namespace ${netns}.`, {
      host: name,
      hint: 'Run ipvet itself as root: a rule in sudoers for this would be as much as root.',
    });
  const line = asRoot ? asRootArgv(argv, privilege, name, user, poolCommands(declaration)) : argv;
  if (netns !== undefined) return { argv: ['ip', 'netns', 'exec', netns, ...line], user, sudo: false };
  return { argv: line, user: asRoot ? 'root' : user, sudo: asRoot && privilege === 'sudo' };
}
