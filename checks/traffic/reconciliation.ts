import { counted } from '../sentences.ts';
import { cannotTell, defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import { loadObstacle } from '../../lib/model/cluster.ts';

/** SYN, ACK, request and FIN; healthy connections have one more. */
const fewestPackets = 4;

/**
 * The client counts the connections it began, the director those it scheduled. A retransmitted SYN is the same
 * connection to both. The director may see more when others use the VIP; it may not see fewer. With DR and TUN a client
 * that uses a port again within two minutes goes on in the entry of the connection before: its packets are counted, it is
 * not (conn_reuse_mode without bit 2).
 */
export const reconciliation = defineCheck({
  id: 'traffic/reconciliation',
  title: 'Client and director count the same connections',
  failureTitle: 'Connections of the client never reached IPVS',
  sees: [],
  severity: 'mandatory',
  stage: 'traffic',
  scope: 'service',
  requires: ['load', 'sampling'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why:
      'Fewer connections at the director than at the client were lost before IPVS saw them (a filter on INPUT, conntrack ' +
      'full, the path, or a host that answers for the VIP in its place). More belong to others.',
    byHand: ['ipvsadm -Ln --stats --exact', 'nstat -az TcpExtTCPTimeouts # on the client'],
    references: ['net/netfilter/ipvs/ip_vs_est.c', 'ipvsadm(8), --stats'],
  },
  evaluate({ load, sampling }, { host, service }, { evidence }) {
    const quoted = [evidence('load'), evidence('sampling')];
    const neverLeft = load.errors.byKind['no-resource'] ?? 0;
    const client = load.connections - neverLeft;
    const sum = (field: 'connections' | 'inPackets') =>
      sampling.counters.reduce((total, counter) => total + counter[field], 0);
    const director = sum('connections');
    const reused = service.forwarding === 'nat' ? 0 : (sampling.reused ?? 0) + (load.portsReused ?? 0);
    const tolerance = Math.max(2, Math.ceil(client / 100));
    const found = { client, director, tolerance, ...(reused === 0 ? {} : { reused, inPackets: sum('inPackets') }) };
    const expected = { director: client, tolerance };
    if (load.stopped === 'interrupted') return cannotTell(`The load on ${service.name} was interrupted`, quoted);
    if (sampling.counters.length === 0 || sampling.countersProblem !== undefined) {
      return cannotTell(
        sampling.countersProblem ?? `${host.name} gave no counters of ${service.name}`,
        quoted,
        'Look at: ipvsadm -Ln --stats --exact',
      );
    }
    const missing = client - director;
    const explained = missing <= reused + tolerance && sum('inPackets') >= fewestPackets * (client - tolerance);
    if (missing > tolerance && !explained) {
      const answered =
        load.answered > director + tolerance
          ? `, though ${load.answered} were answered: another host answers for the VIP`
          : '';
      return fail({
        reason:
          `${host.name} scheduled ${director} of the ${counted(client, 'connection')} ${load.client} began; ` +
          `${missing} never reached IPVS${answered}`,
        found,
        expected,
        evidence: quoted,
      });
    }
    if (-missing > tolerance) {
      return warn({
        reason:
          `${host.name} scheduled ${counted(director, 'connection')}, ${-missing} more than ${load.client} began: ` +
          `others use ${service.vip} at the same time, and the shares contain theirs`,
        found,
        expected,
        evidence: quoted,
      });
    }
    return pass(found, quoted);
  },
});
