/** sh, dh and mh: where each client goes is computed, and held against where it went. */
import {
  destinationHashTable,
  type HashedDestination,
  type HashKey,
  type HashTable,
  maglevIndexes,
  maglevTable,
  sourceHashTable,
} from './hash-tables.ts';
import { judgeByChiSquare } from './goodness.ts';
import {
  type DistributionInput,
  full,
  inKernelOrder,
  type Judged,
  orderKnown,
  perhapsFull,
  points,
  significance,
  type SourceCounts,
  tolerableDeviation,
  untestable,
} from './input.ts';

export const hashes = (scheduler: string): boolean => ['sh', 'dh', 'mh'].includes(scheduler);

/** A table the kernel may have; the first is the one it has unless it was built otherwise. */
interface Candidate {
  /** Made when it is asked for: the larger ones take a while. */
  readonly table: () => HashTable;
  /** What is unusual in it. */
  readonly because?: string;
}

export function judgeByHash(input: DistributionInput, n: number): Judged {
  const { scheduler, flags = [], vip } = input;
  const [usual, ...others] = candidates(input);
  const usualTable = usual?.table();
  if (usual === undefined || usualTable === undefined || Object.keys(usualTable.shares).length === 0)
    return untestable(`${scheduler} would refuse every connection: no destination of its table may take one`);
  if (scheduler === 'dh') {
    if (vip === undefined) return untestable('dh goes by the VIP, and it is not known here');
    return judgeKeys(
      input,
      [usual, ...others],
      [{ key: { address: vip, port: 0 }, counts: input.counts, name: vip }],
      n,
    );
  }
  const byPort = flags.includes(`${scheduler}-port`);
  const { sources } = input;
  if (sources !== undefined && (!byPort || sources.every(({ port }) => port !== undefined))) {
    const keys = byPort ? sources : merged(sources);
    const named = keys.map(({ address, port, counts }) => ({
      key: { address, port: byPort ? (port ?? 0) : 0 },
      counts,
      name: byPort ? `${address} port ${port ?? 0}` : address,
    }));
    return judgeKeys(input, [usual, ...others], named, n);
  }
  if (byPort) {
    const limits = ['the source ports are not known, so only the shares of the table are judged'];
    return judgeByChiSquare(input, { unit: 'connection', counts: input.counts, expected: usualTable.shares, limits });
  }
  return untestable(`${scheduler} goes by the client's address, and which address had which connections is not known`);
}

interface NamedKey {
  readonly key: HashKey;
  readonly name: string;
  readonly counts: Readonly<Record<string, number>>;
}

function judgeKeys(
  input: DistributionInput,
  tables: readonly [Candidate, ...Candidate[]],
  keys: readonly NamedKey[],
  n: number,
): Judged {
  const { scheduler } = input;
  const chosen = chosenTable(tables, keys);
  const { shares } = chosen.table;
  const none = Object.fromEntries(input.destinations.map(({ name }) => [name, 0]));
  const expected = { ...none, ...expectedOf(chosen.table, keys, shares) };
  const needed = scheduler === 'dh' ? 1 : keysNeeded(Object.values(shares));
  const common = {
    method: 'by-hash' as const,
    expected,
    bounds: Object.fromEntries(Object.entries(expected).map(([name, share]) => [name, [share, share] as const])),
    sample: { unit: 'source-address' as const, size: keys.length, needed },
    limits: [
      ...(chosen.because === undefined ? [] : [`it has ${chosen.because}`]),
      ...(orderKnown(input) ? [] : ['the order in which the kernel has the destinations is not known']),
    ],
  };
  const goes =
    scheduler === 'dh' ? 'the VIP goes' : keys.length === 1 ? 'the source address goes' : 'source addresses go';
  if (chosen.astray / Math.max(1, n) > tolerableDeviation) {
    const limited = perhapsFull(input);
    const where = `${chosen.astray} of ${n} connections (${points(chosen.astray / n)}) are not where ${scheduler} sends them: ${chosen.examples.join('; ')}`;
    if (limited.length > 0)
      return {
        ...common,
        outcome: 'error',
        reason: `${where}, and real servers with a connection threshold may have been full: ${full(limited)}`,
      };
    if (!orderKnown(input))
      return {
        ...common,
        outcome: 'error',
        reason: `${where}, and the order in which the kernel has the destinations, by which its table is made, is not known`,
      };
    return { ...common, outcome: 'fail', reason: where };
  }
  if (scheduler === 'dh')
    return {
      ...common,
      outcome: 'pass',
      reason: `${goes} where dh sends it, ${Object.keys(expected).find((name) => expected[name] === 1) ?? ''}: one destination has everything, which is no balance`,
    };
  if (keys.length === 1)
    return {
      ...common,
      outcome: 'error',
      method: 'untestable',
      reason: `not testable from one source address: ${goes} where ${scheduler} sends it, which says nothing of the shares; at least ${needed} are needed`,
    };
  if (chosen.coincidence > significance)
    return {
      ...common,
      outcome: 'error',
      reason: `${keys.length} ${goes} where ${scheduler} sends them, too few to rule out chance: about ${needed} are needed`,
    };
  return { ...common, outcome: 'pass', reason: `all ${keys.length} ${goes} where ${scheduler} sends them` };
}

