/**
 * The lookup tables of sh, dh and mh (ip_vs_sh.c, ip_vs_dh.c, ip_vs_mh.c), and where a client's address leads in them.
 * Destinations are in the kernel's own order, that of /proc/net/ip_vs.
 */
import { foldedAddress, hash32, hsiphash32, lowBitsHash } from './hash.ts';

export interface HashedDestination {
  readonly name: string;
  readonly weight: number;
  /** At its upper connection threshold: it keeps its slots, and what leads to them goes as if it were quiesced. */
  readonly overloaded?: boolean;
  /** mh hashes them into its table. */
  readonly address: string;
  readonly port: number;
}

/** is_unavailable of ip_vs_sh.c and ip_vs_mh.c, the condition of ip_vs_dh_schedule. */
const takes = ({ weight, overloaded = false }: HashedDestination) => weight > 0 && !overloaded;

/** The client's port counts with `sh-port` and `mh-port` alone; it is 0 otherwise. */
export interface HashKey {
  readonly address: string;
  readonly port: number;
}

export interface HashTable {
  /** Name of the destination, or undefined where the director refuses. */
  readonly lookup: (key: HashKey) => string | undefined;
  /** Shares of keys that are spread evenly; they sum to 1, without what is refused. Empty when all is. */
  readonly shares: Readonly<Record<string, number>>;
}

export interface HashTableOptions {
  /** `sh-fallback`, `mh-fallback`: a key whose destination is quiesced goes to another one. */
  readonly fallback: boolean;
  /** 2^bits slots (CONFIG_IP_VS_SH_TAB_BITS, 8 unless the kernel was built otherwise; dh has always 8). */
  readonly bits?: number;
  /** 'low-bits' before Linux 4.18. */
  readonly hash?: 'hash_32' | 'low-bits';
}

/** Each destination fills as many slots in a row as its weight says, one at least, in turn until the table is full. */
export function sourceHashTable(destinations: readonly HashedDestination[], options: HashTableOptions): HashTable {
  return slotTable(destinations, options, (weight) => Math.max(1, weight));
}

/** One slot each, in turn; the key is the VIP. */
export function destinationHashTable(
  destinations: readonly HashedDestination[],
  options: Pick<HashTableOptions, 'hash'>,
): HashTable {
  return slotTable(destinations, { ...options, fallback: false }, () => 1);
}

function slotTable(
  destinations: readonly HashedDestination[],
  { fallback, bits = 8, hash = 'hash_32' }: HashTableOptions,
  run: (weight: number) => number,
): HashTable {
  const size = 2 ** bits;
  const slots: HashedDestination[] = [];
  while (destinations.length > 0 && slots.length < size) {
    for (const one of destinations) {
      const room = Math.min(run(one.weight), size - slots.length);
      for (let filled = 0; filled < room; filled++) slots.push(one);
    }
  }
  const at = (slot: number): string | undefined => {
    const first = slots[slot];
    if (first === undefined) return undefined;
    if (takes(first)) return first.name;
    if (!fallback) return undefined;
    // The kernel adds the slot to each offset, and the hash to both: it starts at twice the slot.
    for (let offset = 0; offset < size; offset++) {
      const next = slots[(2 * slot + offset) % size];
      if (next !== undefined && takes(next)) return next.name;
    }
    return undefined;
  };
  const hashed = hash === 'hash_32' ? hash32 : lowBitsHash;
  return {
    lookup: ({ address, port }) => at(hashed((foldedAddress(address) + port) >>> 0, bits)),
    shares: sharesOf(Array.from({ length: slots.length }, (_, slot) => at(slot))),
  };
}

/** Sizes of mh's table by CONFIG_IP_VS_MH_TAB_INDEX, 8 to 17; 12 unless the kernel was built otherwise. */
const primes: readonly number[] = [251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071];
const firstIndex = 8;
export const maglevIndexes: readonly number[] = primes.map((_, index) => index + firstIndex);
const defaultIndex = 12;
/** Fixed, and not drawn at boot: directors are to agree. */
const firstKey = [2654435761n, 2654435761n] as const;
const secondKey = [2654446892n, 2654446892n] as const;

/**
 * Destinations take the slots of their own preference in turn, each as often in a row as its weight says (Maglev, NSDI
 * 2016, 3.4). A quiesced destination keeps the slots of its last weight, which is not known here: 1 is taken for it.
 */
export function maglevTable(
  destinations: readonly HashedDestination[],
  { fallback, index = defaultIndex }: { readonly fallback: boolean; readonly index?: number },
): HashTable {
  const size = primes[index - firstIndex] ?? 0;
  const weights = destinations.map(({ weight }) => Math.max(1, weight));
  const divisor = weights.reduce((a, b) => greatestCommonDivisor(a, b), 0);
  const highest = Math.max(0, ...weights) / divisor;
  // Weights of more bits than half the index are cut to that many.
  const shift = Math.max(0, 32 - Math.clz32(highest) - Math.floor(index / 2));
  const setups = destinations.map((one, position) => {
    const value = (foldedAddress(one.address) + one.port) >>> 0;
    return {
      one,
      next: hsiphash32(value, firstKey) % size,
      skip: (hsiphash32(value, secondKey) % (size - 1)) + 1,
      turns: Math.max(1, Math.floor((weights[position] ?? 0) / divisor) >> shift),
    };
  });
  const slots = Array<HashedDestination | undefined>(size).fill(undefined);
  for (let filled = 0; setups.length > 0 && filled < size;) {
    for (const setup of setups) {
      for (let turn = 0; turn < setup.turns && filled < size; turn++, filled++) {
        while (slots[setup.next] !== undefined) setup.next = (setup.next + setup.skip) % size;
        slots[setup.next] = setup.one;
      }
    }
  }
  const lookup = ({ address, port }: HashKey): string | undefined => {
    const value = foldedAddress(address) + port;
    const slot = hsiphash32(value >>> 0, firstKey) % size;
    const first = slots[slot];
    if (first === undefined || takes(first)) return first?.name;
    if (!fallback) return undefined;
    for (let offset = 0; offset < size; offset++) {
      const next = slots[hsiphash32((value + ((offset + slot) % size)) >>> 0, firstKey) % size];
      if (next !== undefined && takes(next)) return next.name;
    }
    return undefined;
  };
  return { lookup, shares: sharesOf(slots.map((one) => (one !== undefined && takes(one) ? one.name : undefined))) };
}

function sharesOf(slots: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const taken = slots.filter((name) => name !== undefined);
  const counts = new Map<string, number>();
  for (const name of taken) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].map(([name, count]) => [name, count / taken.length]));
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
