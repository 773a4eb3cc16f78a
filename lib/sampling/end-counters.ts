/**
 * What the two ends of a load count of themselves, before it and after it: the client and every real server, one program
 * each, all at the same time. Kernel counters are of the whole host (of its network namespace), whoever made the traffic.
 */
import { asIpvetError } from '../errors.ts';
import type { EndCounts, EndReading } from '../model/ends.ts';
import { parseConntrackCounters } from '../parse/conntrack-counters.ts';
import { parseFramesReceived } from '../parse/interface-counters.ts';
import { parseProtocolCounters } from '../parse/protocol-counters.ts';
import type { Host } from '../ssh/host.ts';

const marks = { interfaces: '@interfaces', others: '@others', conntrack: '@conntrack' } as const;

/**
 * What IP counts and what interfaces count are read by one process, next to each other, and nothing is printed before all is read:
 * the packets that acknowledge the output are of both. `HalfOpen` counts sockets in SYN_RECV (03) over both tables; any user may
 * read all of it.
 */
const script = String.raw`t=$({
echo '${marks.interfaces}' | cat /proc/net/snmp /proc/net/netstat - /proc/net/dev
echo '${marks.others}'
cat /proc/net/sockstat
grep -E '^(Ip6In(McastPkts|Receives|Delivers|AddrErrors|UnknownProtos)|Ip6Out(Requests|Transmits|ForwDatagrams|NoRoutes)|Icmp6OutDestUnreachs|Udp6(InDatagrams|NoPorts|RcvbufErrors)) ' /proc/net/snmp6
for f in /proc/net/tcp /proc/net/tcp6; do if [ -r $f ]; then cat $f; fi; done | awk '$4 == "03" { n++ } END { printf "HalfOpen %d\n", n }'
echo '${marks.conntrack}'
cat /proc/net/stat/nf_conntrack
} 2>/dev/null); printf '%s\n' "$t"
`;

export const endCountersArgv: readonly string[] = ['sh', '-c', script, 'ipvet-ends'];

const limitMs = 10_000;
/** In haste, from half of the hosts on: the others get as much longer as they are more. No less than this in all. */
const leastPatienceMs = 1500;

/** Each is the sum of the kernel's counters of these names, those that are there. */
const sources: Readonly<Record<keyof EndCounts, readonly string[]>> = {
  begun: ['Tcp.ActiveOpens'],
  accepted: ['Tcp.PassiveOpens'],
  resetsSent: ['Tcp.OutRsts'],
  synRetransmits: ['TcpExt.TCPSynRetrans'],
  retransmits: ['Tcp.RetransSegs'],
  listenOverflows: ['TcpExt.ListenOverflows'],
  listenDrops: ['TcpExt.ListenDrops'],
  requestQueueDrops: ['TcpExt.TCPReqQFullDrop'],
  checksumErrors: ['Tcp.InCsumErrors'],
  packetsIn: ['Ip.InReceives', 'Ip6InReceives'],
  packetsDelivered: ['Ip.InDelivers', 'Ip6InDelivers'],
  packetsForwarded: ['Ip.ForwDatagrams', 'Ip6OutForwDatagrams'],
  reversePathDrops: ['TcpExt.IPReversePathFilter'],
  addressErrors: ['Ip.InAddrErrors', 'Ip6InAddrErrors'],
  unknownProtocols: ['Ip.InUnknownProtos', 'Ip6InUnknownProtos'],
  noRoutes: ['Ip.OutNoRoutes', 'Ip6OutNoRoutes'],
  unreachablesSent: ['Icmp.OutDestUnreachs', 'Icmp6OutDestUnreachs'],
  packetsOut: ['sent', 'sent6'],
  segmentsOut: ['Tcp.OutSegs'],
  packetsForMany: ['IpExt.InMcastPkts', 'IpExt.InBcastPkts', 'Ip6InMcastPkts'],
  framesIn: ['frames'],
  conntrackDrops: ['conntrack.drop'],
  datagrams: ['Udp.InDatagrams', 'Udp6InDatagrams'],
  datagramsUnheard: ['Udp.NoPorts', 'Udp6NoPorts'],
  datagramsDropped: ['Udp.RcvbufErrors', 'Udp6RcvbufErrors'],
};

type Counters = ReadonlyMap<string, number>;
type Reading = { readonly counters: Counters } | { readonly problem: string };

/** Readings of several hosts, told apart by name. */
export interface Ends {
  /** Reads again and gives the differences. Never rejects. */
  stop(): Promise<readonly EndReading[]>;
}

/**
 * Reads every end; a host that cannot be asked is a `problem` of its own, in haste also one that is much slower to answer
 * than others. `connect` is as `Fleet.host`. Never rejects, and takes 10 s at most besides connecting.
 */
