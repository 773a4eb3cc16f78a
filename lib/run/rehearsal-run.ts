/** The commands of a run, composed in the order in which a run gives them. Pure: what it rests on has been read before. */
import { questionsFor } from '../facts/questions.ts';
import type { RulesBatch } from '../ipvs/batch.ts';
import type { Pair, Stage } from '../model/check.ts';
import type { Client, Cluster, Director, LoadProfile, VirtualService } from '../model/cluster.ts';
import type { Login } from '../ssh/line.ts';
import { commandsStage } from './answers.ts';
import { mayBeActive } from './active-director.ts';
import type { RehearsedCommand, RehearsedLoad } from './rehearsal.ts';
import { Script } from './rehearsal-script.ts';
import { changesRules, poolClient, type Selection, selects, tiersOf } from './selection.ts';
import { asksLarge } from './large-requests.ts';
import { endsOf, loadPlan } from './load-plan.ts';
import { isObservation, WantedFacts } from './wanted-facts.ts';

/** What the run would make of a director's rules. */
export interface DirectorRules {
  readonly director: string;
  readonly batch: RulesBatch;
  /** Whether there are destinations, and with them thresholds to be read, before the change and after it. */
  readonly occupied: { readonly before: boolean; readonly after: boolean };
}

export interface RunInputs {
  readonly cluster: Cluster;
  readonly selection: Selection;
  /** Every pair there is; the selection leaves some out. */
  readonly pairs: readonly Pair[];
  readonly profile: LoadProfile | undefined;
  readonly logins: ReadonlyMap<string, Login>;
  /** One for each director the run locks; those it need not change have an empty batch. */
  readonly rules: readonly DirectorRules[];
}

export interface Composition {
  readonly commands: readonly RehearsedCommand[];
  readonly load: readonly RehearsedLoad[];
}

export function composeRun(inputs: RunInputs): Composition {
  const { cluster, selection, pairs, logins, rules } = inputs;
  const planned = pairs.filter(({ check, subject }) => selects(selection, check, subject));
  const wanted = new WantedFacts(cluster, { changesRules: changesRules(selection, cluster) });
  for (const { check, subject } of planned) wanted.add(check, subject);
  const driven = drivenServices(planned);
  const script = new Script(logins);

  const pool = poolClient(selection, cluster);
  const changed = [...rules.map(({ director }) => director), ...(pool === undefined ? [] : [pool.name])];
  for (const host of changed) script.guard({ host, stage: 'lock' });
  for (const host of changed) script.fingerprint({ host, stage: 'lock' });
  facts(script, inputs, wanted, 'pre', 'facts');
  ownCommands(script, planned, 'pre');
  const installs = planned.some(({ check }) => check.stage !== 'pre');
  if (installs) install(script, rules);
  facts(script, inputs, wanted, 'post', 'facts post');
  ownCommands(script, planned, 'post');
  const [first] = driven;
  if (first?.client.pool !== undefined)
    script.sources({ host: first.client.name, stage: `load ${first.service.name}` }, first.client, pool !== undefined);
  for (const each of driven) traffic(script, inputs, each);
  for (const each of driven.filter(({ service }) => service.protocol === 'tcp')) experiment(script, inputs, each);
  if (pool !== undefined && first !== undefined) script.removeSources({ host: pool.name, stage: 'restore' }, pool);
  if (installs) restore(script, rules);
  for (const host of changed) script.fingerprint({ host, stage: 'restore' });
  return { commands: script.commands, load: driven.flatMap((each) => rehearsedLoad(inputs, each)) };
}

function facts(
  script: Script,
  { cluster, selection }: RunInputs,
  wanted: WantedFacts,
  from: string,
  stage: string,
): void {
  for (const { host, facts: names } of wanted.of(from))
    script.facts({ host: host.name, stage }, 'read', questionsFor(cluster, host, names, tiersOf(selection, cluster)));
}

