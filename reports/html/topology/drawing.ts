/** A run record as one picture for each virtual service: who sends to whom, how much of it, and where it breaks. */
import type { HostRole } from '../../../lib/model/cluster.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { outcomes } from '../../summary.ts';
import { type Hop, hopOf } from './hops.ts';

export type Service = RunRecord['cluster']['services'][number];

/** `number` is that of the finding on the page; a failed check without a diagnosis has none. */
export interface Trouble {
  readonly hop: Hop;
  readonly cause: string;
  readonly number?: number;
}

export interface Node {
  readonly name: string;
  readonly address: string;
  /** Worst outcome of what was judged on it; undefined when nothing was. */
  readonly outcome?: Outcome;
  readonly trouble?: Trouble;
}

/** `idle`: the director sent it nothing. `unobserved`: no load, or answers that name nobody. */
export type Traffic = 'answers' | 'partly' | 'lost' | 'idle' | 'unobserved';

export interface ServerNode extends Node {
  readonly weight: number;
  readonly traffic: Traffic;
  /** Connections the director sent it, and answers that named it. */
  readonly sent?: number;
  readonly answered?: number;
  /** Of all connections of the service, 0 to 1. */
  readonly share?: number;
  /** The way its kernel answers the client, as it says itself: `via 10.10.10.254 dev eth1`. */
  readonly route?: string;
}

export interface ClientNode extends Node {
  /** Requests it sent. */
  readonly sent?: number;
}

export interface DirectorNode extends Node {
  /** The one the load went through; undefined where nobody looked. */
  readonly serves?: boolean;
}

export interface Drawing {
  readonly service: Service;
  readonly clients: readonly ClientNode[];
  readonly directors: readonly DirectorNode[];
  readonly servers: readonly ServerNode[];
  /** On the way to the VIP, and at the VIP. */
  readonly request?: Trouble;
  readonly vip?: Trouble;
}

/** A cause, or a fault that a failed check found, at the host that has it. */
interface Placed extends Trouble {
  readonly host?: string;
  /** Names in its words: where a hop between two hosts has its other end. */
  readonly names: ReadonlySet<string>;
}

export function drawingOf(record: RunRecord, service: Service): Drawing {
  const troubles = troublesOf(record, service.name);
  const outcomeOf = worstByHost(record.verdicts, service.name);
  const hosts = (role: HostRole) => record.cluster.hosts.filter((host) => host.role === role);
  const node = (name: string, address: string, hop: Hop): Node => {
    const outcome = outcomeOf.get(name);
    const trouble = troubles.find((one) => one.hop === hop && one.host === name);
    return {
      name,
      address,
      ...(outcome === undefined ? {} : { outcome }),
      ...(trouble === undefined ? {} : { trouble }),
    };
  };
  const served = servingDirector(record, service);
  const [request, vip] = (['request', 'vip'] as const).map((hop) => troubles.find((one) => one.hop === hop));
  return {
    service,
    clients: hosts('client').map(({ name, address }) => {
      const loads = record.load.filter((load) => load.service === service.name && load.client === name);
      return {
        ...node(name, loads[0]?.source ?? address, 'request'),
        ...(loads.length === 0 ? {} : { sent: sumOf(loads, ({ sent }) => sent) }),
      };
    }),
    directors: hosts('director').map(({ name, address }) => ({
      ...node(name, address, 'director'),
      ...(served === undefined ? {} : { serves: name === served }),
    })),
    servers: serversOf(record, service, troubles, node),
    ...(request === undefined ? {} : { request }),
    ...(vip === undefined ? {} : { vip }),
  };
}

function troublesOf(record: RunRecord, service: string): Placed[] {
  const roles = new Map(record.cluster.hosts.map(({ name, role }) => [name, role]));
  const place = (cause: string, host: string | undefined, words: string): Placed => ({
    hop: hopOf(cause) ?? hopAt(host === undefined ? undefined : roles.get(host)),
    cause,
    ...(host === undefined ? {} : { host }),
    names: new Set(words.split(/[^\p{L}\p{N}._-]+/u)),
  });
  const causes = record.diagnoses.flatMap((diagnosis, index) =>
    diagnosis.service === undefined || diagnosis.service === service
      ? [{ ...place(diagnosis.cause, diagnosis.host, diagnosis.summary), number: index + 1 }]
      : [],
  );
  if (causes.length > 0) return causes;
  return record.verdicts
    .filter(({ outcome, subject }) => outcome === 'fail' && about(subject, service))
    .flatMap(({ faults = [], culprits, subject, reason = '' }) =>
      faults.slice(0, 1).flatMap((fault) => (culprits ?? [subject.host]).map((host) => place(fault, host, reason))),
    );
}

