/**
 * A queue or table of a real server that had no room under load, by the kernel's own count of what it dropped for that. It
 * breaks some connections and serves others, which an experiment of few connections need not meet.
 */
import type { Destination, VirtualService } from '../../model/cluster.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { endpoint } from '../../model/endpoint.ts';
import type { FaultId } from '../../model/fault-id.ts';
import type { EndCounts } from '../../model/ends.ts';
import { explainedUnderLoad } from '../explained.ts';
import { type DiagnosisInput, destinationSigns } from '../input.ts';
import { remedyOf } from '../remedies.ts';
import type { Rule } from '../rule.ts';

const counters: readonly (readonly [FaultId, keyof EndCounts, string])[] = [
  ['rs-conntrack-full', 'conntrackDrops', 'packets it had no room to track (nf_conntrack drop)'],
  ['rs-accept-queue-overflow', 'listenOverflows', 'handshakes its accept queue had no place for (ListenOverflows)'],
  ['rs-syn-backlog-overflow', 'requestQueueDrops', 'SYNs beyond its backlog (TCPReqQFullDrop)'],
];

/** One lost connection may be chance. */
const fewest = 2;

export const overflow: Rule = {
  causes: counters.map(([cause]) => cause),
  yields: true,
  evaluate: (input) =>
    input.cluster.virtualServices.flatMap((service) =>
      service.protocol === 'tcp'
        ? service.destinations.flatMap((destination) => diagnosisOf(input, service, destination) ?? [])
        : [],
    ),
};

function diagnosisOf(
  input: DiagnosisInput,
  service: VirtualService,
  { realServer, port }: Destination,
): Diagnosis | undefined {
  const { name } = realServer;
  const observed = input.observation(service.name);
  const counts = observed?.ends?.find(({ host }) => host === name)?.counts;
  if (observed === undefined || counts === undefined) return undefined;
  const to = endpoint(realServer.rip, port);
  const timedOut = (observed.failedEntries ?? []).filter(
    ({ destination, kind }) => destination === to && kind === 'connect-timeout',
  ).length;
  const lost = Math.max(timedOut, destinationSigns(input, service, realServer)?.stuck ?? 0);
  const full = counters.find(([, counter]) => (counts[counter] ?? 0) >= lost);
  if (full === undefined || lost < fewest) return undefined;
  const [cause, key, what] = full;
  const seen = `${name} dropped ${counts[key] ?? 0} ${what} under load`;
  const { directors } = input.cluster;
  const place = {
    host: name,
    service,
    dip: directors[0]?.dip ?? 'DIP',
    interface: realServer.interface ?? 'INTERFACE',
  };
  const remedy = remedyOf(cause, place);
  return {
    cause,
    summary: `${lost} connections to ${name} were lost: ${seen}`,
    host: name,
    service: service.name,
    certainty: 'certain',
    because: [`${lost} connections to ${to} got no further than SYN_RECV`, seen],
    evidence: [observed.samplingEvidence, observed.entriesEvidence, observed.endsEvidence].filter(
      (one) => one !== undefined,
    ),
    ...(remedy === undefined ? {} : { remedy }),
    ruledOut: [],
    explains: explainedUnderLoad(input, service.name),
  };
}
