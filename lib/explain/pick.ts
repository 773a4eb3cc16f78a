/** What a scheduler chooses, as far as it goes by what can be seen: net/netfilter/ipvs/ip_vs_*.c, Linux 6.1. */
import {
  destinationHashTable,
  type HashedDestination,
  type HashTable,
  maglevTable,
  sourceHashTable,
} from '../distribution/hash-tables.ts';
import {
  failover,
  leastConnection,
  neverQueue,
  overflow,
  type Pick as Scheduler,
  shortestExpectedDelay,
  weightedLeastConnection,
} from '../distribution/schedulers.ts';
import type { IpvsService } from '../model/facts.ts';
import { serviceOptions } from '../model/service-rule.ts';
import type { Candidate } from './candidates.ts';
import type { AskedDirector, Flow } from './input.ts';

/** Index of the destination, or -1 where there is none; of each, whether it is full. */
export type Choice = (full: readonly boolean[]) => number;

export interface Choosing {
  readonly choose: Choice;
  /** By what it chooses. */
  readonly by: string;
  /** What was taken for true and could not be read. */
  readonly supposing?: readonly string[];
}

/** Why a choice cannot be told. `lacking`: it could be, had a host answered. */
export interface Hidden {
  readonly hidden: string;
  readonly lacking?: true;
}

const byCounters: Readonly<Record<string, readonly [Scheduler, string]>> = {
  lc: [leastConnection, 'the fewest connections, an active one counting as 256 inactive ones'],
  wlc: [weightedLeastConnection, 'the fewest connections over weight, an active one counting as 256 inactive ones'],
  sed: [shortestExpectedDelay, 'the fewest active connections and one more, over weight'],
  nq: [neverQueue, 'the first without active connections, else as sed'],
  fo: [failover, 'the highest weight'],
  ovf: [overflow, 'the highest weight of those with no more active connections than weight'],
};

/** What each goes by that the kernel shows nowhere. */
const state: Readonly<Record<string, string>> = {
  rr: 'the next one after the last it chose, and the kernel shows nowhere which that was',
  wrr: 'its place in the cycle of weights, which the kernel shows nowhere',
  lblc: 'the real server it remembers for the VIP, which the kernel shows nowhere',
  lblcr: 'the set of real servers it remembers for the VIP, which the kernel shows nowhere',
  twos: 'the less loaded of two that it draws by lot',
};

export function choosing(
  scheduler: string,
  candidates: readonly Candidate[],
  rule: IpvsService | undefined,
  flow: Flow,
  director: Pick<AskedDirector, 'os' | 'hashSizes' | 'rules'>,
): Choosing | Hidden {
  const counted = byCounters[scheduler];
  if (counted !== undefined) {
    const [pick, by] = counted;
    return {
      by,
      choose: (full) =>
        pick(
          candidates.map(({ destination: { weight, active, inactive } }, index) => ({
            weight,
            active,
            inactive,
            overloaded: full[index] === true,
          })),
        ),
    };
  }
  if (['sh', 'dh', 'mh'].includes(scheduler)) return hashing(scheduler, candidates, rule, flow, director);
  return { hidden: state[scheduler] ?? `there is no model of ${scheduler}` };
}

function hashing(
  scheduler: string,
  candidates: readonly Candidate[],
  rule: IpvsService | undefined,
  flow: Flow,
  { os, hashSizes = {}, rules }: Pick<AskedDirector, 'os' | 'hashSizes' | 'rules'>,
): Choosing | Hidden {
  if (rule === undefined && scheduler !== 'dh') {
    const why = rules.known ? 'ipvsadm does not list the service' : rules.message;
    return { hidden: `the flags of ${scheduler}, which are not known: ${why}`, lacking: true };
  }
  const { schedulerFlags } = serviceOptions(rule?.extra ?? []);
  const byPort = schedulerFlags.includes(`${scheduler}-port`);
  if (byPort && flow.clientPort === undefined)
    return { hidden: `the client's port too (${scheduler}-port): give it, as CIP:PORT` };
  if (scheduler === 'mh' && candidates.some(({ destination }) => destination.weight === 0))
    return { hidden: 'the last weight of quiesced real servers too, which the kernel shows nowhere' };
  const fallback = schedulerFlags.includes(`${scheduler}-fallback`);
  const [address, by] =
    scheduler === 'dh' ? [flow.vip, 'the hash of the VIP'] : [flow.client, "the hash of the client's address"];
  const key = { address, port: byPort ? (flow.clientPort ?? 0) : 0 };
  const old = os.known && olderThan418(os.value.kernel);
  const hash = old ? ('low-bits' as const) : ('hash_32' as const);
  const { shTableBits, mhTableIndex } = hashSizes;
  const table = (destinations: readonly HashedDestination[]): HashTable => {
    switch (scheduler) {
      case 'dh':
        return destinationHashTable(destinations, { hash });
      case 'mh':
        return maglevTable(destinations, { fallback, ...(mhTableIndex === undefined ? {} : { index: mhTableIndex }) });
      default:
        return sourceHashTable(destinations, {
          fallback,
          hash,
          ...(shTableBits === undefined ? {} : { bits: shTableBits }),
        });
    }
  };
  const supposing = [
    ...(scheduler === 'sh' && shTableBits === undefined ? ['CONFIG_IP_VS_SH_TAB_BITS is 8, as by default'] : []),
    ...(scheduler === 'mh' && mhTableIndex === undefined ? ['CONFIG_IP_VS_MH_TAB_INDEX is 12, as by default'] : []),
    ...(scheduler === 'mh' || os.known ? [] : ['the kernel is Linux 4.18 or later']),
  ];
  return {
    by: `${by}${byPort ? ' and port' : ''}`,
    choose: (full) => {
      const hashed = candidates.map(({ destination: { address: rip, port, weight } }, index) => ({
        name: String(index),
        weight,
        overloaded: full[index] === true,
        address: rip,
        port,
      }));
      return Number(table(hashed).lookup(key) ?? -1);
    },
    ...(supposing.length === 0 ? {} : { supposing }),
  };
}

/** `6.1.176`, `3.10.0-1160.el7.x86_64`: hash_32 took the uppermost bits from 4.18 on. */
function olderThan418(kernel: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  return Number(major) < 4 || (Number(major) === 4 && Number(minor) < 18);
}
