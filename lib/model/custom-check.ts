/** Checks of the operator's own: declared in the cluster file, or made in a folder it names. */
import type { Severity, Stage } from './check.ts';
import type { Evidence } from './evidence.ts';
import { shellWord } from './shell-word.ts';

/** A command of the operator's own, run on a host as the login user. It must only look. */
export interface HostCommand {
  /** The program and its arguments; a line of sh is `['sh', '-c', LINE]`. */
  readonly argv: readonly string[];
  readonly timeoutMs: number;
}

/** What a command left; there is none when it did not end by itself. */
export interface CommandAnswer {
  readonly exitCode: number;
  /** Each stream up to `keptBytes`. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whether one of them was longer. */
  readonly cut: boolean;
  readonly evidence: Evidence;
  /**
   * The first match of a regular expression (`m`: `^` and `$` are at every line) with its groups; undefined without one,
   * `too-slow` when the search took longer than a second.
   */
  readonly find: (stream: 'stdout' | 'stderr', pattern: string) => readonly string[] | 'too-slow' | undefined;
}

/** What a command is held against; every part that is there must hold. */
export interface Expectation {
  readonly exit: number;
  /** Regular expressions, as `find` takes them. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** Of the number that is the first group of `stdout`, or else the first one in the standard output. */
  readonly max?: number;
  readonly min?: number;
}

/** As the cluster file declares it, with its defaults. */
export interface CustomCheck {
  /** `custom/NAME` */
  readonly id: string;
  readonly title: string;
  /** Hosts it is judged on, in the order of the cluster file. */
  readonly hosts: readonly string[];
  readonly stage: Exclude<Stage, 'traffic'>;
  readonly severity: Severity;
  readonly command: HostCommand;
  readonly expect: Expectation;
  readonly why?: string;
  readonly remedy?: { readonly summary: string; readonly commands: readonly string[] };
}

/** `minimal`: mandatory checks only. `strict`: recommended checks count as mandatory ones. */
export type CheckProfile = 'minimal' | 'standard' | 'strict';

/** Which checks are planned besides what a run's options say. */
export interface CheckSelection {
  readonly profile: CheckProfile;
  readonly custom: readonly CustomCheck[];
  /** Folder with files of checks. Absolute. */
  readonly suites?: string;
}

/** As an operator types it: a line of sh as it is, words quoted where a shell needs it. */
export function commandText(argv: readonly string[]): string {
  const [program, option, line] = argv;
  if (program === 'sh' && option === '-c' && line !== undefined && argv.length === 3) return line;
  return argv.map(shellWord).join(' ');
}
