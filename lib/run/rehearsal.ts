/**
 * What a run would do, without doing it: every command on every host, word for word, in order. Composed of the same
 * functions that give the run its commands, so that neither can say what the other does not do; test/lab/dry-run.test.ts
 * holds it against what hosts really saw.
 */
import type { LoadMode } from '../model/cluster.ts';
import type { Tier } from '../model/tier.ts';

/** One program started on a host over ssh (or on this machine, for a host that is this machine). */
export interface RehearsedCommand {
  readonly host: string;
  readonly tier: Tier;
  /** Part of the run it belongs to: `facts`, `commands`, `lock`, `rules`, `facts post`, `load SERVICE`, `restore`. */
  readonly stage: string;
  /** Whom the program runs as. */
  readonly user: string;
  /** How it comes to run as root; absent for a login as root and for what needs no root. */
  readonly via?: 'sudo';
  /** As started there: with sudo and its options, and with our scripts whole. */
  readonly argv: readonly string[];
  /** What it does, as one phrase. */
  readonly what: string;
  /** Standard input, where that says what is done. What differs from run to run (ids, times) is not in it. */
  readonly stdin?: string;
  /** When it runs at all; absent: always. */
  readonly condition?: string;
  /** Started at the same time as the one before it on this host: which of them comes first is open. */
  readonly alongside?: true;
  /** What a script of ours runs as root by itself, in order. */
  readonly root?: readonly RehearsedRootCommand[];
  /** What takes the change back; it is one of the commands of stage `restore`, and of the guard should this run die. */
  readonly undo?: string;
}

export interface RehearsedRootCommand {
  readonly argv: readonly string[];
  readonly via?: 'sudo';
  readonly what: string;
  readonly condition?: string;
}

/** Load as it would be sent from this machine. */
export interface RehearsedLoad {
  readonly service: string;
  readonly client: string;
  /** Network namespace of this machine; absent: its own network. */
  readonly netns?: string;
  /** Address it is sent from. */
  readonly source: string;
  readonly url: string;
  readonly requests: number;
  readonly concurrency: number;
  readonly mode: LoadMode;
  readonly timeoutMs: number;
  readonly timeLimitMs?: number;
}

/** What the dry run itself ran, for the plan to rest on. */
export type RehearsalReading = Pick<RehearsedCommand, 'host' | 'user' | 'via' | 'argv' | 'stdin'>;

export interface Rehearsal {
  readonly reads: readonly RehearsalReading[];
  readonly commands: readonly RehearsedCommand[];
  readonly load: readonly RehearsedLoad[];
  /** What could not be told, and why; the real run would meet it too. */
  readonly problems: readonly string[];
}
