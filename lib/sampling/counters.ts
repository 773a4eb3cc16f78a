/** A service's per-destination counters, before and after. The kernel refreshes them every 2 s (ip_vs_est.c). */
import { IpvetError } from '../errors.ts';
import type { VirtualService } from '../model/cluster.ts';
import type { DestinationCounters, Sampling } from '../model/observations.ts';
import { parseDestinationCounters } from '../parse/destination-counters.ts';
import { endpoint } from '../parse/table-address.ts';
import type { Host } from '../ssh/host.ts';

/** One reading, or why there is none. */
export type CountersReading =
  { readonly counters: readonly DestinationCounters[]; readonly frozen: boolean } | { readonly problem: string };

const serviceFlag = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;

/** Login shells of an ordinary user leave /sbin out. `run_estimation` is not there before Linux 5.17, which always refreshes. */
const script = String.raw`
cat /proc/sys/net/ipv4/vs/run_estimation 2>/dev/null || echo 1
PATH=$PATH:/usr/sbin:/sbin exec ipvsadm -L -n --stats --exact "$@"
`;

/** Never throws for what the director says; throws SSH_*, ABORTED. */
export async function readCounters(host: Host, service: VirtualService, signal: AbortSignal): Promise<CountersReading> {
  const { name } = host.declaration;
  const address = endpoint(service.vip, service.port);
  const argv = ['sh', '-c', script, 'ipvet-counters', serviceFlag[service.protocol], address];
  try {
    const result = await host.exec(argv, { asRoot: true, exitCodes: 'any', timeoutMs: 15_000, signal });
    const [estimation, ...lines] = result.stdout.split('\n');
    const counters = parseDestinationCounters(lines.join('\n'), service.protocol.toUpperCase(), address);
    if (counters !== undefined) return { counters, frozen: estimation?.trim() === '0' };
    const said = result.stderr.trim().split('\n').at(-1) ?? '';
    return { problem: `ipvsadm on ${name} does not list ${address}${said === '' ? '' : `: ${said}`}` };
  } catch (error) {
    if (error instanceof IpvetError && error.code !== 'ABORTED') return { problem: error.message };
    throw error;
  }
}

/** What was counted in between. A destination that came in between counts from 0. */
export function counterDeltas(
  before: CountersReading,
  after: CountersReading,
  host: string,
): Pick<Sampling, 'counters' | 'countersProblem'> {
  if ('problem' in before) return { counters: [], countersProblem: before.problem };
  if ('problem' in after) return { counters: [], countersProblem: after.problem };
  if (after.frozen) {
    const countersProblem = `counters on ${host} stand still: net.ipv4.vs.run_estimation is 0`;
    return { counters: [], countersProblem };
  }
  const earlier = new Map(before.counters.map((row) => [row.destination, row]));
  const counters = after.counters.map((row) => delta(earlier.get(row.destination), row));
  const back = counters.find((row) => fields.some((field) => row[field] < 0));
  if (back !== undefined) {
    const countersProblem = `counters of ${back.destination} on ${host} went back: somebody zeroed them (ipvsadm -Z) or made the service anew`;
    return { counters: [], countersProblem };
  }
  const gone = before.counters.find(
    ({ destination }) => !after.counters.some((row) => row.destination === destination),
  );
  if (gone !== undefined)
    return { counters, countersProblem: `${gone.destination} was taken out of the service on ${host}` };
  return { counters };
}

const fields = ['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'] as const;

function delta(before: DestinationCounters | undefined, after: DestinationCounters): DestinationCounters {
  const difference = { ...after };
  for (const field of fields) difference[field] -= before?.[field] ?? 0;
  return difference;
}
