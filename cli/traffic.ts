/** `load`, `distribution` and `diagnose`: the traffic part of `accept` alone, on the rules as they are. */
import { Command } from 'commander';

import { IpvetError } from '../lib/errors.ts';
import { type Cluster, loadObstacle, type LoadProfile } from '../lib/model/cluster.ts';
import type { Stage } from '../lib/model/check.ts';
import { requireClient } from './accept.ts';
import { type Needs, runAllowed } from './allowed-run.ts';
import { capacitySearch } from '../lib/config/defaults.ts';
import { suggestion } from '../lib/config/suggestion.ts';
import { renderAb } from '../reports/index.ts';
import { abMostRequests, abTarget, headerOf, likeAb } from './ab.ts';
import { clusterOf, globalOptions, withDryRun } from './options.ts';

interface LoadFlags {
  readonly n?: string;
  readonly c?: string;
  readonly s?: string;
  readonly t?: string;
  readonly k?: boolean;
  readonly H: readonly string[];
  readonly findCapacity?: boolean;
  readonly control?: boolean;
}

const loadChecks = [
  'traffic/requests',
  'traffic/thresholds',
  'traffic/generator',
  'traffic/reconciliation',
  'traffic/handshakes',
];

export function trafficCommands(): Command[] {
  const loadCommand = withDryRun(new Command('load'))
    .description('ab-style load through the VIP; -n -c -s -t -k mean what they mean in ab')
    .argument('[profile or URL]', 'load profile of the cluster file, or http://VIP/… of a declared service, as with ab')
    .option('-n <requests>', 'requests in all')
    .option('-c <concurrency>', 'requests at the same time')
    .option('-s <seconds>', 'longest wait for one response')
    .option('-t <seconds>', 'stop after this long; up to 50000 requests unless -n says otherwise')
    .option('-k', 'keep connections alive (many requests per connection)')
    .option(
      '-H <header>',
      "one more header, 'Name: value'; may be given again",
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option(
      '--find-capacity',
      'raise the rate until it does not hold, and tell the highest that did and what limits it',
    )
    .option('--control', 'also send a small load around the director, to each real server that is reached')
    .action(async (target: string | undefined, flags: LoadFlags, command: Command) => {
      await load(command, target, flags);
    });
  const distribution = withDryRun(new Command('distribution'))
    .description('the load it needs, then the verdict on the shares')
    .argument('[profile]', 'load profile of the cluster file')
    .action(async (name: string | undefined, _flags: unknown, command: Command) => {
      await traffic(
        command,
        'distribution',
        ['traffic'],
        ['traffic/distribution', 'traffic/requests', 'traffic/sampling'],
        name,
      );
    });
  const diagnose = withDryRun(new Command('diagnose'))
    .description('find the cause of what is failing now: prerequisites, state and load, nothing changed')
    .argument('[profile]', 'load profile of the cluster file')
    .action(async (name: string | undefined, _flags: unknown, command: Command) => {
      await traffic(command, 'diagnose', ['pre', 'post', 'traffic'], [], name, true);
    });
  return [loadCommand, distribution, diagnose];
}

async function load(command: Command, target: string | undefined, flags: LoadFlags): Promise<void> {
  const options = globalOptions(command);
  const cluster = await clusterOf(options);
  requireClient(cluster);
  requireDrivable(cluster);
  const url = target?.includes('://') === true ? target : undefined;
  const { service, request } = url === undefined ? {} : abTarget(cluster, url);
  const headers = flags.H.map(headerOf);
  const base = url === undefined ? profileOf(cluster, target) : { ...profileOf(cluster, undefined), ...likeAb };
  const profile: LoadProfile = {
    ...withFlags(base, flags),
    ...(request === undefined && headers.length === 0
      ? {}
      : { request: { ...request, headers: [...(request?.headers ?? []), ...headers] } }),
    measured: true,
  };
  await runAllowed(
    {
      cluster,
      command: 'load',
      stages: ['traffic'],
      checks: profile.capacity === undefined ? loadChecks : [...loadChecks, 'traffic/capacity'],
      profile,
      rulesAsFound: true,
      ...(service === undefined ? {} : { services: [service] }),
      ...(url === undefined ? {} : { prelude: (record) => renderAb(record, profile) }),
    },
    options,
    needsOf(cluster),
  );
}

async function traffic(
  command: Command,
  name: string,
  stages: readonly Stage[],
  checks: readonly string[],
  profileName: string | undefined,
  haste = false,
): Promise<void> {
  const options = globalOptions(command);
  const cluster = await clusterOf(options);
  requireClient(cluster);
  if (stages.every((stage) => stage === 'traffic')) requireDrivable(cluster);
  const profile = profileOf(cluster, profileName);
  const deed = { cluster, command: name, stages, checks, profile, rulesAsFound: true };
  const hasty = haste ? { profile: inHaste(profile), reachTimeoutMs: hastyReachMs, loadFirst: true } : {};
  await runAllowed({ ...deed, ...hasty }, options, needsOf(cluster));
}

/** A host that is down holds up everything else for as long: two SYNs more than the first are sent by then. */
const hastyReachMs = 5000;

/**
 * What fails is to be told soon: a few failures are enough, and a handshake is waited for until its SYN was sent a third
 * time, 3 s after the first, and a while longer. A request that takes the place of one that failed by then, as ARP that
 * fails is told after 3 s, would hold up the end for as long again.
 */
function inHaste(profile: LoadProfile): LoadProfile {
  const { abortAfterFailures, connectTimeoutMs = profile.timeoutMs } = profile;
  return {
    ...profile,
    abortAfterFailures: Math.min(20, abortAfterFailures),
    failureEndsAfterMs: 3000,
    connectTimeoutMs: Math.min(3700, connectTimeoutMs),
  };
}

/** A pool of source addresses may have to be added to the client; whether it has them is known when it is asked. */
function needsOf({ clients: [client] }: Cluster): Needs {
  if (client?.pool === undefined) return { tiers: ['traffic'] };
  return { tiers: ['traffic', 'change'], needed: ['traffic'], change: `adds addresses to ${client.name}` };
}

/** Throws USAGE when there is no service that load can be sent through: nothing would be judged. */
function requireDrivable({ file, virtualServices }: Cluster): void {
  const obstacles = virtualServices.map(loadObstacle);
  if (obstacles.includes(undefined)) return;
  throw new IpvetError('USAGE', `${file} has no virtual service to send load through`, {
    hint: obstacles.join('; '),
  });
}

function profileOf(cluster: Cluster, name: string | undefined): LoadProfile {
  const profiles = cluster.loadProfiles;
  const profile = name === undefined ? profiles[0] : profiles.find((candidate) => candidate.name === name);
  if (profile !== undefined) return profile;
  const names = profiles.map((candidate) => candidate.name);
  const meant = name === undefined ? undefined : suggestion(name, names);
  throw new IpvetError('USAGE', `${cluster.file} has no load profile ${name ?? ''}`, {
    hint: meant === undefined ? `profiles: ${names.join(', ')}` : `did you mean ${meant}?`,
  });
}

function withFlags(profile: LoadProfile, flags: LoadFlags): LoadProfile {
  const requests =
    flags.n === undefined ? (flags.t === undefined ? profile.requests : abMostRequests) : wholeNumber('-n', flags.n);
  const concurrency = flags.c === undefined ? profile.concurrency : wholeNumber('-c', flags.c);
  if (concurrency > requests) {
    throw new IpvetError('USAGE', `-c ${concurrency} is more than -n ${requests}`, {
      hint: 'at most as many at the same time as in all',
    });
  }
  if (flags.findCapacity === true && flags.k === true)
    throw new IpvetError('USAGE', '--find-capacity makes new connections, and -k keeps them', {
      hint: 'leave one out',
    });
  return {
    ...profile,
    requests,
    concurrency,
    abortAfterFailures: Math.max(profile.abortAfterFailures, concurrency),
    ...(flags.s === undefined ? {} : { timeoutMs: wholeNumber('-s', flags.s) * 1000 }),
    ...(flags.t === undefined ? {} : { timeLimitMs: wholeNumber('-t', flags.t) * 1000 }),
    ...(flags.k === true ? { mode: 'keepalive' as const } : {}),
    ...(flags.findCapacity === true ? { mode: 'ab' as const, capacity: profile.capacity ?? capacitySearch } : {}),
    ...(flags.control === true ? { control: true as const } : {}),
  };
}

function wholeNumber(flag: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new IpvetError('USAGE', `${flag} ${value} is not a whole number of at least 1`, {
      hint: `for example ${flag} 100`,
    });
  }
  return number;
}