function hopAt(role: HostRole | undefined): Hop {
  if (role === undefined) return 'request';
  return role === 'director' ? 'director' : role === 'client' ? 'request' : 'server';
}

function about({ service }: Verdict['subject'], name: string): boolean {
  return service === undefined || service === name;
}

function worstByHost(verdicts: readonly Verdict[], service: string): ReadonlyMap<string, Outcome> {
  const worst = new Map<string, Outcome>();
  for (const { subject, outcome } of verdicts) {
    if (subject.host === undefined || !about(subject, service)) continue;
    const before = worst.get(subject.host);
    if (before === undefined || outcomes.indexOf(outcome) < outcomes.indexOf(before)) worst.set(subject.host, outcome);
  }
  return worst;
}

/** The one that was sampled under load; where there is but one, that one. */
function servingDirector(record: RunRecord, { name }: Service): string | undefined {
  const directors = record.cluster.hosts.filter(({ role }) => role === 'director');
  return sampled(record, name)?.host ?? (directors.length === 1 ? directors[0]?.name : undefined);
}

function sampled(record: RunRecord, service: string): RunRecord['samples'][string] | undefined {
  return Object.hasOwn(record.samples, service) ? record.samples[service] : undefined;
}

function serversOf(
  record: RunRecord,
  service: Service,
  troubles: readonly Placed[],
  node: (name: string, address: string, hop: Hop) => Node,
): ServerNode[] {
  const loads = record.load.filter((load) => load.service === service.name);
  const { counters = [] } = sampled(record, service.name) ?? {};
  const counted = record.distribution.find((one) => one.service === service.name)?.counts;
  const byDestination = new Map(counters.map(({ destination, connections }) => [destination, connections]));
  const sentTo = (name: string, address: string) =>
    byDestination.get(address) ?? (counted !== undefined && Object.hasOwn(counted, name) ? counted[name] : undefined);
  const sent = service.realServers.map(({ name, address }) => sentTo(name, address));
  const all = sumOf(sent, (one) => one ?? 0);
  const failed = sumOf(loads, (load) => load.failed);
  const named = loads.length > 0 && loads.every(({ unattributed }) => unattributed === 0);
  const routes = routesByServer(record, service.name);
  return service.realServers.map(({ name, address, weight }, index) => {
    const own = sent[index];
    const answered = named ? sumOf(loads, (load) => load.answersByRealServer[name] ?? 0) : undefined;
    const between = troubles.find(
      ({ hop, host, names }) => (hop === 'forward' || hop === 'reply') && (host === name || names.has(name)),
    );
    const route = routes.get(name);
    return {
      ...node(name, address, 'server'),
      ...(between === undefined ? {} : { trouble: between }),
      weight,
      traffic: trafficOf(own, answered, failed, loads.length > 0),
      ...(own === undefined ? {} : { sent: own, ...(all > 0 ? { share: own / all } : {}) }),
      ...(answered === undefined ? {} : { answered }),
      ...(route === undefined ? {} : { route }),
    };
  });
}

/** Keep-alive answers several requests a connection, so more answers than connections are well too. */
function trafficOf(sent: number | undefined, answered: number | undefined, failed: number, loaded: boolean): Traffic {
  if (!loaded || (sent === undefined && answered === undefined)) return 'unobserved';
  if (sent === 0 && (answered ?? 0) === 0) return 'idle';
  if (answered === undefined) return failed === 0 ? 'answers' : 'unobserved';
  if (answered === 0) return sent === undefined ? 'unobserved' : 'lost';
  return failed === 0 || sent === undefined || answered >= sent * 0.99 ? 'answers' : 'partly';
}

const routeChecks = ['real-server/reply-route', 'real-server/vip-reply-route'];

/** By real server: what its kernel said of the way to a client. */
function routesByServer({ verdicts }: RunRecord, service: string): ReadonlyMap<string, string> {
  const routes = new Map<string, string>();
  for (const { check, subject, found } of verdicts) {
    if (!routeChecks.includes(check) || subject.host === undefined || !about(subject, service)) continue;
    if (typeof found !== 'object' || found === null) continue;
    const [way] = Object.entries(found).filter(([key]) => !key.includes('_'));
    if (way === undefined || typeof way[1] !== 'string') continue;
    routes.set(subject.host, way[0] === 'gateway' ? `via ${way[1]}` : way[1]);
  }
  return routes;
}

function sumOf<T>(of: readonly T[], pick: (one: T) => number): number {
  return of.reduce((sum, one) => {
    const value = pick(one);
    return sum + (Number.isFinite(value) ? value : 0);
  }, 0);
}
