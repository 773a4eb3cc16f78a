/**
 * The experiment of a diagnosis: a few connections through the VIP at once, each followed by its source port into the
 * director's table, and what every host on their way counted meanwhile. It makes what load makes, and changes nothing.
 */
import { declaredEndpoints } from '../load/declared-endpoints.ts';
import { driveLoad } from '../load/drive.ts';
import type { LoadPlan } from '../load/engine.ts';
import type { Client, Cluster, VirtualService } from '../model/cluster.ts';
import type { EndReading, Probe, Probing } from '../model/ends.ts';
import type { RequestOutcome } from '../model/load-result.ts';
import type { ConnectionEntry } from '../model/sampling.ts';
import { startEnds } from '../sampling/end-counters.ts';
import type { Fleet, Host } from '../ssh/host.ts';
import { plainProfile } from './capacity-search.ts';
import { entriesByPort } from './entries-by-port.ts';

/** For the SYN and two more, 1 and 3 s later: a packet that is lost by chance is told from one that is always lost. */
const timeoutMs = 3500;
/** In haste the load has told that, and one SYN more is enough: with two of each of several probes, all lost, no chance is left. */
const hastyConnectMs = 1700;
const fewest = 8;
const most = 48;

/** So that each real server gets several, whatever the scheduler does first. */
export function probesOf({ destinations }: Pick<VirtualService, 'destinations'>): number {
  return Math.min(most, Math.max(fewest, 4 * destinations.length));
}

export interface ProbeInputs {
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly service: VirtualService;
  readonly host: Host;
  readonly client: Client;
  /** Of the load that failed. */
  readonly plan: LoadPlan;
  /** The client's, the real servers' and those of the other directors. */
  readonly ends: readonly Pick<EndReading, 'host' | 'role'>[];
  readonly signal: AbortSignal;
  /** Handshakes are not waited for as long as the load did. */
  readonly haste?: boolean;
  /** Of a header that makes the request longer. */
  readonly paddingBytes?: number;
}

/** Takes about 5 s, in haste 3. Rejects as `driveLoad` does. */
export async function probe({
  cluster,
  fleet,
  service,
  host,
  client,
  plan,
  ends,
  signal,
  haste = false,
  paddingBytes = 0,
}: ProbeInputs): Promise<Probing> {
  const director = host.declaration.name;
  const connect = (name: string) => fleet.host(name);
  const counting = await startEnds([...ends, { host: director, role: 'director' }], connect, signal);
  const { each = [] } = await driveLoad(
    probePlan(padded(plan, paddingBytes), probesOf(service), haste ? hastyConnectMs : timeoutMs),
    {
      endpoints: declaredEndpoints(cluster),
      signal,
    },
  );
  const [table, counted] = await Promise.all([entriesByPort(host, service, each, signal), counting.stop()]);
  return {
    service: service.name,
    director,
    client: client.name,
    probes: each.map((outcome) => joined(outcome, table.entries)),
    ...(table.problem === undefined ? {} : { entriesProblem: table.problem }),
    ends: counted,
  };
}

function padded(plan: LoadPlan, bytes: number): LoadPlan {
  if (bytes === 0) return plan;
  return { ...plan, headers: [...(plan.headers ?? []), ['X-Ipvet-Padding', 'x'.repeat(bytes)]] };
}

function probePlan(plan: LoadPlan, requests: number, connectTimeoutMs: number): LoadPlan {
  const profile = {
    ...plainProfile(plan.profile),
    mode: 'ab' as const,
    requests,
    concurrency: requests,
    requestsPerConnection: 1,
    threads: 1,
    abortAfterFailures: requests,
    timeoutMs,
    connectTimeoutMs,
  };
  return { ...plan, profile, tellEach: true };
}

function joined(outcome: RequestOutcome, entries: readonly ConnectionEntry[]): Probe {
  const found = entries.find(
    ({ clientAddress, clientPort }) => clientPort === outcome.localPort && clientAddress === outcome.sourceAddress,
  );
  if (found === undefined) return outcome;
  const { destination, state, expiresS } = found;
  return { ...outcome, entry: { destination, state, expiresS } };
}
