/** A service of three real servers under load, where the connections of one of them, or of all, fail in one way. */
import type { DiagnosisInput, ServiceObservation } from '../../../lib/diagnosis/input.ts';
import type { Cluster, ForwardingMethod } from '../../../lib/model/cluster.ts';
import { endpoint } from '../../../lib/model/endpoint.ts';
import { known } from '../../../lib/model/facts.ts';
import type { FaultId } from '../../../lib/model/fault-id.ts';
import type { ConnectionErrorKind } from '../../../lib/model/load-result.ts';
import type { Verdict } from '../../../lib/model/verdict.ts';
import { aCluster, aDirectCluster, aLoad, aSample, aSampling, hostNamed } from '../../builders.ts';
import { factsOf } from '../../host-facts.ts';

/** How one failing connection shows: what the client sees, its entry, packets from the client and back. */
export interface Showing {
  readonly kind: ConnectionErrorKind;
  /** `none`: the director has no entry. */
  readonly state: string;
  readonly inPackets: number;
  readonly outPackets: number;
}

/** 50 connections to each real server; those in `failing` fail, the others are answered. */
export function observationOf(
  cluster: Cluster,
  failing: Readonly<Record<string, Showing>>,
  change: { readonly load?: Parameters<typeof aLoad>[0]; readonly countersProblem?: string } = {},
): ServiceObservation {
  const [service] = cluster.virtualServices;
  if (service === undefined) throw new RangeError('the cluster has a service');
  const back = service.forwarding === 'nat' ? 5 : 0;
  const well: Showing = {
    kind: 'other',
    state: service.forwarding === 'nat' ? 'TIME_WAIT' : 'FIN_WAIT',
    inPackets: 5,
    outPackets: back,
  };
  const ends = service.destinations.map(({ realServer: { name, rip }, port }) => ({
    name,
    destination: endpoint(rip, port),
    shows: failing[name] ?? well,
    fails: name in failing,
  }));
  const failed = ends.filter(({ fails }) => fails).length * 50;
  const answering = ends.filter(({ fails }) => !fails);
  const byKind: Partial<Record<ConnectionErrorKind, number>> = {};
  for (const { kind } of Object.values(failing)) byKind[kind] = (byKind[kind] ?? 0) + 50;
  const entries = ends.filter(({ shows }) => shows.state !== 'none');
  return {
    load: aLoad({
      sent: 150,
      connections: 150,
      answered: 150 - failed,
      failed,
      errors: { rate: failed / 150, byKind, examples: [] },
      answersByRealServer: Object.fromEntries(answering.map(({ name }) => [name, 50])),
      ...change.load,
    }),
    sampling: aSampling({
      samples: [
        aSample(
          4000,
          ...entries.map(
            ({ destination, shows: { state } }) => [destination, state, 50, state === 'SYN_RECV' ? 50 : 0] as const,
          ),
        ),
      ],
      counters: ends.map(({ destination, shows: { state, inPackets, outPackets } }) => {
        const connections = state === 'none' ? 0 : 50;
        const packets = { inPackets: connections * inPackets, outPackets: connections * outPackets };
        return { destination, connections, ...packets, inBytes: 0, outBytes: 0 };
      }),
      ...(change.countersProblem === undefined ? {} : { counters: [], countersProblem: change.countersProblem }),
    }),
    reach: [],
  };
}

/** The verdict of a check that found these faults on the host. */
export function found(host: string, faults: readonly FaultId[], change: Partial<Verdict> = {}): Verdict {
  return {
    check: `some/${faults[0] ?? 'check'}`,
    title: 'Host is as it should be',
    severity: 'mandatory',
    stage: 'pre',
    subject: { host },
    outcome: 'fail',
    reason: `${host} has ${faults.join(' or ')}`,
    evidence: [{ host, command: 'look', output: 'it is there' }],
    remedy: { host, summary: 'Mend it', commands: ['mend'] },
    faults,
    durationMs: 1,
    ...change,
  };
}

/** A verdict under load, about the service. */
export const underLoad = (check: string, outcome: Verdict['outcome'] = 'fail'): Verdict => ({
  check,
  title: check,
  severity: 'mandatory',
  stage: 'traffic',
  subject: { host: 'director1', service: 'web' },
  outcome,
  reason: outcome,
  evidence: [],
  durationMs: 1,
});

export function clusterOf(method: ForwardingMethod): Cluster {
  return method === 'nat' ? aCluster() : aDirectCluster(method);
}

/** Hosts say what healthy ones say: what is wrong is in the verdicts alone. */
export function inputOf(
  cluster: Cluster,
  verdicts: readonly Verdict[],
  observation: ServiceObservation | undefined,
): DiagnosisInput {
  return {
    cluster,
    verdicts,
    sees: () => [],
    fact: (host, name) => known(factsOf(cluster, hostNamed(cluster, host))[name], { host, command: name, output: '' }),
    observation: () => observation,
  };
}