function ownCommands(script: Script, planned: readonly Pair[], stage: Stage): void {
  for (const { check, subject } of planned) {
    if (check.command === undefined || check.stage !== stage) continue;
    script.ownCommand({ host: subject.host.name, stage: commandsStage(stage) }, check.id, check.command);
  }
}

function install(script: Script, rules: readonly DirectorRules[]): void {
  for (const { director: host, batch, occupied } of rules) {
    const step = { host, stage: 'rules' };
    script.readRules(step, occupied.before);
    if (batch.operations.length === 0) continue;
    script.ownership(step);
    script.applyRules(step, batch);
    script.readRules(step, occupied.after);
  }
}

function restore(script: Script, rules: readonly DirectorRules[]): void {
  const changed = rules.filter(({ batch }) => batch.operations.length > 0);
  for (const { director: host, batch } of changed.toReversed()) script.undo({ host, stage: 'restore' }, batch.undo);
  for (const { director: host, occupied } of rules) script.readRules({ host, stage: 'restore' }, occupied.before);
}

/** What one traffic subject names. */
interface Driven {
  readonly service: VirtualService;
  readonly director: Director;
  readonly client: Client;
}

/** The services that are driven, each once, in the order of their first check. */
function drivenServices(planned: readonly Pair[]): readonly Driven[] {
  const driven = new Map<string, Driven>();
  for (const { check, subject } of planned) {
    if (!check.requires.some(isObservation) || !('client' in subject) || !('service' in subject)) continue;
    if (check.inapplicable?.(subject) !== undefined) continue;
    const { service, host: director, client } = subject;
    if (!driven.has(service.name)) driven.set(service.name, { service, director, client });
  }
  return [...driven.values()];
}

function traffic(
  script: Script,
  { cluster, selection, profile }: RunInputs,
  { service, director, client }: Driven,
): void {
  const stage = `load ${service.name}`;
  const step = { host: director.name, stage };
  const ends = endsOf(service, client, selection.limit).map(({ host }) => ({ host, stage }));
  for (const { name } of mayBeActive(cluster, selection.limit)) script.holder({ host: name, stage });
  script.destinationOrder(step);
  for (const end of ends) script.ends(end);
  script.sampler(step, service);
  script.counters({ ...step, alongside: true });
  script.counters(step);
  for (const end of ends) script.ends(end);
  if (profile !== undefined && asksLarge(loadPlan(service, client, profile)))
    followed(script, [...ends, step], step, service);
  const failing = { ...step, condition: 'when requests fail' };
  script.facts(failing, 'traffic', questionsFor(cluster, director, ['httpProbes']));
  script.failedEntries({ ...failing, alongside: true }, service);
}

function experiment(script: Script, { selection }: RunInputs, { service, director, client }: Driven): void {
  const step = {
    stage: `probe ${service.name}`,
    condition: 'when requests fail and what is known leaves the cause open',
  };
  const ends = [...endsOf(service, client, selection.limit).map(({ host }) => host), director.name];
  followed(
    script,
    ends.map((host) => ({ ...step, host })),
    { ...step, host: director.name },
    service,
  );
}

/** A few requests, each joined to its entry on the director, between two readings of what every host counts. */
function followed(
  script: Script,
  ends: readonly Parameters<Script['ends']>[0][],
  director: Parameters<Script['ends']>[0],
  service: VirtualService,
): void {
  for (const end of ends) script.ends(end);
  script.probedEntries(director, service);
  for (const end of ends) script.ends(end.host === director.host ? { ...end, alongside: true } : end);
}

function rehearsedLoad({ profile }: RunInputs, { service, client }: Driven): readonly RehearsedLoad[] {
  if (profile === undefined) return [];
  const { url, sources, netns } = loadPlan(service, client, profile);
  const { requests, concurrency, mode, timeoutMs, timeLimitMs } = profile;
  return [
    {
      service: service.name,
      client: client.name,
      ...(netns === undefined ? {} : { netns }),
      source: sources.join(', '),
      url,
      requests,
      concurrency,
      mode,
      timeoutMs,
      ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
    },
  ];
}
