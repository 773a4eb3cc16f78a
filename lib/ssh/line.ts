/** What is started on a host for a program: its words with what sudo and a network namespace put before them. Pure. */
import type { ClusterHost, SshDefaults } from '../model/cluster.ts';
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

/** Throws PERMISSION where root is needed and cannot be had. */
export function lineOf(argv: readonly string[], { declaration, user, become }: Login, asRoot: boolean): Line {
  const { name, netns } = declaration;
  const inside = netns === undefined ? argv : ['ip', 'netns', 'exec', netns, ...argv];
  // Entering a namespace needs root by itself; what runs in it is then root too.
  if (!asRoot && netns === undefined) return { argv: inside, user, sudo: false };
  const privilege: Privilege = user === 'root' ? 'root' : become;
  return { argv: asRootArgv(inside, privilege, name, user), user: 'root', sudo: privilege === 'sudo' };
}
