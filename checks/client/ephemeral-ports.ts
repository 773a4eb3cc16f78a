import { quote } from '../quotation.ts';
import { counted } from '../sentences.ts';
import { setSysctl } from '../remedies.ts';
import { defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import { type LoadProfile, sourcesOf } from '../../lib/model/cluster.ts';

/**
 * A connection is told from others by its source port alone: address, VIP and port are the same for all. Where the client
 * closes first its port rests for 60 s (TIME_WAIT); web servers mostly close first, so running out is a risk and not certain.
 */
export const ephemeralPorts = defineCheck({
  id: 'client/ephemeral-ports',
  title: 'Client has source ports enough for the load',
  failureTitle: 'Client may run out of source ports',
  sees: ['client-port-exhaustion'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'client',
  requires: ['limits'],
  doc: {
    why:
      'When all ports of the range are taken, connect fails with EADDRNOTAVAIL before a packet leaves: the load measures its ' +
      'client. Reused ports may also meet old entries of the connection table.',
    byHand: ['sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse', 'ss -s'],
    references: ['Documentation/networking/ip-sysctl.rst (ip_local_port_range)', 'RFC 9293, TIME-WAIT'],
  },
  evaluate({ limits }, { cluster, host }, { evidence }) {
    const [largest] = [...cluster.loadProfiles].sort((a, b) => connectionsOf(b) - connectionsOf(a));
    if (largest === undefined) return notApplicable('The cluster file declares no load');
    const [first, last] = limits.ephemeralPorts;
    const ports = (last - first + 1) * sourcesOf(host).length;
    const found = { first, last, ports };
    const quoted = [quote(evidence('limits'), 'ephemeralPorts', String(first))];
    const busiest = cluster.loadProfiles.find(({ concurrency }) => concurrency > ports);
    const finding = {
      found,
      evidence: quoted,
      remedy: setSysctl(
        host.name,
        'Widen the range of source ports',
        'net.ipv4.ip_local_port_range',
        '1024 65535',
        `${first} ${last}`,
      ),
    };
    if (busiest !== undefined) {
      return fail({
        ...finding,
        reason:
          `${host.name} has ${counted(ports, 'source port')} (${first} to ${last}), and profile ${busiest.name} holds ` +
          `${counted(busiest.concurrency, 'connection')} at once`,
        expected: { ports: busiest.concurrency },
      });
    }
    const connections = connectionsOf(largest);
    if (connections > ports) {
      return warn({
        ...finding,
        reason:
          `${host.name} has ${counted(ports, 'source port')} (${first} to ${last}), and profile ${largest.name} makes ` +
          `${counted(connections, 'connection')}: it may run out within the 60 s a closed port can rest`,
        expected: { ports: connections },
      });
    }
    return pass(found, quoted);
  },
});

function connectionsOf({ mode, requests, concurrency }: LoadProfile): number {
  return mode === 'ab' ? requests : concurrency;
}
