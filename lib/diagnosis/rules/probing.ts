/**
 * The experiment's word: a few connections, each joined to its entry by its source port, and what the kernels on their way
 * counted. It names what no check looks at and what was made in another way than a check looks for, by its mechanism.
 */
import type { Diagnosis } from '../../model/diagnosis.ts';
import { endpoint } from '../../model/endpoint.ts';
import { explainedUnderLoad } from '../explained.ts';
import { fateOf, followedServers } from '../followed.ts';
import type { DiagnosisInput, ServiceObservation } from '../input.ts';
import { branchesOf, type Followed } from '../mechanism.ts';
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
  ],
  yields: true,
  evaluate: (input) => followedServers(input).flatMap((followed) => diagnosisOf(input, followed) ?? []),
};

function diagnosisOf(input: DiagnosisInput, followed: Followed): Diagnosis | undefined {
  const branches = branchesOf(followed);
  const taken = branches.find(({ so }) => so);
  if (taken === undefined) return undefined;
  const { service, realServer, director } = followed;
  const { cause, host = realServer, seen, telling } = taken;
  const observed = input.observation(service.name);
  const dip = input.cluster.directors.find(({ name }) => name === director.host)?.dip ?? 'DIP';
  const realServerInterface = service.destinations.find((one) => one.realServer.name === host)?.realServer.interface;
  const remedy = remedyOf(cause, { host, service, dip, interface: realServerInterface ?? 'INTERFACE' });
  return {
    cause,
    summary: `Connections that ${director.host} sends to ${realServer} fail: ${seen}`,
    host,
    service: service.name,
    certainty: telling === true && host === realServer && othersAnswer(followed, observed) ? 'certain' : 'likely',
    because: [fateOf(followed), seen],
    evidence: observed?.probingEvidence ?? [],
    ...(remedy === undefined ? {} : { remedy }),
    ruledOut: branches
      .slice(0, branches.indexOf(taken))
      .filter((branch) => branch.cause !== cause)
      .map((branch) => ({ cause: branch.cause, because: branch.seen })),
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
