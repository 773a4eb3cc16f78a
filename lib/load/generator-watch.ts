import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoadResult } from '../model/observations.ts';

const resolutionMs = 10;

/** Watches this process while it makes load: was the generator itself the limit? */
export class GeneratorWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #cpuAtStart = process.cpuUsage();
  readonly #startedMs = performance.now();

  constructor() {
    this.#delay.enable();
  }

  /** CPU as a share of one core, and how late a timer fired at the 99th percentile. */
  stop(): LoadResult['generator'] {
    this.#delay.disable();
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    const elapsedMs = Math.max(1, performance.now() - this.#startedMs);
    // The histogram holds the whole interval between two ticks, and NaN or nothing when the run was shorter than one.
    const p99Ms = this.#delay.percentile(99) / 1e6 - resolutionMs;
    return {
      cpuShare: Math.round(((user + system) / 1000 / elapsedMs) * 1000) / 1000,
      eventLoopDelayP99Ms: Number.isFinite(p99Ms) ? Math.max(0, Math.round(p99Ms * 1000) / 1000) : 0,
    };
  }
}
