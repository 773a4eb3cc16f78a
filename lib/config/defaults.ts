import type { CapacitySearch, LoadProfile } from '../model/cluster.ts';

/** Profile that is there without being declared; what a declared profile leaves out is taken from it. */
export const smoke = {
  name: 'smoke',
  mode: 'ab',
  requests: 2000,
  concurrency: 50,
  timeoutMs: 5000,
  abortAfterFailures: 50,
} as const satisfies LoadProfile;

/** Connections an open loop may have at once when its profile does not say. */
export const mostOpenByDefault = 10_000;

/** The first failure of three requests is a third of all: nothing is ended for it. */
export const delayAbortS = 2;

export const capacitySearch = {
  startRps: 50,
  ceilingRps: 10_000,
  stepMs: 5000,
  errorsRate: 0,
  lateRate: 0.01,
  latencyMs: 1000,
} as const satisfies CapacitySearch;

/** One second of a dead service should not fill the report, and one batch of failures should not end the load. */
export function abortAfterFailures(concurrency: number): number {
  return Math.max(20, concurrency);
}
