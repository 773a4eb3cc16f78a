/** Asks a check as a run would: facts of the subject's host, everyone's facts, evidence by name. */
import type { AllFacts, Check, FactName, Judgement, Scope, Subject } from '../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../lib/model/cluster.ts';
import type { Evidence } from '../lib/model/evidence.ts';
import type { HostFactName } from '../lib/model/facts.ts';
import type { Distribution } from '../lib/model/distribution.ts';
import type { EndReading } from '../lib/model/ends.ts';
import type { LoadResult } from '../lib/model/load-result.ts';
import type { Observations } from '../lib/model/observations.ts';
import type { Sampling } from '../lib/model/sampling.ts';
import { aCluster, aDistribution, aLoad, aSampling, theEnds, hostNamed } from './builders.ts';
import { type FactChanges, reportsOf } from './host-facts.ts';

/** What differs from a healthy cluster that carries a healthy load. */
export interface Situation {
  readonly cluster?: Cluster;
  /** Host to judge; the first of the check's kind when absent. */
  readonly on?: string;
  readonly service?: string;
  /** Changed facts by host name. */
  readonly facts?: Readonly<Record<string, FactChanges>>;
  readonly load?: Partial<LoadResult>;
  readonly sampling?: Partial<Sampling>;
  readonly ends?: readonly EndReading[];
  readonly distribution?: Partial<Distribution>;
}

const defaultHost = (scope: Scope, cluster: Cluster): ClusterHost | undefined => {
  if (scope.startsWith('real-server')) return cluster.realServers[0];
  if (scope.startsWith('client')) return cluster.clients[0];
  return cluster.directors[0];
};

function subjectOf(check: Check, cluster: Cluster, situation: Situation): Subject {
  const host = situation.on === undefined ? defaultHost(check.scope, cluster) : hostNamed(cluster, situation.on);
  const service = cluster.virtualServices.find(
    ({ name }) => situation.service === undefined || name === situation.service,
  );
  const destination = service?.destinations.find(({ realServer }) => realServer.name === host?.name);
  const client = cluster.clients[0];
  // Every field that any scope has; a check sees only those of its own.
  return { cluster, host, service, destination, client } as Subject;
}

const isHostFact = (name: FactName): name is HostFactName =>
  !['load', 'sampling', 'ends', 'distribution'].includes(name);

export function judge(check: Check, situation: Situation = {}): Judgement {
  const cluster = situation.cluster ?? aCluster();
  const subject = subjectOf(check, cluster, situation);
  const inapplicable = check.inapplicable?.(subject);
  if (inapplicable !== undefined) return { outcome: 'not-applicable', reason: inapplicable };
  const reports = reportsOf(cluster, situation.facts);
  const own = reports.get(subject.host.name);
  if (own === undefined) throw new Error(`no facts of ${subject.host.name}`);
  const observations: Observations = {
    load: aLoad(situation.load),
    sampling: aSampling(situation.sampling),
    ends: situation.ends ?? theEnds(),
    distribution: aDistribution(situation.distribution),
  };
  const facts: Partial<Record<FactName, unknown>> = {};
  for (const name of check.requires) {
    if (!isHostFact(name)) {
      facts[name] = observations[name];
      continue;
    }
    const fact = own.facts[name];
    if (!fact.known) throw new Error(`${check.id} requires ${name}: the run does not ask it without`);
    facts[name] = fact.value;
  }
  const evidence = (name: FactName): Evidence => {
    if (!check.requires.includes(name)) throw new Error(`${check.id} quotes ${name}, which it does not require`);
    if (isHostFact(name)) return own.evidence[name];
    return { host: subject.host.name, command: `ipvet ${name}`, output: JSON.stringify(observations[name]) };
  };
  const everyone = new Map([...reports].map(([name, report]) => [name, report.facts]));
  return named(check, check.evaluate(facts as AllFacts, subject, { evidence, everyone }));
}

/** Checks that also see what breaks nothing the catalogue knows: such a finding says that it is no fault. */
const mayNameNone = ['ha/configuration', 'network/peer-drift', 'real-server/web-service', 'virtual-service/rules'];

/** Diagnosis goes by the fault a finding names: where a check sees several, it has to say which. */
function named({ id, sees, stage }: Check, judgement: Judgement): Judgement {
  if ((judgement.outcome !== 'fail' && judgement.outcome !== 'warn') || sees.length < 2) return judgement;
  const { faults, reason } = judgement;
  if (faults === undefined && stage !== 'traffic')
    throw new Error(`${id} sees several faults and names none: ${reason}`);
  if (faults?.length === 0 && !mayNameNone.includes(id)) throw new Error(`${id} names no fault: ${reason}`);
  const others = faults?.filter((fault) => !sees.includes(fault)) ?? [];
  if (others.length > 0) throw new Error(`${id} names ${others.join(', ')}, which it does not say it sees`);
  return judgement;
}

/** The judgement as a finding, or an error that shows what it was. */
export function finding(judgement: Judgement): Extract<Judgement, { outcome: 'fail' | 'warn' }> {
  if (judgement.outcome === 'fail' || judgement.outcome === 'warn') return judgement;
  throw new Error(`no finding, but ${JSON.stringify(judgement)}`);
}

/** What the judgement quotes, as one text. */
export function quoted(judgement: Judgement): string {
  return 'evidence' in judgement ? judgement.evidence.map(({ host, output }) => `${host}: ${output}`).join('\n') : '';
}
