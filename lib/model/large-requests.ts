/** What a few large requests show. Pure. */
import type { LargeRequests, Probe } from './ends.ts';

/** Those whose connection was made, and that were never answered. A server may well refuse them: that is an answer. */
export function hungIn({ probes }: LargeRequests): readonly Probe[] {
  return probes.filter(({ outcome }) => outcome === 'response-timeout');
}
