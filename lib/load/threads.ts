/** Runs the loops of a load: one of them here, several in threads of their own. */
import { Worker } from 'node:worker_threads';
import { IpvetError } from '../errors.ts';
import type { GeneratorFigures } from '../model/load-result.ts';
import { threadCode } from '../own-files.ts';
import type { Board } from './board.ts';
import { ThreadWatch } from './generator-watch.ts';
import { clockMs, Loop, type LoopPart, type LoopPlan } from './loop.ts';
import type { PortBook } from './port-book.ts';

export interface ThreadData {
  readonly options: LoopPlan;
  readonly board: SharedArrayBuffer;
  readonly ports: SharedArrayBuffer;
}

export interface ThreadPart {
  readonly part: LoopPart;
  readonly figures: NonNullable<GeneratorFigures['threads']>[number];
}

/** In a thread that has other things to do, a wait must be short. */
const waitHereMs = 1;
const waitAloneMs = 20;

type Shared = Omit<LoopPlan, 'thread' | 'of' | 'requests' | 'concurrency' | 'waitMs'>;

/** `began` is called with when the load begins, on this thread's `performance.now`. Rejects with LOAD when a thread broke. */
export async function runLoops(
  shared: Shared,
  threads: number,
  { board, ports, began }: { board: Board; ports: PortBook; began: (atMs: number) => void },
): Promise<readonly ThreadPart[]> {
  const { requests, concurrency } = shared.plan.profile;
  const options = Array.from({ length: threads }, (_, thread): LoopPlan => ({
    ...shared,
    thread,
    of: threads,
    requests: shareOf(requests, thread, threads),
    concurrency: shareOf(concurrency, thread, threads),
    waitMs: threads === 1 ? waitHereMs : waitAloneMs,
  }));
  const [only] = options;
  if (threads === 1 && only !== undefined) {
    const watch = new ThreadWatch();
    began(performance.now());
    const part = await new Loop(only, board, ports, clockMs()).run();
    return [{ part, figures: watch.stop() }];
  }
  const workers = options.map((each) => new LoopWorker({ options: each, board: board.shared, ports: ports.shared }));
  try {
    await Promise.all(workers.map((worker) => worker.ready));
    began(performance.now());
    const startAtMs = clockMs();
    for (const worker of workers) worker.start(startAtMs);
    return await Promise.all(workers.map((worker) => worker.part));
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

function shareOf(whole: number, thread: number, threads: number): number {
  return Math.floor(whole / threads) + (thread < whole % threads ? 1 : 0);
}

/** One thread: its code is read first, then all begin together. */
class LoopWorker {
  readonly #worker: Worker;
  readonly ready: Promise<void>;
  readonly part: Promise<ThreadPart>;

  constructor(workerData: ThreadData) {
    const code = threadCode('lib/load/thread');
    this.#worker =
      typeof code === 'string' ? new Worker(code, { workerData, eval: true }) : new Worker(code, { workerData });
    const broken = new Promise<never>((_, reject) => {
      const tell = (cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        reject(new IpvetError('LOAD', `a thread of the load broke: ${why}`, { cause }));
      };
      this.#worker.once('error', tell);
      this.#worker.once('exit', (code) => {
        tell(`it ended with code ${code}`);
      });
    });
    const said = (isPart: boolean) =>
      new Promise<ThreadPart>((resolve) => {
        this.#worker.on('message', (message: ThreadPart | 'ready') => {
          if ((message !== 'ready') === isPart) resolve(message as ThreadPart);
        });
      });
    this.ready = Promise.race([said(false).then(() => undefined), broken]);
    this.part = Promise.race([said(true), broken]);
    // Whoever waits for one of the two is told; the other must not count as unheard.
    this.ready.catch(() => undefined);
    this.part.catch(() => undefined);
  }

  start(startAtMs: number): void {
    this.#worker.postMessage(startAtMs);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
