/** All a diagnosis may rest on. Pure data: the run gathers it, the rules read it. */
import type { Cluster, RealServer, VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import type { Evidence } from '../model/evidence.ts';
import type { FaultId } from '../model/fault-id.ts';
import type { Fact, HostFactName, HostFacts } from '../model/facts.ts';
import type { DirectorReach, EndReading, FailedEntry, Probing } from '../model/ends.ts';
import type { LoadResult } from '../model/load-result.ts';
import type { Sampling } from '../model/sampling.ts';
import type { Verdict } from '../model/verdict.ts';

export interface ServiceObservation {
  readonly load?: LoadResult;
  readonly loadEvidence?: Evidence;
  readonly sampling?: Sampling;
  readonly samplingEvidence?: Evidence;
  readonly reach: readonly DirectorReach[];
  readonly reachEvidence?: Evidence;
  /** Of requests that failed, as far as the load keeps them, right after it. */
  readonly failedEntries?: readonly FailedEntry[];
  readonly entriesEvidence?: Evidence;
  /** What client and real servers counted under load. */
  readonly ends?: readonly EndReading[];
  readonly endsEvidence?: Evidence;
  /** The experiment, where one was made: only when the rest left the cause open. */
  readonly probing?: Probing;
  readonly probingEvidence?: readonly Evidence[];
}

export interface DiagnosisInput {
  readonly cluster: Cluster;
  readonly verdicts: readonly Verdict[];
  /** The faults a check of the run sees, which a passing one has not found. */
  sees(check: string): readonly FaultId[];
  /** A fact of a host, as collected before any change; missing when nobody asked. */
  fact<N extends HostFactName>(host: string, name: N): Fact<HostFacts[N]>;
  /** What load showed of the service; undefined when it was not driven. */
  observation(service: string): ServiceObservation | undefined;
}

/** How one destination fared under load. Undefined figures were not measured. */
export interface DestinationSigns {
  readonly destination: string;
  /** Most entries seen at once in SYN_RECV that were older than 3 s. */
  readonly stuck: number;
  /** Most entries seen at once in CLOSE. */
  readonly closed: number;
  readonly connections?: number;
  readonly inPackets?: number;
  readonly outPackets?: number;
  /** Answers the client got that named this real server. */
  readonly answers?: number;
  readonly reach?: DirectorReach;
}

export function destinationSigns(
  input: DiagnosisInput,
  service: VirtualService,
  realServer: RealServer,
): DestinationSigns | undefined {
  const observed = input.observation(service.name);
  const port = service.destinations.find((destination) => destination.realServer.name === realServer.name)?.port;
  if (observed === undefined || port === undefined) return undefined;
  const destination = endpoint(realServer.rip, port);
  const rows = (observed.sampling?.samples ?? []).map((sample) =>
    sample.counts.filter((count) => count.destination === destination),
  );
  const most = (pick: (row: (typeof rows)[number][number]) => number) =>
    Math.max(0, ...rows.map((counts) => counts.reduce((sum, count) => sum + pick(count), 0)));
  const counters = observed.sampling?.counters.find((counter) => counter.destination === destination);
  const reach = observed.reach.find((attempt) => attempt.realServer === realServer.name);
  const answers = answersOf(observed.load, service, realServer.name);
  return {
    destination,
    stuck: most(({ stuck }) => stuck),
    closed: most(({ state, entries }) => (state === 'CLOSE' ? entries : 0)),
    ...(counters === undefined
      ? {}
      : { connections: counters.connections, inPackets: counters.inPackets, outPackets: counters.outPackets }),
    ...(answers === undefined ? {} : { answers }),
    ...(reach === undefined ? {} : { reach }),
  };
}

/** Undefined when the answers name none of the service's real servers: then nobody knows which one gave them. */
function answersOf(load: LoadResult | undefined, service: VirtualService, name: string): number | undefined {
  if (load === undefined) return undefined;
  const attributed = service.destinations.some(({ realServer }) => realServer.name in load.answersByRealServer);
  return attributed || load.answered === 0 ? (load.answersByRealServer[name] ?? 0) : undefined;
}

/** The verdict on the host, as to the service where it is about one; undefined when none was planned. */
export function verdictOn(input: DiagnosisInput, check: string, host: string, service: string): Verdict | undefined {
  return input.verdicts.find(
    (verdict) =>
      verdict.check === check &&
      verdict.subject.host === host &&
      (verdict.subject.service === undefined || verdict.subject.service === service),
  );
}

/** Whether another director carried the load of the service. */
export function isStandby(input: DiagnosisInput, service: string, director: string): boolean {
  const carrier = input.observation(service)?.sampling?.host;
  return carrier !== undefined && carrier !== director;
}

/** `check@host/service` */
export function keyOf({ check, subject }: Pick<Verdict, 'check' | 'subject'>): string {
  return `${check}@${[subject.host, subject.service].filter((part) => part !== undefined).join('/')}`;
}

/** Failed verdicts of these checks, about this host or about the service as a whole, as `check@host/service`. */
export function failures(
  input: DiagnosisInput,
  checks: readonly string[],
  host: string | undefined,
  service: string,
): string[] {
  return input.verdicts
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')
    .filter(({ check }) => checks.includes(check))
    .filter(({ check, subject }) => check.startsWith('traffic/') || host === undefined || subject.host === host)
    .filter(({ subject }) => subject.service === undefined || subject.service === service)
    .map(keyOf);
}
