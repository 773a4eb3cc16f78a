/** A running program, over ssh or on this machine, and the two ways to use one: run it to its end, or talk with it. */
import type { Readable, Writable } from 'node:stream';
import { IpvetError } from '../errors.ts';
import { onAbort } from './abort.ts';
import type { ExecOptions, ExecResult, RemoteProcess } from './host.ts';

export interface Ending {
  readonly exitCode: number | null;
  readonly signal?: string;
  /** Why nothing is known of the end. */
  readonly lost?: IpvetError;
}

export interface Program {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** performance.now() when the program was asked for. */
  readonly requestedAtMs: number;
  /** Settles when the program has ended and both streams are drained, or when it is lost; never rejects. */
  readonly ended: Promise<Ending>;
  /** Asks the program to end, and lets go of it: `ended` settles soon after, whatever it does. Idempotent. */
  kill(): void;
}

export const defaultTimeoutMs = 30_000;
export const defaultMaxBytes = 4 * 1024 * 1024;

/** Up to `maxBytes` of a stream; the rest is counted as lost, not kept. */
class Capture {
  readonly #pieces: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;
  truncated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(piece: Buffer): void {
    const room = this.#maxBytes - this.#bytes;
    if (piece.length > room) this.truncated = true;
    if (room <= 0) return;
    // A copy: a slice would keep the whole network buffer alive.
    const kept = Buffer.from(piece.subarray(0, room));
    this.#pieces.push(kept);
    this.#bytes += kept.length;
  }

  text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}

export interface RunContext {
  /** Host as the cluster file calls it. */
  readonly host: string;
  readonly argv: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Runs it to its end whatever the exit code. Throws EXEC_TIMEOUT and ABORTED (the program is asked to end, and not
 * waited for), SSH_CLOSED.
 */
export async function runToEnd(program: Program, context: RunContext, options: ExecOptions): Promise<ExecResult> {
  const stdout = new Capture(options.maxBytes ?? defaultMaxBytes);
  const stderr = new Capture(options.maxBytes ?? defaultMaxBytes);
  const { onStdout } = options;
  program.stdout.on('data', (piece: Buffer) => {
    stdout.push(piece);
    onStdout?.(piece, performance.now());
  });
  program.stderr.on('data', (piece: Buffer) => {
    stderr.push(piece);
  });
  program.stdin.end(options.stdin ?? '');

  const ending = await before(program, context, options.timeoutMs ?? defaultTimeoutMs, () => lastLine(stderr.text()));
  if (ending.lost !== undefined) throw ending.lost;
  return {
    argv: context.argv,
    exitCode: ending.exitCode,
    ...(ending.signal === undefined ? {} : { signal: ending.signal }),
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated || stderr.truncated,
    durationMs: performance.now() - program.requestedAtMs,
    requestedAtMs: program.requestedAtMs,
  };
}

async function before(
  program: Program,
  { host, argv, signal }: RunContext,
  timeoutMs: number,
  said: () => string,
): Promise<Ending> {
  const what = nameOf(argv);
  return new Promise<Ending>((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      disarm();
    };
    const give = (error: IpvetError) => {
      settle();
      program.kill();
      reject(error);
    };
    const abort = () => {
      give(new IpvetError('ABORTED', `${host}: ${what} was interrupted.`, { host, cause: signal.reason }));
    };
    const timer = setTimeout(() => {
      const words = said();
      give(
        new IpvetError('EXEC_TIMEOUT', `${host}: ${what} did not end within ${timeoutMs / 1000} s.`, {
          host,
          hint: `Run it there by hand to see what it waits for${words === '' ? '' : ` (it had said: ${words})`}, or allow more time.`,
        }),
      );
    }, timeoutMs);
    const disarm = onAbort(signal, abort);
    if (signal.aborted) abort();
    void program.ended.then((ending) => {
      settle();
      resolve(ending);
    });
  });
}

/** A short name for messages: the program and its first words. */
export function nameOf(argv: readonly string[]): string {
  const text = argv.slice(0, 3).join(' ').split('\n', 1)[0] ?? '';
  return text.length > 60 ? `${text.slice(0, 57)}...` : argv.length > 3 ? `${text} ...` : text;
}

/** The last line that says something. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

const maxLineBytes = 1 << 20;
/** Bytes of lines nobody has asked for yet, above which the program has to wait. */
const maxQueuedBytes = 4 << 20;
const keptStderrBytes = 64 * 1024;
const graceMs = 500;

interface Line {
  readonly text: string;
  readonly atMs: number;
}

/** The program as a conversation, by lines. */
export function converse(program: Program, signal: AbortSignal): RemoteProcess {
  const lines = new LineQueue(program.stdout);
  const stderr = new Capture(keptStderrBytes);
  program.stderr.on('data', (piece: Buffer) => {
    stderr.push(piece);
  });
  const abort = () => {
    program.kill();
    lines.discard();
  };
  const disarm = onAbort(signal, abort);
  if (signal.aborted) abort();
  const ended = program.ended.then(({ exitCode, lost }) => {
    disarm();
    lines.end();
    return { exitCode, stderr: stderr.text(), lost: lost !== undefined };
  });

  const close = async (): Promise<void> => {
    lines.discard();
    program.stdin.end();
    const timer = setTimeout(() => {
      program.kill();
    }, graceMs);
    await ended;
    clearTimeout(timer);
  };
  let closing: Promise<void> | undefined;
  return {
    lines,
    ended,
    write(text) {
      if (program.stdin.writable) program.stdin.write(text);
    },
    close: () => (closing ??= close()),
  };
}

class LineQueue implements AsyncIterable<Line> {
  readonly #stdout: Readable;
  readonly #queue: Line[] = [];
  #queuedBytes = 0;
  #pieces: Buffer[] = [];
  #pendingBytes = 0;
  #ended = false;
  #discarding = false;
  #wake: (() => void) | undefined;

  constructor(stdout: Readable) {
    this.#stdout = stdout;
    stdout.on('data', (piece: Buffer) => {
      this.#take(piece);
    });
  }

  /** Nobody wants the rest: it is read and dropped. */
  discard(): void {
    this.#discarding = true;
    this.#pieces = [];
    this.#stdout.resume();
  }

  end(): void {
    if (this.#pendingBytes > 0 && !this.#discarding) this.#push(performance.now());
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Line, void, undefined> {
    for (;;) {
      const line = this.#queue.shift();
      if (line !== undefined) {
        this.#queuedBytes -= line.text.length + 1;
        if (this.#queuedBytes < maxQueuedBytes / 2 && this.#stdout.isPaused()) this.#stdout.resume();
        yield line;
      } else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  #take(piece: Buffer): void {
    if (this.#discarding) return;
    const atMs = performance.now();
    let from = 0;
    for (let to = piece.indexOf(10); to !== -1; to = piece.indexOf(10, from)) {
      this.#keep(piece.subarray(from, to));
      this.#push(atMs);
      from = to + 1;
    }
    if (from < piece.length) this.#keep(Buffer.from(piece.subarray(from)));
    if (this.#queuedBytes > maxQueuedBytes) this.#stdout.pause();
    this.#wake?.();
  }

  #keep(part: Buffer): void {
    const kept = part.subarray(0, Math.max(0, maxLineBytes - this.#pendingBytes));
    this.#pieces.push(kept);
    this.#pendingBytes += kept.length;
  }

  #push(atMs: number): void {
    const text = Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#pendingBytes = 0;
    this.#queue.push({ text, atMs });
    this.#queuedBytes += text.length + 1;
  }
}
