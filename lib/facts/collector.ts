/** What a collector is, and what it is given back. */
import type { HostFactName, HostFacts, MissingReason } from '../model/facts.ts';
import { ParseError } from '../parse/parse-error.ts';
import type { IpAnswer, IpQuestion } from './ip-questions.ts';
import type { FactQuestions } from './questions.ts';

/** One fact: how to ask a host for it, and how to read the answer. */
export interface Collector<N extends HostFactName = HostFactName> {
  readonly fact: N;
  /**
   * Whether its script runs programs as root; the fact is missing for `permission` where one of them is refused, but
   * not with `if-allowed`, which does without.
   */
  readonly needsRoot: boolean | 'if-allowed';
  /** Program whose absence (exit code 127) makes the fact missing, and the packages that hold it. */
  readonly tool?: { readonly name: string; readonly packages: string };
  /** Files to read, as shell patterns with `*` at most; those of all collectors are read by one process. */
  readonly files?: (questions: FactQuestions) => readonly string[];
  /** What ip(8) is asked; the questions of all collectors go to one process. */
  readonly ip?: (questions: FactQuestions) => readonly IpQuestion[];
  /** What an operator would type to see the same. */
  readonly command: (questions: FactQuestions) => string;
  /**
   * POSIX sh lines, run in the collecting shell itself: they must not exit, and start as few processes as they can.
   * Run as the login user. Given: `root COMMAND…` runs as root (write it with `asRoot`), `$U` is the user id, `$H` the home,
   * `has NAME` tells whether a program is there, `absent NAME` ends with 127 as an absent one does, `bounded SECONDS COMMAND…` ends it after that long where timeout(1)
   * exists, `$I` is what ip answered. Empty when files or ip say it all. What `beside` printed is on `descriptor`.
   */
  readonly script: (questions: FactQuestions, descriptor: number) => string;
  /**
   * Lines that run next to all scripts, from before the first of them, for what takes its time whatever the host does.
   * What they print on either stream waits for the collector's own script to read it.
   */
  readonly beside?: (questions: FactQuestions) => string;
  /** Throws ParseError for text that makes no sense, Unanswered when the host gave no answer. */
  readonly parse: (section: Section, questions: FactQuestions) => HostFacts[N];
  /** Its text holds more than the fact needs and nobody should pass on: only the fact is kept to be judged again. */
  readonly confidential?: true;
  /** The part of the section worth keeping as evidence. Default: its files, then both streams. */
  readonly show?: (section: Section) => string;
}

/** What came back for one collector. */
export interface Section {
  readonly host: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** By the words of the collector's own questions; one that was cut off has no answer. */
  readonly ip: ReadonlyMap<string, IpAnswer>;
  /** Files of the collector's own patterns that could be read. */
  readonly files: Files;
  /** Files of those patterns that could not be read, and patterns in a folder that could not be listed. */
  readonly unreadable: readonly string[];
  /** Names of those patterns that are no regular file, such as a link to /dev/null. */
  readonly irregular: readonly string[];
  /** Host clock in s since 1970 as read first thing, with where on this machine's clock that must lie. */
  readonly clock: ClockBracket | undefined;
  /** `ulimit -n` of the login user. */
  readonly openFiles: string | undefined;
  /** Whether the script itself ran as root. */
  readonly level: 'root' | 'unprivileged';
  /** What sudo said when it would not even list what it allows. */
  readonly sudoMessage: string | undefined;
  /** What it listed. */
  readonly sudoListing: string;
  /** Which of the programs ipvet runs as root the host has. */
  readonly rootPrograms: readonly string[];
  readonly user: string;
}

/** Path → text, in the order read. */
export type Files = ReadonlyMap<string, string>;

/** A reading of the host's clock, and this machine's time in ms since 1970 before and after it. */
export interface ClockBracket {
  readonly text: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** The host answered, and its answer is that the fact cannot be had. Never leaves lib/facts. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly reason: MissingReason;
  readonly hint: string | undefined;

  constructor(reason: MissingReason, message: string, hint?: string) {
    super(message);
    this.reason = reason;
    this.hint = hint;
  }
}

/** Throws Unanswered, with what the command said, unless it succeeded. */
export function requireSuccess(section: Section, what: string): void {
  if (section.exitCode === 0) return;
  const said = firstLine(section.stderr) ?? firstLine(section.stdout) ?? `exit code ${section.exitCode}`;
  throw new Unanswered('command-failed', `${section.host}: ${what} failed: ${said}`);
}

export function firstLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');
}

/** What ip said to a question, refusals included. Throws Unanswered where it was cut off, ParseError where it is unclear. */
export function answerTo({ host, ip }: Section, words: string): IpAnswer {
  const answer = ip.get(words);
  if (answer === undefined) throw new Unanswered('unparsable', `${host}: the answer to ip ${words} was cut off`);
  if (answer.kind !== 'unclear') return answer;
  if (answer.output.startsWith('[')) throw new ParseError(`ip -j ${words}`, answer.output);
  throw new Unanswered(
    'command-failed',
    `${host}: ip ${words} failed: ${firstLine(answer.output) ?? 'it said nothing'}`,
  );
}

/** An answer, in JSON or in lines; Unanswered where ip refused. */
export function requireAnswer(section: Section, words: string): IpAnswer {
  const answer = answerTo(section, words);
  if (answer.kind !== 'refused') return answer;
  throw new Unanswered('command-failed', `${section.host}: ip ${words} failed: ${firstLine(answer.output) ?? ''}`);
}

/** The text of a file that the fact cannot do without. */
export function requireFile(section: Section, path: string): string {
  const text = section.files.get(path);
  if (text !== undefined) return text;
  const refused = section.unreadable.includes(path);
  throw new Unanswered(
    refused ? 'permission' : 'unsupported',
    `${section.host}: ${path} ${refused ? 'cannot be read' : 'does not exist'}`,
  );
}

/** Whole number in decimal. Throws ParseError. */
export function wholeNumber(text: string, source: string): number {
  const trimmed = text.trim();
  if (!/^\d{1,15}$/.test(trimmed)) throw new ParseError(source, text);
  return Number(trimmed);
}
