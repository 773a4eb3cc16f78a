/** What load, table and counters showed of one real server's connections, or of all of a service's. Pure. */
import type { RealServer, VirtualService } from '../model/cluster.ts';
import type { Probe } from '../model/ends.ts';
import type { ConnectionErrorKind } from '../model/load-result.ts';
import type { DestinationCounters, TableCount, TableSample } from '../model/sampling.ts';
import { type DiagnosisInput, destinationSigns, type ServiceObservation } from './input.ts';
import type { Symptom, Trace } from './signatures.ts';

/** Undefined figures were not measured, or cannot be told. */
export interface Seen {
  /** `rs2 (10.10.10.20:80)`, or the service. */
  readonly what: string;
  /** What the director counted of it: connections, and packets of each from the client and back. */
  readonly connections?: number;
  readonly inPackets?: number;
  readonly outPackets?: number;
  readonly answers?: number;
  /** Where the entries were; empty when that is not known. */
  readonly traces: readonly Trace[];
  /** How requests failed whose entries were its own; absent where none is known. */
  readonly symptoms?: readonly Symptom[];
}

export function seenOfServer(input: DiagnosisInput, service: VirtualService, realServer: RealServer): Seen | undefined {
  const observed = input.observation(service.name);
  const signs = destinationSigns(input, service, realServer);
  if (observed === undefined || signs === undefined) return undefined;
  const { destination } = signs;
  const ofIt = ({ destination: to }: { readonly destination: string }) => to === destination;
  const answers = answersOf(service, signs);
  const own = symptomsIn(failuresOf(observed, destination), service);
  return {
    ...seen(`${realServer.name} (${destination})`, service, observed, ofIt, answers),
    ...(own.length === 0 ? {} : { symptoms: own }),
  };
}

/** How requests failed that the director sent there: of the load, as far as it keeps them, and of the experiment. */
function failuresOf(observed: ServiceObservation, destination: string): readonly ConnectionErrorKind[] {
  const ofLoad = (observed.failedEntries ?? []).filter((entry) => entry.destination === destination);
  return [
    ...ofLoad.map(({ kind }) => kind),
    ...probesTo(observed, destination).flatMap(({ outcome }) => (outcome === 'answered' ? [] : outcome)),
  ];
}

/** Those of the experiment that the director sent there. */
export function probesTo({ probing }: ServiceObservation, destination: string): readonly Probe[] {
  return probing?.probes.filter(({ entry }) => entry?.destination === destination) ?? [];
}

/** With NAT a page is more packets back than a handshake, whoever the answers name. */
function answersOf(
  { forwarding }: VirtualService,
  { answers, connections = 0, outPackets = 0 }: NonNullable<ReturnType<typeof destinationSigns>>,
): number | undefined {
  return answers ?? (forwarding === 'nat' && connections > 0 && outPackets > 2 * connections ? connections : undefined);
}

export function seenOfService(input: DiagnosisInput, service: VirtualService): Seen | undefined {
  const observed = input.observation(service.name);
  return observed && seen(service.name, service, observed, () => true, observed.load?.answered);
}

function seen(
  what: string,
  { protocol }: VirtualService,
  { sampling }: ServiceObservation,
  ofIt: (row: { readonly destination: string }) => boolean,
  answers: number | undefined,
): Seen {
  const counted = sampling?.countersProblem === undefined ? (sampling?.counters ?? []).filter(ofIt) : [];
  const sum = (pick: (row: DestinationCounters) => number) => counted.reduce((total, row) => total + pick(row), 0);
  const connections = counted.length === 0 ? undefined : sum((row) => row.connections);
  const samples = sampling?.samples ?? [];
  const rows = newRows(samples).filter(ofIt);
  const perConnection = (packets: number) => (connections ? packets / connections : undefined);
  const inPackets = perConnection(sum((row) => row.inPackets));
  const outPackets = perConnection(sum((row) => row.outPackets));
  return {
    what,
    ...(connections === undefined ? {} : { connections }),
    ...(inPackets === undefined ? {} : { inPackets }),
    ...(outPackets === undefined ? {} : { outPackets }),
    ...(answers === undefined ? {} : { answers }),
    traces:
      connections === 0 || (connections === undefined && samples.length > 0 && rows.length === 0)
        ? ['none']
        : protocol === 'tcp'
          ? tracesOf(rows, answers)
          : [],
  };
}

/** Of entries that the load made, as far as sums tell: those from before it, which last up to 15 minutes, are taken off. */
function newRows(samples: readonly TableSample[]): readonly TableCount[] {
  const before = samples.findLast(({ atMs }) => atMs < 0)?.counts ?? [];
  return samples
    .filter(({ atMs }) => atMs >= 0)
    .flatMap(({ counts }) => counts)
    .map((row) => {
      const old = before.find(({ destination, state }) => destination === row.destination && state === row.state);
      return { ...row, entries: row.entries - (old?.entries ?? 0), stuck: Math.max(0, row.stuck - (old?.stuck ?? 0)) };
    })
    .filter(({ entries }) => entries > 0);
}

/** A handshake that is under way is no sign, unless nothing was ever answered. */
function tracesOf(rows: readonly TableCount[], answers: number | undefined): readonly Trace[] {
  const traces = rows.flatMap(({ state, stuck }): readonly Trace[] => {
    const trace = traceOf(state);
    return trace === undefined || (trace === 'syn-recv' && stuck === 0 && answers !== 0) ? [] : [trace];
  });
  return [...new Set(traces)];
}

/** SYNACK stands for a half-open connection where secure_tcp is active (ip_vs_proto_tcp.c). */
function traceOf(state: string): Trace | undefined {
  switch (state) {
    case 'SYN_RECV':
    case 'SYNACK':
      return 'syn-recv';
    case 'CLOSE':
      return 'close';
    case 'ESTABLISHED':
      return 'established';
    case 'FIN_WAIT':
    case 'TIME_WAIT':
    case 'CLOSE_WAIT':
    case 'LAST_ACK':
      return 'finished';
    default:
      return undefined;
  }
}

/** ENOPROTOOPT is among `unreachable`. What says nothing of the cluster has no symptom. */
const symptoms: Readonly<Partial<Record<ConnectionErrorKind, Symptom>>> = {
  refused: 'refused',
  reset: 'reset',
  'connect-timeout': 'timeout',
  'response-timeout': 'hang',
  unreachable: 'unreachable',
  'no-resource': 'no-port',
  'short-read': 'reset',
  'bad-status': 'wrong-content',
  'bad-body': 'wrong-content',
};

/** What clients of the service saw go wrong, the most frequent first. UDP has no handshake: silence is a timeout. */
export function symptomsOf(input: DiagnosisInput, service: VirtualService): readonly Symptom[] {
  const byKind = input.observation(service.name)?.load?.errors.byKind ?? {};
  const kinds = (Object.entries(byKind) as [ConnectionErrorKind, number][]).filter(([, count]) => count > 0);
  return symptomsIn(
    kinds.toSorted(([, one], [, other]) => other - one).map(([kind]) => kind),
    service,
  );
}

function symptomsIn(kinds: readonly ConnectionErrorKind[], { protocol }: VirtualService): readonly Symptom[] {
  const seen = kinds.flatMap((kind) =>
    protocol === 'udp' && kind === 'response-timeout' ? ['timeout' as const] : (symptoms[kind] ?? []),
  );
  return [...new Set(seen)];
}
