/** One run of the script on a host, as far as it came. */
import { randomBytes } from 'node:crypto';

import { asIpvetError, IpvetError } from '../errors.ts';
import { sudoRefusal } from '../ssh/become.ts';
import type { ExecResult, Host } from '../ssh/host.ts';
import { parseBecoming } from './becoming-root.ts';
import { type ClockBracket, type Collector, type Files, firstLine } from './collector.ts';
import { type Frame, FrameReader } from './frames.ts';
import { type IpAnswer, ipAnswers } from './ip-questions.ts';
import type { FactQuestions } from './questions.ts';
import { ownSections } from './own-sections.ts';
import { factsArgv, ipQuestionsOf, parseFiles } from './script.ts';

/** Kept of one section of one stream. */
const maxSectionChars = 1 << 20;

export interface RoundTrip {
  /** Sections of standard output whose end was seen. */
  readonly sections: ReadonlyMap<string, Frame>;
  /** Sections of standard error; empty when the program was cut off. */
  readonly errors: ReadonlyMap<string, Frame>;
  /** The section that was running when the program was cut off. */
  readonly unfinished: string | undefined;
  /** By the words of each question. */
  readonly ip: ReadonlyMap<string, IpAnswer>;
  readonly files: Files;
  readonly unreadable: readonly string[];
  readonly irregular: readonly string[];
  /** Who the script ran as. Undefined when it never got as far as telling. */
  readonly level: 'root' | 'unprivileged' | undefined;
  readonly sudoMessage: string | undefined;
  readonly sudoListing: string;
  readonly rootPrograms: readonly string[];
  readonly clock: ClockBracket | undefined;
  /** Why there is no more of it. */
  readonly error: IpvetError | undefined;
}

/** Rejects with ABORTED when the signal fires, and for nothing else. */
export async function roundTrip(
  host: Host,
  collectors: readonly Collector[],
  questions: FactQuestions,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<RoundTrip> {
  const nonce = `@ipvet-${randomBytes(9).toString('hex')}`;
  const stdout = new FrameReader(nonce, maxSectionChars);
  const stderr = new FrameReader(nonce, maxSectionChars);
  const askedAtMs = performance.now();
  let result: ExecResult | undefined;
  let error: IpvetError | undefined;
  try {
    result = await host.exec(factsArgv(collectors, questions), {
      stdin: `${nonce}\n`,
      signal: options.signal,
      timeoutMs: options.timeoutMs,
      exitCodes: 'any',
      onStdout: (piece, atMs) => {
        stdout.push(piece, atMs);
      },
    });
    stderr.push(result.stderr, performance.now());
  } catch (thrown) {
    error = asIpvetError(thrown, 'EXEC_FAILED', `${host.declaration.name}: collecting facts`);
    if (options.signal.aborted || error.code === 'ABORTED') throw asAborted(error, host);
  }
  const complete = completed(stdout.frames());
  const errors = new Map(stderr.frames().map((frame) => [frame.name, frame]));
  const open = stdout.frames().at(-1);
  const unfinished = open?.exitCode === undefined ? open?.name : undefined;
  if (error === undefined && unfinished !== ownSections.end) {
    error = new IpvetError(
      'EXEC_FAILED',
      `${host.declaration.name}: the shell collecting facts ended early (exit code ${result?.exitCode ?? 'unknown'})`,
      { hint: firstLine(result?.stderr ?? '') ?? 'Run `sh -c true` there by hand.', host: host.declaration.name },
    );
  }
  const userId = complete.get(ownSections.root)?.text.trim();
  const become = complete.get(ownSections.become);
  const { listing, programs } = parseBecoming(become?.text ?? '');
  const ip = complete.get(ownSections.ip);
  const said = errors.get(ownSections.become)?.text ?? '';
  return {
    sections: complete,
    errors,
    unfinished,
    ip:
      ip === undefined
        ? new Map()
        : ipAnswers(ip, errors.get(ownSections.ip)?.text ?? '', ipQuestionsOf(collectors, questions)),
    ...parseFiles(complete.get(ownSections.files)?.text ?? ''),
    level: userId === undefined ? undefined : userId === '0' ? 'root' : 'unprivileged',
    // sudo also complains about a host's name before it goes on to do what it was asked for.
    sudoMessage: become?.exitCode === 0 ? undefined : (sudoRefusal(said, host.user) ?? firstLine(said)),
    sudoListing: listing,
    rootPrograms: programs,
    clock: bracketOf(complete.get(ownSections.clock), result?.requestedAtMs ?? askedAtMs),
    error,
  };
}

/** Clock ticks a second in /proc/PID/stat: USER_HZ, 100 on every architecture ipvet meets. */
const ticksPerS = 100;

/**
 * The process that read the clock was made after the request had come in, so the reading lies at least as long after the
 * request as the process was old at the section's begin. Both ages are in steps of 10 ms, cut off.
 */
function bracketOf(frame: Frame | undefined, requestedAtMs: number): ClockBracket | undefined {
  if (frame?.exitCode !== 0) return undefined;
  const [text = '', startTicks = ''] = frame.text.split('\n');
  const ageMs = (frame.openedAtS - Number(startTicks) / ticksPerS) * 1000 - 10;
  const elapsedMs = startTicks !== '' && ageMs > 0 && ageMs < frame.closedAtMs - requestedAtMs ? ageMs : 0;
  const wallMs = Date.now() - performance.now();
  // Date.now() cuts the part below a millisecond off.
  return { text, notBeforeMs: wallMs + requestedAtMs + elapsedMs, notAfterMs: wallMs + 1 + frame.closedAtMs };
}

function completed(frames: readonly Frame[]): ReadonlyMap<string, Frame> {
  return new Map(frames.filter(({ exitCode }) => exitCode !== undefined).map((frame) => [frame.name, frame]));
}

function asAborted(error: IpvetError, host: Host): IpvetError {
  if (error.code === 'ABORTED') return error;
  return new IpvetError('ABORTED', `${host.declaration.name}: collecting facts was interrupted`, { cause: error });
}
