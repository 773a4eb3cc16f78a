/** How the kernel's schedulers pick a destination, from what they look at: net/netfilter/ipvs/ip_vs_*.c, Linux 6.1. */
import { greatestCommonDivisor } from './hash-tables.ts';

/** What a scheduler sees of a destination when a connection comes. */
export interface DestinationState {
  readonly weight: number;
  /** In SYN_RECV or ESTABLISHED (ip_vs_proto_tcp.c, tcp_state_active_table). */
  active: number;
  /** Over, and in the table until its timer ends. */
  inactive: number;
  /** At its upper threshold, and not yet below the lower one. */
  overloaded: boolean;
}

/** Index of the destination, or -1 where nothing may take the connection. States are in the kernel's own order. */
export type Pick = (states: readonly DestinationState[]) => number;

const available = ({ weight, overloaded }: DestinationState) => weight > 0 && !overloaded;

/** The next one after `last`, which is -1 at first. */
export function roundRobin(last = -1): Pick {
  let at = last;
  return (states) => {
    for (let step = 1; step <= states.length; step++) {
      const index = (at + step) % states.length;
      const state = states[index];
      if (state !== undefined && available(state)) return (at = index);
    }
    return -1;
  };
}

/** Passes over the destinations, of which the first takes those of the highest weight alone and the last all of them. */
export function weightedRoundRobin(): Pick {
  let at = -1;
  let current = 0;
  return (states) => {
    const weights = states.map(({ weight }) => weight);
    const step = weights.filter((weight) => weight > 0).reduce((a, b) => greatestCommonDivisor(a, b), 0);
    if (step === 0) return -1;
    const highest = Math.max(...weights) - (step - 1);
    if (current <= 0 || current > highest) current = highest;
    const passes = highest / step + 1;
    for (let pass = 0; pass <= passes; pass++) {
      while (++at < states.length) {
        const state = states[at];
        if (state !== undefined && !state.overloaded && state.weight >= current) return at;
      }
      at = -1;
      current -= step;
      if (current <= 0) current = highest;
    }
    return -1;
  };
}

/** Index of the least by `load / weight`, the first of equals. */
function least(
  states: readonly DestinationState[],
  load: (state: DestinationState) => number,
  weighted = true,
): number {
  let best = -1;
  let [bestLoad, bestWeight] = [0, 1];
  for (let index = 0; index < states.length; index++) {
    const state = states[index];
    if (state === undefined || !available(state)) continue;
    const weight = weighted ? state.weight : 1;
    const loaded = load(state);
    if (best === -1 || bestLoad * weight > loaded * bestWeight) [best, bestLoad, bestWeight] = [index, loaded, weight];
  }
  return best;
}

/** ip_vs_dest_conn_overhead of include/net/ip_vs.h. */
const overhead = ({ active, inactive }: DestinationState) => active * 256 + inactive;
const withNext = ({ active }: DestinationState) => active + 1;

export const leastConnection: Pick = (states) => least(states, overhead, false);
export const weightedLeastConnection: Pick = (states) => least(states, overhead);
export const shortestExpectedDelay: Pick = (states) => least(states, withNext);

/** The first idle one, whatever its weight. */
export const neverQueue: Pick = (states) => {
  const idle = states.findIndex((state) => available(state) && state.active === 0);
  return idle === -1 ? shortestExpectedDelay(states) : idle;
};

/** The highest weight, the first of equals. */
export const failover: Pick = (states) => highestOf(states, available);

/** The highest weight of those with no more active connections than their weight. */
export const overflow: Pick = (states) =>
  highestOf(states, (state) => available(state) && state.active <= state.weight);

function highestOf(states: readonly DestinationState[], eligible: (state: DestinationState) => boolean): number {
  let best = -1;
  let highest = 0;
  for (let index = 0; index < states.length; index++) {
    const state = states[index];
    if (state !== undefined && state.weight > highest && eligible(state)) [best, highest] = [index, state.weight];
  }
  return best;
}

/** More active connections than its weight, while another one is at less than half of its own. */
function passedOver(state: DestinationState, states: readonly DestinationState[]): boolean {
  return state.active > state.weight && states.some(({ active, weight }) => active * 2 < weight);
}

/** One VIP is one entry of the cache; `cached` is the destination it has from before, if any. */
export function localityLeastConnection(cached = -1): Pick {
  let entry = cached;
  return (states) => {
    const state = states[entry];
    // A cached one is used past its threshold: ip_vs_lblc.c looks at the weight alone.
    if (state !== undefined && state.weight > 0 && !passedOver(state, states)) return entry;
    const next = weightedLeastConnection(states);
    if (next !== -1) entry = next;
    return next;
  };
}

/** As lblc, with a set that grows; the latest comes first. Its shrinking, a day later, is left out. */
export function replicatedLocality(cached: readonly number[] = []): Pick {
  const set = [...cached];
  return (states) => {
    const members = set.flatMap((index) => states[index] ?? []);
    const member = set[weightedLeastConnection(members)];
    const state = member === undefined ? undefined : states[member];
    if (member !== undefined && state !== undefined && !passedOver(state, states)) return member;
    const next = weightedLeastConnection(states);
    if (next !== -1 && !set.includes(next)) set.unshift(next);
    return next;
  };
}
