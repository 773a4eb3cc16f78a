/**
 * The program on the real server does not listen. Only in NAT does the table show it: the RST passes the director and
 * the entry goes to CLOSE (ip_vs_proto_tcp.c); in DR and TUN the director never sees the RST and the entry stays SYN_RECV.
 */
import type { RealServer, VirtualService } from '../../model/cluster.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { destinationSigns, type DiagnosisInput, failures } from '../input.ts';
import type { Rule } from '../rule.ts';

const explained = [
  'real-server/web-service',
  'director/real-server-reach',
  'traffic/requests',
  'traffic/reconciliation',
  'traffic/thresholds',
  'traffic/distribution',
] as const;

export const realServerService: Rule = {
  causes: ['rs-service-down'],
  evaluate: (input) =>
    input.cluster.virtualServices.flatMap((service) =>
      service.destinations.flatMap(({ realServer, port }) => diagnosisOf(input, service, realServer, port) ?? []),
    ),
};

function diagnosisOf(
  input: DiagnosisInput,
  service: VirtualService,
  realServer: RealServer,
  port: number,
): Diagnosis | undefined {
  if (service.protocol !== 'tcp') return undefined; // only TCP sockets are listed
  const listeners = input.fact(realServer.name, 'listeners');
  if (!listeners.known || listeners.value.some((listener) => listener.protocol === undefined && listener.port === port))
    return undefined;
  const signs = destinationSigns(input, service, realServer);
  if ((signs?.answers ?? 0) > 0) return undefined; // something answers that is no listening socket (REDIRECT, eBPF)
  const refused = signs?.reach?.outcome === 'refused';
  return {
    cause: 'rs-service-down',
    summary: `Nothing listens on port ${port} of ${realServer.name}`,
    host: realServer.name,
    service: service.name,
    certainty: refused ? 'certain' : 'likely',
    because: [
      `${realServer.name} has no listening socket on port ${port}`,
      ...(refused ? [`the director is refused by ${signs.destination}`] : []),
      ...((signs?.closed ?? 0) > 0 ? [`connections to ${realServer.name} went to CLOSE: it answered with RST`] : []),
    ],
    evidence: [listeners.evidence],
    remedy: {
      host: realServer.name,
      summary: `Start the web service of ${realServer.name} on port ${port}`,
      commands: ['systemctl --failed', 'systemctl start nginx   # or the unit that serves this port'],
      persistent: ['systemctl enable nginx'],
    },
    ruledOut: [],
    explains: failures(input, explained, realServer.name, service.name),
  };
}