export async function startEnds(
  ends: readonly Pick<EndReading, 'host' | 'role'>[],
  connect: (name: string) => Promise<Host>,
  signal: AbortSignal,
  { haste = false }: { readonly haste?: boolean } = {},
): Promise<Ends> {
  const first = ends.map(({ host }) => readEnd(host, connect, signal));
  const before = await (haste
    ? inGoodTime(first, (index) => ({ problem: `${ends[index]?.host ?? ''} had not answered when the load began` }))
    : Promise.all(first));
  return {
    stop: async () => {
      const after = await Promise.all(
        ends.map(({ host }, index) => {
          const known = before[index];
          return known === undefined || 'problem' in known ? Promise.resolve(known) : readEnd(host, connect, signal);
        }),
      );
      return ends.map((end, index) => difference(end, before[index], after[index]));
    },
  };
}

/** In their order; `late` stands for those that hold up the others. */
async function inGoodTime(
  readings: readonly Promise<Reading>[],
  late: (index: number) => Reading,
): Promise<readonly Reading[]> {
  const startedMs = performance.now();
  const read = new Map<number, Reading>();
  await new Promise<void>((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    if (readings.length === 0) resolve();
    for (const [index, reading] of readings.entries())
      void reading.then((value) => {
        read.set(index, value);
        const tookMs = performance.now() - startedMs;
        if (read.size === readings.length) {
          clearTimeout(timer);
          resolve();
        } else if (read.size * 2 >= readings.length) {
          clearTimeout(timer);
          const limitMs = Math.max((tookMs * readings.length) / read.size, leastPatienceMs);
          timer = setTimeout(resolve, limitMs - tookMs);
        }
      });
  });
  return readings.map((_reading, index) => read.get(index) ?? late(index));
}

async function readEnd(name: string, connect: (name: string) => Promise<Host>, signal: AbortSignal): Promise<Reading> {
  try {
    const host = await connect(name);
    const { stdout } = await host.exec(endCountersArgv, { timeoutMs: limitMs, signal });
    const counters = countersOf(stdout);
    if (counters.has('Tcp.PassiveOpens')) return { counters };
    return { problem: `${name} does not say what its TCP counts (/proc/net/snmp)` };
  } catch (error) {
    return { problem: asIpvetError(error, 'INTERNAL', `counters of ${name}`).message };
  }
}

function countersOf(text: string): Counters {
  const [protocols = '', rest = ''] = text.split(`${marks.interfaces}\n`);
  const [interfaces = '', more = ''] = rest.split(`${marks.others}\n`);
  const [others = '', conntrack = ''] = more.split(`${marks.conntrack}\n`);
  const counters = new Map(parseProtocolCounters(`${protocols}${others}`));
  // Before Linux 6.7 OutRequests were counted where OutTransmits are since: behind the filter of outgoing packets (ip_output.c).
  for (const [name, prefix] of [
    ['sent', 'Ip.'],
    ['sent6', 'Ip6'],
  ] as const) {
    const sent = counters.get(`${prefix}OutTransmits`) ?? counters.get(`${prefix}OutRequests`);
    if (sent !== undefined) counters.set(name, sent);
  }
  const drops = parseConntrackCounters(conntrack).get('drop');
  if (drops !== undefined) counters.set('conntrack.drop', drops);
  const frames = parseFramesReceived(interfaces);
  if (frames !== undefined) counters.set('frames', frames);
  return counters;
}

function difference(
  end: Pick<EndReading, 'host' | 'role'>,
  before: Reading | undefined,
  after: Reading | undefined,
): EndReading {
  if (before === undefined || after === undefined) return { ...end, problem: `${end.host} was not read` };
  if ('problem' in before) return { ...end, problem: before.problem };
  if ('problem' in after) return { ...end, problem: after.problem };
  const counts: Partial<Record<keyof EndCounts, number>> = {};
  for (const [name, keys] of Object.entries(sources) as [keyof EndCounts, readonly string[]][]) {
    const there = keys.filter((key) => before.counters.has(key) && after.counters.has(key));
    if (there.length === 0) continue;
    counts[name] = there.reduce(
      (sum, key) => sum + (after.counters.get(key) ?? 0) - (before.counters.get(key) ?? 0),
      0,
    );
  }
  const back = Object.entries(counts).find(([, count]) => count < 0);
  if (back !== undefined)
    return { ...end, problem: `counters of ${end.host} went back (${back[0]}): it was restarted, or they ran over` };
  const halfOpen = after.counters.get('HalfOpen');
  const timeWait = after.counters.get('sockstat.TCP.tw');
  return {
    ...end,
    counts,
    ...(halfOpen === undefined ? {} : { halfOpen }),
    ...(timeWait === undefined ? {} : { timeWait }),
  };
}
