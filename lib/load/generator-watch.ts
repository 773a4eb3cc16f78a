/** Watches whoever makes load: was the generator itself the limit? */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GeneratorFigures } from '../model/load-result.ts';
import { rounded } from './tally.ts';

const resolutionMs = 10;

type ThreadFigures = NonNullable<GeneratorFigures['threads']>[number];

/** The whole process, from one thread of it. */
export class GeneratorWatch {
  readonly #cpuAtStart = process.cpuUsage();
  readonly #startedMs = performance.now();
  readonly #thread = new ThreadWatch();

  /** CPU as a share of one core, and how late a timer of the present thread fired at the 99th percentile. */
  stop(): Pick<GeneratorFigures, 'cpuShare' | 'eventLoopDelayP99Ms'> {
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    const elapsedMs = Math.max(1, performance.now() - this.#startedMs);
    const { eventLoopDelayP99Ms } = this.#thread.stop();
    return { cpuShare: rounded((user + system) / 1000 / elapsedMs), eventLoopDelayP99Ms };
  }
}

/** The thread that makes it. */
export class ThreadWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #cpuAtStartMs = threadCpuMs();
  readonly #startedMs = performance.now();

  constructor() {
    this.#delay.enable();
  }

  stop(): ThreadFigures {
    this.#delay.disable();
    const elapsedMs = Math.max(1, performance.now() - this.#startedMs);
    // The histogram holds the whole interval between two ticks, and NaN or nothing when the run was shorter than one.
    const p99Ms = this.#delay.percentile(99) / 1e6 - resolutionMs;
    return {
      cpuShare: rounded((threadCpuMs() - this.#cpuAtStartMs) / elapsedMs),
      eventLoopDelayP99Ms: Number.isFinite(p99Ms) ? Math.max(0, rounded(p99Ms)) : 0,
    };
  }
}

/** On Linux of this thread alone: a synchronous read is made by the thread that asks. Elsewhere of the whole process. */
function threadCpuMs(): number {
  try {
    // proc(5): time on the CPU in ns, time waiting for it, slices.
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}
