/** What a run knows of how a scheduler distributed: from the load, the samples of the table, and the director's counters. */
import type { DistributionInput, LoadConditions } from '../distribution/input.ts';
import type { LoadProfile, VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import type { LoadResult } from '../model/load-result.ts';
import type { Sampling, TableSample } from '../model/sampling.ts';
import { parseDestinationOrder } from '../parse/destination-order.ts';
import type { Host } from '../ssh/host.ts';

export interface Driven {
  readonly service: VirtualService;
  readonly profile: LoadProfile;
  readonly load: LoadResult;
  readonly sampling: Sampling;
  /** Destinations in the kernel's order, as `readDestinationOrder` has them; absent where they could not be read. */
  readonly order?: readonly string[];
}

/**
 * What the scheduler did. The director counts every connection it scheduled, answered or not, so its counters are judged
 * when they are there; the client's answers stand in when they are not.
 */
export function distributionInput({ service, profile, load, sampling, order }: Driven): DistributionInput {
  const { name, scheduler, persistenceS, persistenceNetmask, schedulerFlags, forwarding, vip } = service;
  const destinations = service.destinations.map(({ realServer, port, weight, thresholds }) => ({
    name: realServer.name,
    weight,
    ...thresholds,
    address: realServer.rip,
    port,
  }));
  const nameOf = (destination: string) =>
    destinations.find(({ address, port }) => endpoint(address, port) === destination)?.name;
  const counted = sampling.counters.reduce((sum, { connections }) => sum + connections, 0);
  const byDirector = counted > 0 && sampling.countersProblem === undefined;
  const counts = Object.fromEntries(
    sampling.counters.flatMap(({ destination, connections }) => {
      const known = nameOf(destination);
      return known === undefined ? [] : [[known, connections] as const];
    }),
  );
  return {
    service: name,
    scheduler,
    persistenceS,
    ...(persistenceNetmask === undefined ? {} : { persistenceNetmask }),
    ...(schedulerFlags === undefined ? {} : { flags: schedulerFlags }),
    forwarding,
    vip,
    destinations,
    ...(order === undefined ? {} : { kernelOrder: order.flatMap((destination) => nameOf(destination) ?? []) }),
    counts: byDirector ? counts : load.answersByRealServer,
    basis: byDirector ? 'director-counters' : 'client-answers',
    driven: load.connections,
    ...sourcesOf(load),
    conditions: conditionsOf(profile, load, sampling, nameOf),
  };
}

/** One address had them all; of several it is not known which had which. */
function sourcesOf(load: LoadResult): Pick<DistributionInput, 'sources'> {
  const { sources = [load.source] } = load;
  return sources.length > 1 ? {} : { sources: [{ address: load.source, counts: load.answersByRealServer }] };
}

/** ip_vs_proto_tcp.c, tcp_state_active_table. */
const activeStates: ReadonlySet<string> = new Set(['ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'SYNACK']);

function conditionsOf(
  { mode, concurrency }: LoadProfile,
  load: LoadResult,
  { samples, intervalMs }: Sampling,
  nameOf: (destination: string) => string | undefined,
): LoadConditions {
  const earlier = samples.findLast(({ atMs }) => atMs <= 0);
  const during = samples.filter(({ atMs }) => atMs > 0 && atMs <= load.durationMs);
  const lasting = mode === 'keepalive' ? undefined : load.total?.buckets;
  return {
    concurrency: Math.min(concurrency, Math.max(1, load.connections)),
    durationMs: load.durationMs,
    heldMs: lasting ?? [[load.durationMs, Math.max(1, load.connections)]],
    ...(earlier === undefined ? {} : { before: entriesOf(earlier, nameOf) }),
    ...(during.length === 0 ? {} : { sampled: { intervalMs, active: activeIn(during, nameOf) } }),
  };
}

function entriesOf({ counts }: TableSample, nameOf: (destination: string) => string | undefined) {
  const entries: Record<string, { active: number; inactive: number }> = {};
  for (const { destination, state, entries: count } of counts) {
    const name = nameOf(destination);
    if (name === undefined) continue;
    const { active, inactive } = (entries[name] ??= { active: 0, inactive: 0 });
    entries[name] = activeStates.has(state)
      ? { active: active + count, inactive }
      : { active, inactive: inactive + count };
  }
  return entries;
}

/** A name that is in any of them has a number for each. */
function activeIn(samples: readonly TableSample[], nameOf: (destination: string) => string | undefined) {
  const looks = samples.map((sample) => entriesOf(sample, nameOf));
  const names = new Set(looks.flatMap((look) => Object.keys(look)));
  return Object.fromEntries([...names].map((name) => [name, looks.map((look) => look[name]?.active ?? 0)]));
}

/** Anybody may read it. */
export const destinationOrderArgv = ['cat', '/proc/net/ip_vs'] as const;

/** Undefined when the director does not say: what rests on it is then judged without. Throws SSH_*, ABORTED. */
export async function readDestinationOrder(
  host: Host,
  service: VirtualService,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { stdout } = await host.exec(destinationOrderArgv, { exitCodes: 'any', timeoutMs: 15_000, signal });
  return stdout.trim() === '' ? undefined : parseDestinationOrder(stdout, service);
}
