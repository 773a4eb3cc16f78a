/** What the director showed under load: shares, connection states, and what sampling could not see. */
import type { Distribution } from '../../../lib/model/distribution.ts';
import { count, plural } from '../../numbers.ts';

const bases: Readonly<Record<Distribution['basis'], string>> = {
  'director-counters': "counted by the director's own counters",
  'client-answers': 'counted by the answers the client got',
};

const methods: Readonly<Record<NonNullable<Distribution['method']>, string>> = {
  exact: 'exact bounds',
  'chi-square': 'chi-square',
  'monte-carlo': 'simulation',
  'by-hash': 'computed by hash',
  untestable: 'not testable',
};

export const distribution = {
  title: 'Distribution',
  bases,
  methods,
  notComputed: 'not computed',
  largest: 'largest deviation',
  method: 'method',
  judgedBy: 'judged by',
  effect: 'effect size',
  label: (service: string) => `Shares of ${service}`,
  realServer: 'Real server',
  expected: 'Expected',
  allowed: 'Allowed',
  observed: 'Observed',
  confidence: 'Confidence interval',
  connections: 'Connections',
  keyExpected: 'expected',
  keyObserved: 'observed',
  keyRange: 'confidence interval, or what is allowed',
  more: (n: number) => `and ${count(n)} more in run.json`,
  sample: (unit: 'connection' | 'source-address', size: number, needed: number | undefined) => {
    const counted =
      unit === 'connection' ? plural(size, 'connection') : plural(size, 'source address', 'source addresses');
    return needed === undefined ? counted : `${counted}, ${count(needed)} needed`;
  },
  range: (low: string, high: string) => `${low} to ${high}`,
};

export const connections = {
  title: 'Connection states over time',
  on: (host: string, resolution: string) => `on ${host}, ${resolution}`,
  level: 'all, as the kernel counts them',
  gap: 'no samples',
  stuck: (n: number) => `${count(n)} stuck in SYN_RECV`,
  more: (n: number) => `${count(n)} more real servers are in the table only`,
  peaks: 'Highest number of entries in each state',
  realServer: 'Real server',
  stuckColumn: 'SYN_RECV older than 3 s',
  ends: 'What the two ends counted',
  host: 'Host',
  endColumns: ['begun', 'accepted', 'SYN sent again', 'listener full', 'RST sent', 'packets in', 'delivered'],
  notRead: 'not read',
  wholeHost: 'Kernel counters of the whole host: other connections, health checks and logins are in them.',
  chart: {
    summary: (destination: string, over: string, peaks: string, gaps: number) =>
      `Connections of ${destination} over ${over}: ${peaks}; ${plural(gaps, 'gap')} without samples`,
    peak: (state: string, n: number) => `${state} at most ${count(n)}`,
    noSamples: (over: string, reason: string) => `no samples for ${over}: ${reason}`,
    seconds: 'seconds of load',
    entries: 'entries',
  },
};

export const sampling = {
  every: (interval: string) => `every ${interval}`,
  resolution: (median: string, longest: string) => `every ${median}, at most ${longest} apart`,
  samples: (n: number, often: string) => `${plural(n, 'sample')} ${often}`,
  levels: (interval: string) => `, its entry counts every ${interval}`,
  cost: (share: string) => `; ${share} of one CPU`,
  allowed: (share: string) => ` of ${share} allowed`,
  partly: (entries: number, cost: string, host: string, read: number, times: number, states: string) =>
    `The table had up to ${count(entries)} entries. Reading all of them would have taken ${cost} of ${host}'s CPU each time, so its first ${count(read)} at most were read, ${plural(times, 'time')}; ${states}. They are placed by a hash of the client's address and port.`,
  resent: (destination: string, n: number, packets: number) =>
    `${destination}: ${plural(n, 'connection')} in SYN_RECV had their timer set back ${plural(packets, 'time')}: a SYN (or, with NAT, a SYN-ACK) came again.`,
  synced: (n: number) => `${plural(n, 'entry', 'entries')} came from a peer and are not counted.`,
  restarted: (host: string) => `${host} was started anew during the load.`,
  noneOfService: 'none of those was of this service',
  shares: (list: string) => `of those of this service in the last one ${list}`,
};
