/** Drills: what was done to the cluster, and what clients noticed of it. */
import type { Failover, Phase, ScenarioName, TimelineEntry } from '../../../lib/model/failover.ts';
import { count, plural } from '../../numbers.ts';

/** What was done, in words; the name is what `ipvet failover` takes. */
const scenarios: Readonly<Record<ScenarioName, string>> = {
  'stop-keepalived': 'keepalived is stopped on the master',
  'kill-keepalived': 'keepalived is killed on the master',
  failback: 'the old master comes back',
  'director-link-down': "the master's interface goes down",
  'director-power-off': "the master's power is cut",
  'vrrp-partition': 'the backup hears no more adverts',
  'keepalived-reload': 'keepalived reloads its configuration',
  'real-server-down': 'one real server falls silent',
  'real-server-drained': 'one real server is sent nothing new',
  'all-real-servers-down': 'all real servers fall silent',
};

const outcomes: Readonly<Record<Failover['outcome'], string>> = {
  pass: 'as predicted',
  warn: 'not as predicted',
  fail: 'failed',
  inconclusive: 'no verdict',
};

const loads: Readonly<Record<Failover['load'], string>> = { low: 'low load', high: 'high load' };

const phases: Readonly<Record<Phase['name'], string>> = { detect: 'detect', converge: 'converge', settle: 'settle' };

const events: Readonly<Record<TimelineEntry['kind'], (value: string) => string>> = {
  step: (what) => `step: ${what}`,
  undo: (what) => `taken back: ${what}`,
  'vip-added': (address) => `has the VIP ${address}`,
  'vip-removed': (address) => `no longer has the VIP ${address}`,
  'link-down': (name) => `interface ${name} is down`,
  'link-up': (name) => `interface ${name} is up`,
  destinations: (list) => (list === '' ? 'no destination in its table' : `in its table: ${list}`),
  'synced-entries': (n) => `entries from the peer: ${n}`,
  neighbour: (address) => `has ${address} as the VIP's MAC`,
};

export const failover = {
  title: 'Failover',
  intro:
    'Each drill takes one part of the cluster out of service, watches from the client what that costs, and puts it back.',
  scenarios,
  outcomes,
  loads,
  columns: [
    'Scenario',
    'Load',
    'Times',
    'Predicted',
    'Outage',
    'Noticed',
    'Back',
    'Kept connections',
    'Available',
  ] as readonly string[],
  result: 'Result',
  label: 'Drills',
  drills: (n: number) => plural(n, 'drill'),
  times: (n: number) => plural(n, 'time'),
  which: (repeat: number, of: number) => `drill ${count(repeat)} of ${count(of)}`,
  drawn: (repeat: number, of: number) => `Drawn is drill ${count(repeat)} of ${count(of)}, the worst of them.`,
  kept: (survived: number, reset: number, hung: number, late: number) =>
    `${survived} survived, ${reset} reset, ${hung} hung${late > 0 ? ` (${late} of them on the way back)` : ''}`,
  to: (low: string, high: string) => `${low} to ${high}`,
  noneFailed: 'no probe failed',
  sorry: (n: string) => `${n} answered by a sorry server`,
  outage: (measured: string, predicted: string, noticed: string, back: string) =>
    `outage ${measured} (predicted ${predicted}), noticed after ${noticed}, way back ${back}`,
  clients: (errors: string, kept: string, available: string) =>
    `${errors} · kept connections: ${kept} · ${available} available`,
  projected: 'Projected',
  projection: (outage: string, share: string) =>
    `one such failure a month (median of all drills, ${outage} with the way back) leaves ${share} of a year`,
  loadAverage: (figure: string) =>
    `Load average of the machine that measured: ${figure}. With much else going on there, times are too long.`,
  ways: { takeover: 'until it was taken back', failback: 'way back' },
  wayColumns: [
    'When',
    'Noticed',
    'Predicted',
    'Outage',
    'Predicted',
    'Longest gap',
    'Probes',
    'Failed',
    'VIP at the end',
  ] as readonly string[],
  measuredLabel: 'Measured and predicted',
  because: 'Predicted because',
  connections: 'Kept connections:',
  availability: 'Available:',
  endless: 'to the end',
  inOrder: 'What was seen, in order of time',
  eventColumns: ['At', 'Off by', 'Host', 'What'] as readonly string[],
  events,
  countsLeftOut: (n: number) =>
    `${plural(n, 'more count')} of entries from the peer ${n === 1 ? 'is' : 'are'} in run.json`,
  moreEvents: (n: number) => `and ${count(n)} more in run.json`,
  each: 'Each drill',
  eachColumns: ['Drill', 'Result', 'Outage', 'Noticed', 'Back', 'Kept connections', 'Reason'] as readonly string[],
  phases,
  chart: {
    summary: (scenario: string, outage: string, predicted: string, owner: string, errors: string) =>
      `Lanes over time of ${scenario}: outage ${outage}, predicted ${predicted}; ${owner}; ${errors}. The table below says the same in words.`,
    moved: (from: string, to: string) => `the VIP went from ${from} to ${to}`,
    stayed: (at: string) => `the VIP stayed on ${at}`,
    nobody: 'who has the VIP was not seen',
    seconds: 'seconds since the step',
    phases: 'Phases',
    outage: 'Outage',
    vip: 'VIP',
    table: 'table',
    synced: (most: number) => `from peer, at most ${count(most)}`,
    client: 'Client',
    answered: 'answered',
    failed: 'failed',
    kept: 'kept',
    broke: 'a kept connection broke',
    notKnown: 'not known',
    between: (what: string, from: string, to: string, off: string) => `${what}, ${from} to ${to} (± ${off})`,
    each: (what: string, from: string, to: string) => `${what}, ${from} to ${to}`,
    predicted: (from: string, to: string) => `predicted ${from} to ${to}`,
    destinations: (n: number) => plural(n, 'destination'),
  },
  legend: {
    vip: 'has the VIP',
    table: 'destinations in its table',
    synced: 'entries from the peer',
    predicted: 'predicted',
    answered: 'probes answered',
    failed: 'probes failed',
    broke: 'kept connection broke',
    step: 'step',
    undo: 'taken back',
  },
};
