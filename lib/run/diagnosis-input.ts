/** Brings together what the run knows for the rules, which are pure and cannot ask. */
import type { DiagnosisInput, ServiceObservation } from '../diagnosis/input.ts';
import type { HostReport } from '../facts/collect.ts';
import type { Cluster } from '../model/cluster.ts';
import { missing } from '../model/facts.ts';
import type { Probing } from '../model/ends.ts';
import type { FaultId } from '../model/fault-id.ts';
import type { Verdict } from '../model/verdict.ts';
import type { FactStore } from './fact-store.ts';
import { describeEnds, describeProbing } from './observed-text.ts';
import type { ObservedService, TrafficStage } from './traffic-stage.ts';

export interface Known {
  readonly cluster: Cluster;
  readonly verdicts: readonly Verdict[];
  /** Of every planned check, by id. */
  readonly sees: ReadonlyMap<string, readonly FaultId[]>;
  readonly facts: Pick<FactStore, 'stage'>;
  /** Whether the facts before any change were collected. */
  readonly collected: boolean;
  readonly traffic: Pick<TrafficStage, 'observed' | 'probe'> | undefined;
}

/** `probings` are the experiments made so far, by service. */
export async function diagnosisInput(
  { cluster, verdicts, sees, facts, collected, traffic }: Known,
  probings: ReadonlyMap<string, Probing> = new Map(),
): Promise<DiagnosisInput> {
  const reports = collected ? await facts.stage('pre') : new Map<string, HostReport>();
  const observations = new Map<string, ServiceObservation>();
  for (const { name } of cluster.virtualServices) {
    const observed = await traffic?.observed(name);
    if (observed !== undefined) observations.set(name, observation(observed, probings.get(name)));
  }
  return {
    cluster,
    verdicts,
    sees: (check) => sees.get(check) ?? [],
    fact: (host, name) =>
      reports.get(host)?.facts[name] ?? missing('not-collected', `${name} of ${host} was not asked for`),
    observation: (service) => observations.get(service),
  };
}

function observation(
  { facts: { load, sampling, ends }, reach, reachEvidence, failedEntries, entriesEvidence }: ObservedService,
  probing: Probing | undefined,
): ServiceObservation {
  return {
    ...(probing === undefined
      ? {}
      : { probing, probingEvidence: [describeProbing(probing), describeEnds(probing.ends)] }),
    reach,
    ...(failedEntries === undefined ? {} : { failedEntries }),
    ...(entriesEvidence === undefined ? {} : { entriesEvidence }),
    ...(reachEvidence === undefined ? {} : { reachEvidence }),
    ...(ends.known ? { ends: ends.value, endsEvidence: ends.evidence } : {}),
    ...(load.known ? { load: load.value, loadEvidence: load.evidence } : {}),
    ...(sampling.known ? { sampling: sampling.value, samplingEvidence: sampling.evidence } : {}),
  };
}
