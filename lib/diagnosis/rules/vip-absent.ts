/**
 * Nobody on the director answers for the VIP: IPVS takes packets in LOCAL_IN, which sees only those for a local address
 * (net/netfilter/ipvs/ip_vs_core.c), and ARP for an address that no host has goes unanswered.
 */
import type { Director, VirtualService } from '../../model/cluster.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { faultIds } from '../../model/fault-id.ts';
import { type DiagnosisInput, failures, isStandby, verdictOn } from '../input.ts';
import type { Rule } from '../rule.ts';
import { signatures } from '../signatures.ts';

const explained = ['director/vip', 'traffic/requests', 'traffic/thresholds', 'traffic/reconciliation'] as const;

export const vipAbsent: Rule = {
  causes: ['vip-absent-on-director'],
  evaluate: (input) =>
    input.cluster.virtualServices.flatMap((service) =>
      input.cluster.directors.flatMap((director) => diagnosisOf(input, service, director) ?? []),
    ),
};

function diagnosisOf(input: DiagnosisInput, service: VirtualService, director: Director): Diagnosis | undefined {
  if (isStandby(input, service.name, director.name) || lostByKeepalived(input)) return undefined;
  const verdict = verdictOn(input, 'director/vip', director.name, service.name);
  const addresses = input.fact(director.name, 'addresses');
  if (
    verdict?.outcome !== 'fail' ||
    !addresses.known ||
    addresses.value.some(({ address }) => address === service.vip)
  ) {
    return undefined;
  }
  const observed = input.observation(service.name);
  const { load, sampling } = observed ?? {};
  if ((load?.answered ?? 0) > 0) return undefined; // another host has it, or a route makes it local
  const still =
    sampling?.countersProblem === undefined && sampling?.counters.every(({ connections }) => connections === 0);
  const confirmed = load !== undefined && still === true;
  return {
    cause: 'vip-absent-on-director',
    summary: `${director.name} does not have the VIP ${service.vip}, so nothing sent to it arrives there`,
    host: director.name,
    service: service.name,
    certainty: confirmed ? 'certain' : 'likely',
    because: [
      `no interface of ${director.name} has ${service.vip}`,
      ...(confirmed ? [`none of ${load.sent} requests was answered, and the director scheduled no connection`] : []),
    ],
    evidence: [...verdict.evidence, ...(observed?.loadEvidence === undefined ? [] : [observed.loadEvidence])],
    ...(verdict.remedy === undefined ? {} : { remedy: verdict.remedy }),
    ruledOut: [],
    explains: failures(input, explained, director.name, service.name),
  };
}

/** Whether it is known why no director has it, of those that hand it to one another: that cause has a finding of its own. */
function lostByKeepalived({ verdicts }: DiagnosisInput): boolean {
  return verdicts.some(
    ({ check, outcome, faults = [] }) =>
      check === 'ha/vip-holder' &&
      outcome === 'fail' &&
      faultIds.some((fault) => faults.includes(fault) && typeof signatures[fault] === 'object'),
  );
}
