/** Pace of the probes, and of what is waited for; ms. */
import { asIpvetError } from '../../errors.ts';

export const pace = {
  interval: 10,
  probeTimeout: 900,
  kept: 8,
  keptInterval: 250,
  /** Before anything is done: all probes must be answered. */
  baseline: 2000,
  /** So long all probes are answered before a drill goes on. */
  calm: 2000,
  /** Longest for the cluster to be stable, and how long it must stay so. */
  stable: 45_000,
  stay: 2000,
  /** Longest for a director to boot and be as it was. */
  boot: 240_000,
  look: 500,
  /** Longest that is waited for the cluster to notice, whatever the configuration says. */
  notice: 60_000,
} as const;

/** Ms since 1970. */
export const epoch = (): number => performance.timeOrigin + performance.now();

/** Throws ABORTED. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
  if (signal.aborted) throw asIpvetError(signal.reason, 'ABORTED', 'the drill was interrupted');
}
