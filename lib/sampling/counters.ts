/** A service's per-destination counters, before and after. The kernel refreshes them every 2 s (ip_vs_est.c). */
import { IpvetError } from '../errors.ts';
import type { VirtualService } from '../model/cluster.ts';
import type { DestinationCounters, Sampling } from '../model/sampling.ts';
import { parseDestinationCounters } from '../parse/destination-counters.ts';
import { endpoint } from '../parse/table-address.ts';
import { ipvsadmCounters } from '../privileges/index.ts';
import type { Host } from '../ssh/host.ts';

/** One reading, or why there is none. */
export type CountersReading =
  { readonly counters: readonly DestinationCounters[]; readonly frozen: boolean } | { readonly problem: string };

/** Not there before Linux 5.17, which always refreshes them. Anybody may read it. */
export const estimationArgv = ['cat', '/proc/sys/net/ipv4/vs/run_estimation'] as const;

/** Never throws for what the director says; throws SSH_*, ABORTED. */
export async function readCounters(host: Host, service: VirtualService, signal: AbortSignal): Promise<CountersReading> {
  const { name } = host.declaration;
  const [protocol, address] = listedAs(service);
  const options = { exitCodes: 'any', timeoutMs: 15_000, signal } as const;
  try {
    const [estimation, { stdout, stderr }] = await Promise.all([
      host.exec(estimationArgv, options),
      host.exec(ipvsadmCounters.argv, { ...options, asRoot: true }),
    ]);
    const listed = parseDestinationCounters(stdout, protocol, address);
    const frozen = estimation.stdout.trim() === '0';
    if (listed !== undefined) return { counters: listed.map((row) => withPort(row, service)), frozen };
    const said = stderr.trim().split('\n').at(-1) ?? '';
    return { problem: `ipvsadm on ${name} does not list ${protocol} ${address}${said === '' ? '' : `: ${said}`}` };
  } catch (error) {
    if (error instanceof IpvetError && error.code !== 'ABORTED') return { problem: error.message };
    throw error;
  }
}

/** Protocol and address in ipvsadm's listing, which prints a mark as a signed number. */
function listedAs({ vip, port, protocol, fwmark }: VirtualService): [string, string] {
  if (fwmark === undefined) return [protocol.toUpperCase(), endpoint(vip, port)];
  return ['FWM', `${fwmark | 0}${vip.includes(':') ? ' IPv6' : ''}`];
}

/** A destination of a firewall mark with port 0 gets packets on the port that clients use, and the table has that one. */
function withPort(row: DestinationCounters, { fwmark, port }: VirtualService): DestinationCounters {
  return fwmark === undefined ? row : { ...row, destination: row.destination.replace(/:0$/, `:${port}`) };
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
