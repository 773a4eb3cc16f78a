/**
 * Large requests to a real server hang, while it answers small ones: full packets are lost on the way to it. What a check
 * found of sizes on that way, and what the director counted meanwhile, say where. ip_vs_xmit.c, ensure_mtu_is_adequate:
 * what does not fit into the tunnel is refused with an ICMP error, which never came to the client.
 */
import type { Destination, VirtualService } from '../../model/cluster.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import type { FaultId } from '../../model/fault-id.ts';
import type { LargeRequests } from '../../model/ends.ts';
import type { Verdict } from '../../model/verdict.ts';
import { explainedUnderLoad } from '../explained.ts';
import { hanging } from '../hanging.ts';
import { type DiagnosisInput, keyOf } from '../input.ts';
import { remedyOf } from '../remedies.ts';
import type { Rule } from '../rule.ts';

/** Errors that the director sends at once, before the kernel limits their rate (icmp_ratelimit); one may be about other traffic. */
const fewestErrors = 2;

export const largeRequests: Rule = {
  causes: ['tun-mtu-blackhole', 'v6-tunnel-mtu', 'nic-mtu-mismatch'],
  evaluate: (input) =>
    input.cluster.virtualServices.flatMap((service) =>
      service.destinations.flatMap((destination) => diagnosisOf(input, service, destination) ?? []),
    ),
};

function diagnosisOf(input: DiagnosisInput, service: VirtualService, destination: Destination): Diagnosis | undefined {
  const hung = hanging(input, service, destination);
  if (hung === undefined) return undefined;
  const { realServer, fate, large } = hung;
  const cause = causeFor(service, destination);
  const finding = findingOf(input, service, cause, [realServer, large.director, large.client]);
  const refused = service.forwarding === 'tun' ? refusedBy(large) : 0;
  if (finding === undefined && refused < fewestErrors) return undefined;
  const host = finding?.subject.host ?? realServer;
  const told = `${large.director} sent ${refused} ICMP errors meanwhile (IcmpOutDestUnreachs), and the client did not send less`;
  const { dip = 'DIP' } = input.cluster.directors.find(({ name }) => name === large.director) ?? {};
  const remedy =
    finding?.remedy ??
    remedyOf(cause, { host, service, dip, interface: destination.realServer.interface ?? 'INTERFACE' });
  return {
    cause,
    summary: `Large requests to ${realServer} hang and small ones are answered: full packets do not get through`,
    host,
    service: service.name,
    certainty: finding !== undefined && refused >= fewestErrors ? 'certain' : 'likely',
    because: [
      fate,
      ...(finding === undefined ? [] : [`${keyOf(finding)} found it: ${finding.reason ?? finding.title}`]),
      ...(refused >= fewestErrors ? [told] : []),
    ],
    evidence: [
      ...(finding?.evidence ?? []),
      ...[input.observation(service.name)?.loadEvidence].filter((one) => one !== undefined),
    ],
    ...(remedy === undefined ? {} : { remedy }),
    ruledOut: [],
    explains: [...(finding === undefined ? [] : [keyOf(finding)]), ...explainedUnderLoad(input, service.name)],
  };
}

function causeFor({ forwarding, vip }: VirtualService, { realServer: { rip } }: Destination): FaultId {
  if (forwarding !== 'tun') return 'nic-mtu-mismatch';
  return vip.includes(':') || rip.includes(':') ? 'v6-tunnel-mtu' : 'tun-mtu-blackhole';
}

/** On the first of the hosts on the way that has one. */
function findingOf(
  { verdicts }: DiagnosisInput,
  service: VirtualService,
  cause: FaultId,
  way: readonly string[],
): Verdict | undefined {
  const findings = verdicts.filter(
    ({ outcome, subject, faults = [] }) =>
      (outcome === 'fail' || outcome === 'warn') &&
      faults.includes(cause) &&
      (subject.service === undefined || subject.service === service.name),
  );
  return way.flatMap((host) => findings.filter(({ subject }) => subject.host === host))[0];
}

function refusedBy({ ends, director }: LargeRequests): number {
  return ends.find(({ host, role }) => host === director && role === 'director')?.counts?.unreachablesSent ?? 0;
}