/** The usual one, unless not it but another one agrees in everything, and by more than chance: there are many others. */
function chosenTable([usual, ...others]: readonly [Candidate, ...Candidate[]], keys: readonly NamedKey[]) {
  const judge = ({ table, because }: Candidate) => {
    const made = table();
    return { table: made, because, ...held(made, keys) };
  };
  const first = judge(usual);
  if (first.astray === 0) return first;
  for (const other of others) {
    const judged = judge(other);
    if (judged.astray === 0 && judged.coincidence * (others.length + 1) < significance) return judged;
  }
  return first;
}

/** How far the keys' connections are where the table has them. */
function held(table: HashTable, keys: readonly NamedKey[]) {
  let [astray, coincidence] = [0, 1];
  const examples: string[] = [];
  for (const { key, name, counts } of keys) {
    const destination = table.lookup(key);
    const elsewhere = Object.entries(counts).filter(([other, count]) => other !== destination && count > 0);
    astray += elsewhere.reduce((sum, [, count]) => sum + count, 0);
    coincidence *= destination === undefined ? 1 : (table.shares[destination] ?? 1);
    if (elsewhere.length === 0 || examples.length >= 3) continue;
    const went = elsewhere.map(([other, count]) => `${other} (${count})`).join(' and ');
    examples.push(`${name} goes to ${destination ?? 'none'} and went to ${went}`);
  }
  return { astray, coincidence, examples };
}

/** The share each destination has when all goes where the table says. */
function expectedOf(table: HashTable, keys: readonly NamedKey[], shares: Readonly<Record<string, number>>) {
  const sums = new Map(Object.keys(shares).map((name) => [name, 0]));
  let total = 0;
  for (const { key, counts } of keys) {
    const destination = table.lookup(key);
    if (destination === undefined) continue;
    const connections = Object.values(counts).reduce((sum, count) => sum + count, 0);
    total += connections;
    sums.set(destination, (sums.get(destination) ?? 0) + connections);
  }
  return Object.fromEntries([...sums].map(([name, sum]) => [name, total === 0 ? (shares[name] ?? 0) : sum / total]));
}

/** So many keys that all of them are where they belong by chance as seldom as `significance`. */
function keysNeeded(shares: readonly number[]): number {
  const typical = shares.reduce((sum, share) => sum + share * share, 0);
  return typical >= 1 ? 1 : Math.ceil(Math.log(significance) / Math.log(typical));
}

function merged(sources: readonly SourceCounts[]): readonly SourceCounts[] {
  const byAddress = new Map<string, Record<string, number>>();
  for (const { address, counts } of sources) {
    const sums = byAddress.get(address) ?? {};
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
    byAddress.set(address, sums);
  }
  return [...byAddress].map(([address, counts]) => ({ address, counts }));
}

function candidates(input: DistributionInput): readonly Candidate[] {
  const { scheduler, flags = [], vip = '' } = input;
  const order = inKernelOrder(input).map(({ name, weight, address = vip, port = 0 }): HashedDestination => {
    return { name, weight, address, port };
  });
  const fallback = flags.includes(`${scheduler}-fallback`);
  const orders: readonly (readonly [string | undefined, readonly HashedDestination[]])[] = orderKnown(input)
    ? [[undefined, order]]
    : [
        [undefined, order],
        ['the destinations in reverse', order.toReversed()],
      ];
  return orders.flatMap(([because, destinations]): Candidate[] => {
    const also = (other: string) => (because === undefined ? other : `${because} and ${other}`);
    const old = 'the hash of Linux before 4.18';
    const usual = because === undefined ? {} : { because };
    switch (scheduler) {
      case 'dh':
        return [
          { table: () => destinationHashTable(destinations, {}), ...usual },
          { table: () => destinationHashTable(destinations, { hash: 'low-bits' }), because: also(old) },
        ];
      case 'mh':
        return [
          { table: () => maglevTable(destinations, { fallback }), ...usual },
          ...maglevIndexes.map((index) => ({
            table: () => maglevTable(destinations, { fallback, index }),
            because: also(`CONFIG_IP_VS_MH_TAB_INDEX=${index}`),
          })),
        ];
      default:
        return [
          { table: () => sourceHashTable(destinations, { fallback }), ...usual },
          { table: () => sourceHashTable(destinations, { fallback, hash: 'low-bits' }), because: also(old) },
          ...otherBits.map((bits) => ({
            table: () => sourceHashTable(destinations, { fallback, bits }),
            because: also(`CONFIG_IP_VS_SH_TAB_BITS=${bits}`),
          })),
        ];
    }
  });
}

/** What CONFIG_IP_VS_SH_TAB_BITS may be besides 8; those above 16, tables of megabytes, are left out. */
const otherBits: readonly number[] = [4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16];
