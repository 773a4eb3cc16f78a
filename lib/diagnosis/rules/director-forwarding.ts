/**
 * VS/NAT: answers reach the director for an address that is not its own, so the kernel forwards them only with
 * net.ipv4.ip_forward=1 (Documentation/networking/ip-sysctl.rst). With 0 every real server at once looks dead.
 */
import type { Director, VirtualService } from '../../model/cluster.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { destinationSigns, type DiagnosisInput, failures, isStandby, verdictOn } from '../input.ts';
import type { Rule } from '../rule.ts';

const explained = [
  'director/ip-forward',
  'traffic/requests',
  'traffic/handshakes',
  'traffic/reconciliation',
  'traffic/thresholds',
  'traffic/distribution',
] as const;

export const directorForwarding: Rule = {
  causes: ['director-ip-forward-off'],
  evaluate: (input) =>
    input.cluster.virtualServices
      .filter(({ forwarding }) => forwarding === 'nat')
      .flatMap((service) => input.cluster.directors.flatMap((director) => diagnosisOf(input, service, director) ?? [])),
};

function diagnosisOf(input: DiagnosisInput, service: VirtualService, director: Director): Diagnosis | undefined {
  if (isStandby(input, service.name, director.name)) return undefined;
  const verdict = verdictOn(input, 'director/ip-forward', director.name, service.name);
  if (verdict?.outcome !== 'fail') return undefined;
  const signs = service.destinations.flatMap(({ realServer }) => destinationSigns(input, service, realServer) ?? []);
  if (signs.some(({ answers }) => (answers ?? 0) > 0)) return undefined; // answers were forwarded
  const silent = signs.length > 0 && signs.every(({ stuck, outPackets }) => stuck > 0 && outPackets === 0);
  const observed = input.observation(service.name);
  return {
    cause: 'director-ip-forward-off',
    summary: `${director.name} does not forward packets (net.ipv4.ip_forward=0), so no answer of any real server gets back to a client`,
    host: director.name,
    service: service.name,
    certainty: silent ? 'certain' : 'likely',
    because: [
      `net.ipv4.ip_forward is 0 on ${director.name}`,
      ...(silent
        ? ['connections to every real server stay in SYN_RECV and no packet came back through the director']
        : []),
    ],
    evidence: [...verdict.evidence, ...(observed?.samplingEvidence === undefined ? [] : [observed.samplingEvidence])],
    ...(verdict.remedy === undefined ? {} : { remedy: verdict.remedy }),
    ruledOut: [],
    explains: failures(input, explained, director.name, service.name),
  };
}
