/** A program that is run as root on a host: what sudo has to allow, word for word, and nothing more. */
import type { HostRole } from '../model/cluster.ts';
import type { Tier } from '../model/tier.ts';

export interface RootCommand {
  /** Exactly as given to sudo; what differs from run to run travels on standard input. */
  readonly argv: readonly string[];
  readonly tier: Tier;
  readonly roles: readonly HostRole[];
  /** Address of the one host it is for; absent is every host of its roles. */
  readonly only?: string;
  /** One clause: what the run does with it. */
  readonly why: string;
  /** Where a run does without: what is then lost, one clause. */
  readonly optional?: string;
  /** Roles that do without it though others cannot. */
  readonly optionalOn?: readonly HostRole[];
  /** What whoever holds the rule could do with it beyond that, where it is more than it looks; one sentence. */
  readonly caution?: string;
}
