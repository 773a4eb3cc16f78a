/** What was asked of the VIP and what came back. */
import type { LoadResult } from '../../../lib/model/load-result.ts';
import { count, plural } from '../../numbers.ts';

const endings: Readonly<Record<NonNullable<LoadResult['stopped']>, string>> = {
  'time-limit': 'the time limit was reached',
  failures: 'too many requests failed',
  interrupted: 'the run was stopped',
  threshold: 'a threshold that ends the load was crossed',
};

export const load = {
  title: 'Load',
  from: (profile: string, client: string, source: string, url: string) =>
    `profile ${profile}, from ${client} (${source}) to ${url}`,
  stopped: 'Stopped early:',
  endings,
  unsent: (n: number) => `${plural(n, 'request')} were never sent.`,
  tiles: {
    requested: 'Requested',
    sent: 'Sent',
    answered: 'Answered',
    failed: 'Failed',
    rate: 'Rate',
    took: 'Took',
    offered: 'Rate offered',
    achieved: 'Rate begun',
  },
  byKind: 'Failed by kind:',
  openLoop: (arrivals: 'constant' | 'poisson') => `Open loop, ${arrivals} arrivals:`,
  offered: 'offered',
  begun: 'begun',
  late: (after: string) => `begun over ${after} late`,
  lostSyns: 'SYN or SYN-ACK lost, connected after:',
  noLatencies: 'No request was answered, so there are no latencies.',
  latencies: 'Latencies',
  latencyColumns: ['shortest', 'mean', 'p50', 'p90', 'p99', 'longest', 'values'],
  connect: 'Time to connect',
  secured: 'Time to the end of the TLS handshake',
  firstByte: 'Time to the first byte',
  total: 'Time to the last byte',
  corrected: 'From when it should have begun',
  perSecond: 'Requests per second',
  overTime: 'Latency over time',
  failed: 'failed',
  answered: 'answered',
  details: 'Answers by real server',
  detailsWithExamples: 'Answers by real server, examples of failed requests',
  unattributed: 'named no real server',
  examples: 'Examples of failed requests',
  exampleColumns: ['At', 'Source port', 'Kind'],
  generator: {
    label: 'Generator:',
    cpu: (share: string) => `CPU ${share} of a core`,
    late: (delay: string) => `timers late ${delay} (p99)`,
    open: (most: number, of: number) => `open at once ${count(most)} of ${count(of)} descriptors`,
    ports: (most: number, of: number) => `TIME_WAIT ${count(most)} of ${count(of)} source ports`,
  },
  stages: {
    title: 'Latency by stage',
    ramp: (from: string, to: string) => `${from} to ${to}`,
    columns: ['From', 'Rate', 'Offered', 'Answered', 'Failed', 'Late', 'p50', 'p99', 'p99 corrected'],
  },
  capacity: {
    title: (rate: string) => `Capacity: ${rate}`,
    none: 'no rate held',
    limitedBy: (what: string, why: string) => `Limited by ${what}: ${why}`,
    label: 'Rates that were tried',
    columns: ['Rate', 'Begun', 'Answered', 'Failed', 'Late', 'p99'],
    held: 'Held',
    yes: 'yes',
  },
  control: {
    title: 'Around the director',
    note: (requests: number, concurrency: number) =>
      `${count(requests)} requests, ${count(concurrency)} at a time: what the VIP takes longer than a real server is the way through the director.`,
    label: 'The VIP beside the real servers',
    columns: ['To', 'Answered', 'Failed', 'connect p50', 'total p50', 'total p99', 'VIP longer by'],
    vip: 'the VIP',
  },
  charts: {
    latency: (name: string, n: number, p50: string, p90: string, p99: string, longest: string) =>
      `${name}, ${count(n)} values: p50 ${p50}, p90 ${p90}, p99 ${p99}, longest ${longest}`,
    latencyAxis: 'ms, logarithmic',
    connections: 'connections',
    retransmit: (seconds: number) => `SYN again ${seconds} s`,
    timeline: (seconds: number, answered: number, failed: number) =>
      `Requests per second over ${plural(seconds, 'second')}: ${count(answered)} answered, ${count(failed)} failed`,
    seconds: 'seconds of load',
    milliseconds: 'ms',
    latencyTime: (seconds: number, p50: string, p99: string) =>
      `Latency of each second over ${plural(seconds, 'second')}: p50 at most ${p50}, p99 at most ${p99}`,
    requestsPerSecond: 'requests per second',
  },
};
