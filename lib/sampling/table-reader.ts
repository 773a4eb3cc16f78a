/** The program on the director as a conversation: each request is one reading of the cheap files, or of the table too. */
import { IpvetError } from '../errors.ts';
import type { VirtualService } from '../model/cluster.ts';
import { endsBlock, parseTableBlock, type TableBlock } from '../parse/table-sample.ts';
import type { Host, RemoteProcess } from '../ssh/host.ts';
import { samplerArgv } from './program.ts';

/** Longest wait for the program to say that it runs, and for an answer: it gives up a reading after 2 s by itself. */
const startLimitMs = 15_000;
const answerLimitMs = 8000;
/** More lines than services, destinations and states can give. */
const blockLimit = 200_000;

export interface TableReading extends TableBlock {
  /** performance.now() when it was asked for, and when the last line of it came. */
  readonly requestedAtMs: number;
  readonly atMs: number;
  /** CPU time of the director since the reading before. */
  readonly costMs: number;
}

type Lines = AsyncIterator<{ readonly text: string; readonly atMs: number }>;

export class TableReader {
  readonly #process: RemoteProcess;
  readonly #lines: Lines;
  readonly #host: string;
  readonly #hello: TableBlock;
  #cpuMs: number;
  #silent = false;

  private constructor(process: RemoteProcess, lines: Lines, host: string, hello: TableBlock) {
    this.#process = process;
    this.#lines = lines;
    this.#host = host;
    this.#hello = hello;
    this.#cpuMs = hello.cpuMs;
  }

  /** Throws what `Host.spawn` throws, EXEC_TIMEOUT, and EXEC_FAILED with what the program said. */
  static async open(
    host: Host,
    services: readonly VirtualService[],
    proc: string,
    signal: AbortSignal,
  ): Promise<TableReader> {
    const { name } = host.declaration;
    const process = await host.spawn(samplerArgv(services, proc), { signal });
    const lines = process.lines[Symbol.asyncIterator]();
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      void process.close();
    }, startLimitMs);
    const hello = await nextBlock(lines);
    clearTimeout(timer);
    if (hello !== undefined) return new TableReader(process, lines, name, hello);
    void process.close();
    if (signal.aborted) throw new IpvetError('ABORTED', `sampling on ${name} was interrupted`, { host: name });
    if (late.signal.aborted) {
      throw new IpvetError('EXEC_TIMEOUT', `the sampler did not begin on ${name} within ${startLimitMs / 1000} s`, {
        host: name,
        hint: `See what ${name} is busy with: uptime, vmstat 1`,
      });
    }
    throw new IpvetError('EXEC_FAILED', `the sampler could not run on ${name}: ${await ending(process)}`, {
      host: name,
      hint: 'It needs sh and awk.',
    });
  }

  /** Of the director's kernel as it runs now. */
  get bootId(): string | undefined {
    return this.#hello.bootId;
  }

  /** Undefined when the program has ended or answers no more, for which `ended` gives the reason. Throws ParseError. */
  async read(rows: number): Promise<TableReading | undefined> {
    const requestedAtMs = performance.now();
    this.#process.write(`${rows}\n`);
    const timer = setTimeout(() => {
      this.#silent = true;
      void this.#process.close();
    }, answerLimitMs);
    const block = await nextBlock(this.#lines);
    clearTimeout(timer);
    if (block === undefined) return undefined;
    const costMs = block.cpuMs - this.#cpuMs;
    this.#cpuMs = block.cpuMs;
    return { ...block, requestedAtMs, costMs };
  }

  /** Why there are no more readings, as one clause. */
  async ended(): Promise<string> {
    if (this.#silent) return `${this.#host} did not answer for ${answerLimitMs / 1000} s`;
    return `the sampler on ${this.#host} ended: ${await ending(this.#process)}`;
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

async function nextBlock(lines: Lines): Promise<(TableBlock & { readonly atMs: number }) | undefined> {
  const block: string[] = [];
  for (;;) {
    const next = await lines.next();
    if (next.done === true) return undefined;
    const { text, atMs } = next.value;
    block.push(text);
    if (endsBlock(text) || block.length > blockLimit) return { ...parseTableBlock(block), atMs };
  }
}

async function ending(process: RemoteProcess): Promise<string> {
  const { exitCode, stderr, lost } = await process.ended;
  if (lost) return 'connection lost';
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return said === '' ? `exit code ${exitCode ?? 'unknown'}` : said;
}
