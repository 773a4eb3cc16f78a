/** `ipvet failover`: takes parts of a cluster out of service on purpose, and measures what clients notice. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { IpvetError } from '../lib/errors.ts';
import type { Client, Cluster, VirtualService } from '../lib/model/cluster.ts';
import { commandText } from '../lib/model/custom-check.ts';
import { type ScenarioName, scenarioNames } from '../lib/model/failover.ts';
import { hostsOfScenario } from '../lib/run/failover/scenarios.ts';
import { FailoverRun } from '../lib/run/failover/run.ts';
import { version } from '../lib/version.ts';
import { requireClient } from './accept.ts';
import { requireConsent, stealing } from './consent.ts';
import { openEvents } from './events.ts';
import { clusterOf, type GlobalOptions, globalOptions, prompter } from './options.ts';
import { progressListener } from './progress.ts';
import { printPlan } from './failover-plan.ts';
import { mustBeFormats } from './formats.ts';
import { endSession, onSignals } from './session.ts';
import { shown } from './terminal.ts';

interface Flags {
  readonly repeat: number;
  readonly load: readonly ('low' | 'high')[];
  readonly service?: string;
  readonly plan?: true;
}

const mostRepeats = 100;

export function failoverCommand(): Command {
  return new Command('failover')
    .description('measured takeover and failback: disruptive, on labs and with --allow disrupt')
    .addArgument(
      new Argument('[scenario...]', `what is done; all otherwise: ${scenarioNames.join(', ')}`).choices(scenarioNames),
    )
    .option('--repeat <n>', 'how often each', repeats, 1)
    .addOption(
      new Option('--load <loads>', 'low: probes alone; high: 300 requests a second besides; low,high for both')
        .default(['low'], 'low')
        .argParser(loads),
    )
    .option('--service <name>', 'virtual service that is watched; the first otherwise')
    .option('--plan', 'only say what would be done on which host, and what outage is to be expected')
    .action(async (scenarios: ScenarioName[], flags: Flags, command: Command) => {
      await failover(scenarios, flags, globalOptions(command));
    });
}

async function failover(asked: readonly ScenarioName[], flags: Flags, options: GlobalOptions): Promise<void> {
  mustBeFormats(options.format);
  const scenarios = asked.length === 0 ? scenarioNames : asked;
  const cluster = await clusterOf(options);
  requireClient(cluster);
  const { service, client } = watchedOf(cluster, flags.service);
  if (flags.plan === true) {
    await printPlan({ cluster, service }, scenarios, { json: options.json, prompt: prompter(options) });
    return;
  }
  const [profile] = cluster.loadProfiles;
  if (profile === undefined) throw new IpvetError('CONFIG', `${cluster.file} has no load profile`);
  await requireConsent(cluster, options, {
    command: 'failover',
    tiers: ['traffic', 'disrupt'],
    show: () => Promise.resolve(shown(planText(scenarios, flags, cluster, service))),
  });
  const prompt = prompter(options);
  const events = openEvents(options.events);
  const tell = progressListener(options);
  const run = new FailoverRun({
    cluster,
    service,
    client,
    profile,
    scenarios,
    asked: asked.length > 0,
    loads: flags.load,
    repeat: flags.repeat,
    version,
    outDirectory: options.out,
    failOn: options.failOn,
    ...stealing(options),
    ...(prompt === undefined ? {} : { prompt }),
    onEvent: (event) => {
      tell(event);
      events.listener(event);
    },
  });
  const release = onSignals(run);
  try {
    await endSession(run, options);
  } finally {
    release();
    events.close();
  }
}

/** Throws USAGE and CONFIG for a cluster whose takeover cannot be watched. */
function watchedOf(
  cluster: Cluster,
  name: string | undefined,
): { readonly service: VirtualService; readonly client: Client } {
  const [client] = cluster.clients;
  const service =
    name === undefined ? cluster.virtualServices[0] : cluster.virtualServices.find((one) => one.name === name);
  if (service === undefined || client === undefined)
    throw new IpvetError('USAGE', `${cluster.file} has no service ${name ?? ''}`, {
      hint: `services: ${cluster.virtualServices.map((one) => one.name).join(', ')}`,
    });
  if (cluster.directors.length < 2)
    throw new IpvetError('CONFIG', `${cluster.file} has one director, and nobody to take over from it`, {
      hint: 'try it on a lab: ipvet lab up --topology ha',
    });
  if (cluster.rules.managedBy !== 'keepalived')
    throw new IpvetError('CONFIG', `${cluster.file} does not say that keepalived looks after the rules`, {
      hint: 'drills are for directors under keepalived: rules: { managed_by: keepalived }',
    });
  if (service.protocol !== 'tcp' || (service.exchange !== undefined && service.exchange.protocol !== 'http'))
    throw new IpvetError('USAGE', `${service.name} is no HTTP service in the clear, and probes ask for a page`, {
      hint: '--service names another one',
    });
  return { service, client };
}

function planText(
  scenarios: readonly ScenarioName[],
  { repeat, load }: Flags,
  cluster: Cluster,
  service: VirtualService,
): string {
  const lines = scenarios.flatMap((scenario) => {
    const hosts = hostsOfScenario(scenario, cluster, service);
    const who = scenario.includes('real-server') ? hosts.join(', ') : `one of ${hosts.join(', ')}`;
    const switches = cluster.directors.flatMap(({ name, power }) =>
      power === undefined || scenario !== 'director-power-off'
        ? []
        : [`    ${name}, on this machine: ${commandText(power.off)}; and back: ${commandText(power.on)}`],
    );
    return [`  ${scenario}: on ${who}, ${repeat * load.length} times`, ...switches];
  });
  return `${['Takes out of service, and puts back:', ...lines].join('\n')}\n`;
}

function repeats(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > mostRepeats)
    throw new InvalidArgumentError(`give a whole number from 1 to ${mostRepeats}`);
  return number;
}

function loads(value: string): ('low' | 'high')[] {
  const named = value.split(',');
  const known = (['low', 'high'] as const).filter((one) => named.includes(one));
  if (known.length !== named.length) throw new InvalidArgumentError('give low, high or low,high');
  return known;
}
