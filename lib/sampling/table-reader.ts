/** The program on the director as a conversation: each request is one reading of the table. */
import { IpvetError } from '../errors.ts';
import type { VirtualService } from '../model/cluster.ts';
import { endsBlock, parseTableBlock, type TableBlock } from '../parse/table-sample.ts';
import type { Host, RemoteProcess } from '../ssh/host.ts';
import { samplerArgv } from './program.ts';

/** Longest wait for the program to say that it runs. */
const startLimitMs = 15_000;
/** More lines than destinations times states can give. */
const blockLimit = 100_000;

export interface TableReading extends TableBlock {
  /** performance.now() when it was asked for, and when the last line of it came. */
  readonly requestedAtMs: number;
  readonly atMs: number;
}

type Lines = AsyncIterator<{ readonly text: string; readonly atMs: number }>;

export class TableReader {
  readonly #process: RemoteProcess;
  readonly #lines: Lines;
  readonly #host: string;
  /** CPU of the program before its first reading. */
  readonly startCpuMs: number;

  private constructor(process: RemoteProcess, lines: Lines, host: string, startCpuMs: number) {
    this.#process = process;
    this.#lines = lines;
    this.#host = host;
    this.startCpuMs = startCpuMs;
  }

  /** Throws what `Host.spawn` throws, EXEC_TIMEOUT, and EXEC_FAILED with what the program said. */
  static async open(host: Host, service: VirtualService, table: string, signal: AbortSignal): Promise<TableReader> {
    const { name } = host.declaration;
    const process = await host.spawn(samplerArgv(service, table), { signal });
    const lines = process.lines[Symbol.asyncIterator]();
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      void process.close();
    }, startLimitMs);
    const hello = await nextBlock(lines);
    clearTimeout(timer);
    if (hello !== undefined) return new TableReader(process, lines, name, hello.cpuMs);
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

  /** Undefined when the program has ended, for which `ended` gives the reason. Throws ParseError. */
  async read(): Promise<TableReading | undefined> {
    const requestedAtMs = performance.now();
    this.#process.write('\n');
    const block = await nextBlock(this.#lines);
    return block === undefined ? undefined : { ...block, requestedAtMs };
  }

  /** Why there are no more readings, as one clause. */
  async ended(): Promise<string> {
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
