/** Load and samples as an operator would have seen them with ab and `watch ipvsadm -Lnc`, for evidence. */
import { endpoint } from '../model/endpoint.ts';
import type { Evidence } from '../model/evidence.ts';
import type { EndCounts, EndReading, Probing } from '../model/ends.ts';
import type { LoadResult } from '../model/load-result.ts';
import type { Sampling } from '../model/sampling.ts';

export function describeLoad(load: LoadResult): Evidence {
  const kinds = Object.entries(load.errors.byKind).map(([kind, count]) => `${kind} ${count}`);
  const answers = Object.entries(load.answersByRealServer).map(([name, count]) => `${name} ${count}`);
  const lines = [
    `requested ${load.requested}, sent ${load.sent}, answered ${load.answered}, failed ${load.failed}`,
    ...(kinds.length === 0 ? [] : [`failures: ${kinds.join(', ')}`]),
    ...(answers.length === 0 ? [] : [`answers by real server: ${answers.join(', ')}`]),
    ...(load.stopped === undefined ? [] : [`stopped early: ${load.stopped}`]),
    ...largeLines(load),
    `${load.rateRps.toFixed(0)} requests/s over ${(load.durationMs / 1000).toFixed(1)} s`,
  ];
  return {
    host: load.client,
    command: `ipvet load ${load.profile} (${load.url} from ${load.source})`,
    output: lines.join('\n'),
  };
}

function largeLines({ large }: LoadResult): readonly string[] {
  if (large === undefined) return [];
  const outcomes = [...new Set(large.probes.map(({ outcome }) => outcome))].map(
    (outcome) => `${outcome} ${large.probes.filter((probe) => probe.outcome === outcome).length}`,
  );
  return [`then, with a header of ${large.bytes} bytes more: ${outcomes.join(', ')}`];
}

/** The sample in which most entries were stuck, or else the one with most entries, and the counters' deltas. */
export function describeSampling(sampling: Sampling): Evidence {
  const weight = (counts: Sampling['samples'][number]['counts']) =>
    counts.reduce((sum, { entries, stuck }) => sum + stuck * 1e6 + entries, 0);
  const telling = sampling.samples.toSorted((a, b) => weight(b.counts) - weight(a.counts))[0];
  const rows = (telling?.counts ?? []).map(
    ({ destination, state, entries, stuck }) =>
      `${destination} ${state} ${entries}${stuck > 0 ? ` (${stuck} of them older than 3 s)` : ''}`,
  );
  const counters = sampling.counters.map(
    (counter) =>
      `${counter.destination} Conns ${counter.connections} InPkts ${counter.inPackets} OutPkts ${counter.outPackets}`,
  );
  const head =
    telling === undefined
      ? 'no sample'
      : `connection table ${(telling.atMs / 1000).toFixed(1)} s after the load began:`;
  const resent = (sampling.resent ?? []).map(
    ({ destination, connections, packets }) =>
      `${destination}: the timer of ${connections} entries in SYN_RECV was set back ${packets} times, by a SYN that came again`,
  );
  return {
    host: sampling.host,
    command: `ipvsadm -Lnc; ipvsadm -Ln --stats --exact   # ${sampling.samples.length} samples, counters as differences`,
    output: [head, ...rows, ...resent, 'counters over the load:', ...counters].join('\n'),
  };
}

/** One line a host, by the names nstat(8) has; counters over the load. */
export function describeEnds(ends: readonly EndReading[]): Evidence {
  const lines = ends.map(({ host, counts, halfOpen, timeWait, problem }) => {
    if (counts === undefined) return `${host}: not known: ${problem ?? 'not read'}`;
    const figures = nstatNames.flatMap(([name, shown]) => {
      const value = counts[name];
      return value === undefined || (value === 0 && name !== 'accepted') ? [] : [`${shown} ${value}`];
    });
    const sockets = [
      ...(halfOpen === undefined || halfOpen === 0 ? [] : [`half open ${halfOpen}`]),
      ...(timeWait === undefined || timeWait === 0 ? [] : [`TIME_WAIT ${timeWait}`]),
    ];
    return `${host}: ${[...figures, ...sockets].join(', ')}`;
  });
  return {
    host: ends.map(({ host }) => host).join(', '),
    command: 'nstat -az   # counters of the whole host, as differences over the load; those that stayed 0 are left out',
    output: lines.join('\n'),
  };
}

const nstatNames: readonly (readonly [keyof EndCounts, string])[] = [
  ['begun', 'TcpActiveOpens'],
  ['accepted', 'TcpPassiveOpens'],
  ['resetsSent', 'TcpOutRsts'],
  ['retransmits', 'TcpRetransSegs'],
  ['synRetransmits', 'TcpExtTCPSynRetrans'],
  ['listenOverflows', 'TcpExtListenOverflows'],
  ['listenDrops', 'TcpExtListenDrops'],
  ['requestQueueDrops', 'TcpExtTCPReqQFullDrop'],
  ['checksumErrors', 'TcpInCsumErrors'],
  ['packetsIn', 'IpInReceives'],
  ['packetsDelivered', 'IpInDelivers'],
  ['packetsForwarded', 'IpForwDatagrams'],
  ['reversePathDrops', 'TcpExtIPReversePathFilter'],
  ['addressErrors', 'IpInAddrErrors'],
  ['unknownProtocols', 'IpInUnknownProtos'],
  ['noRoutes', 'IpOutNoRoutes'],
  ['packetsForMany', 'IpExtInMcastPkts and InBcastPkts'],
  ['packetsOut', 'packets sent'],
  ['segmentsOut', 'TcpOutSegs'],
  ['framesIn', 'frames received'],
  ['conntrackDrops', 'nf_conntrack drop'],
  ['unreachablesSent', 'IcmpOutDestUnreachs'],
  ['datagrams', 'UdpInDatagrams'],
  ['datagramsUnheard', 'UdpNoPorts'],
  ['datagramsDropped', 'UdpRcvbufErrors'],
];

/** A line a probe, as `ipvsadm -Lnc` would be read beside the client's own account. */
export function describeProbing({ client, director, probes, entriesProblem }: Probing): Evidence {
  const lines = probes.map(({ sourceAddress, localPort, outcome, tookMs, realServer, entry }) => {
    const ended = `${outcome}${realServer === undefined ? '' : ` by ${realServer}`} after ${Math.round(tookMs)} ms`;
    const row = entry === undefined ? 'no entry' : `${entry.state} ${entry.expiresS} s -> ${entry.destination}`;
    return `${endpoint(sourceAddress, localPort)} ${ended}; ${entriesProblem === undefined ? row : '?'}`;
  });
  const why = entriesProblem === undefined ? [] : [`the table could not be read: ${entriesProblem}`];
  return {
    host: client,
    command: `ipvet diagnose   # ${probes.length} connections, each with its row of \`ipvsadm -Lnc\` on ${director}`,
    output: [...lines, ...why].join('\n'),
  };
}
