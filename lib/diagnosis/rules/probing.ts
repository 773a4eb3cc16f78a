/**
 * The experiment's word: a few connections, each joined to its entry by its source port, and what the kernels on their way
 * counted. It names what no check looks at and what was made in another way than a check looks for, by its mechanism.
 */
import type { VirtualService } from '../../model/cluster.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { endpoint } from '../../model/endpoint.ts';
import type { FaultId } from '../../model/fault-id.ts';
import { explainedUnderLoad } from '../explained.ts';
import { fateOf, followedServers } from '../followed.ts';
import type { DiagnosisInput, ServiceObservation } from '../input.ts';
import { type LostRequests, lostRequests } from '../lost-requests.ts';
import { type Branch, branchesOf, type Followed } from '../mechanism.ts';
import { remedyOf } from '../remedies.ts';
import type { Rule } from '../rule.ts';
import { probesTo } from '../seen.ts';

export const probing: Rule = {
  causes: [
    'rs-vip-missing',
    'tun-vip-missing',
    'rs-rp-filter-multihomed',
    'tun-rp-filter',
    'rs-accept-queue-overflow',
    'rs-syn-backlog-overflow',
    'rs-no-default-route',
    'dr-rs-gateway-is-director',
    'director-ip-forward-off',
    'director-rp-filter',
    'nat-client-same-subnet',
    'nat-rs-gateway-not-director',
    'director-forward-drop',
    'rs-firewall-drop',
    'rs-firewall-reject',
    'rs-service-down',
    'rs-service-not-on-vip',
    'tun-ipip-module-missing',
    'rs-conntrack-full',
    'director-conntrack-full',
    'client-firewall',
    'garp-lost-after-failover',
    'no-garp-after-split-brain-heal',
  ],
  yields: true,
  evaluate: (input) => [
    ...followedServers(input).flatMap((followed) => ofServer(input, followed) ?? []),
    ...lostRequests(input).flatMap((lost) => ofRequests(input, lost) ?? []),
  ],
};

function ofServer(input: DiagnosisInput, followed: Followed): Diagnosis | undefined {
  const { service, realServer, director } = followed;
  const taken = takenOf(branchesOf(followed));
  if (taken === undefined) return undefined;
  const { cause, host = realServer, seen, telling } = taken.branch;
  const observed = input.observation(service.name);
  const certain = telling === true && host === realServer && othersAnswer(followed, observed);
  return {
    ...diagnosisOf(input, service, { cause, host }),
    summary: `Connections that ${director.host} sends to ${realServer} fail: ${seen}`,
    certainty: certain ? 'certain' : 'likely',
    because: [fateOf(followed), seen],
    ruledOut: taken.ruledOut,
  };
}

function ofRequests(input: DiagnosisInput, { service, fate, branches }: LostRequests): Diagnosis | undefined {
  const taken = takenOf(branches);
  if (taken?.branch.host === undefined) return undefined;
  const { cause, host, seen } = taken.branch;
  return {
    ...diagnosisOf(input, service, { cause, host }),
    summary: `Requests to ${service.name} never come as far as IPVS: ${seen}`,
    certainty: 'likely',
    because: [fate, seen],
    ruledOut: taken.ruledOut,
  };
}

function takenOf(branches: readonly Branch[]) {
  const branch = branches.find(({ so }) => so);
  if (branch === undefined) return undefined;
  const before = branches.slice(0, branches.indexOf(branch)).filter(({ cause }) => cause !== branch.cause);
  return { branch, ruledOut: before.map(({ cause, seen }) => ({ cause, because: seen })) };
}

/** All but the words. */
function diagnosisOf(
  input: DiagnosisInput,
  service: VirtualService,
  { cause, host }: { cause: FaultId; host: string },
) {
  const { directors } = input.cluster;
  const director = directors.find(({ name }) => name === host);
  const dip = (director ?? directors[0])?.dip ?? 'DIP';
  const realServer = service.destinations.find((one) => one.realServer.name === host)?.realServer;
  const device = realServer?.interface ?? director?.vipInterface;
  const remedy = remedyOf(cause, { host, service, dip, interface: device ?? 'INTERFACE' });
  return {
    cause,
    host,
    service: service.name,
    evidence: input.observation(service.name)?.probingEvidence ?? [],
    ...(remedy === undefined ? {} : { remedy }),
    explains: explainedUnderLoad(input, service.name),
  };
}

/** Whether another real server answered its probes: then what this one counted is what sets it apart. */
function othersAnswer({ service, realServer }: Followed, observed: ServiceObservation | undefined): boolean {
  return service.destinations
    .filter((other) => other.realServer.name !== realServer)
    .some(
      ({ realServer: { rip }, port }) =>
        observed !== undefined && probesTo(observed, endpoint(rip, port)).some(({ outcome }) => outcome === 'answered'),
    );
}
