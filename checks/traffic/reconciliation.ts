import { counted, listed } from '../sentences.ts';
import { type Leg, legsOf } from '../triangulation.ts';
import { cannotTell, defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import { loadObstacle } from '../../lib/model/cluster.ts';
import type { EndReading } from '../../lib/model/ends.ts';
import type { LoadResult } from '../../lib/model/load-result.ts';
import type { Sampling } from '../../lib/model/sampling.ts';

/** SYN, ACK, request and FIN; healthy connections have one more. */
const fewestPackets = 4;

/** Of one address, as Linux has them: net.ipv4.ip_local_port_range. */
const ephemeralPorts = 28_232;

/**
 * How many connections can be expected to use the port of an entry that was there before the load, and three standard
 * deviations more. A director that is busy is sampled too seldom to see each of them.
 */
function likelyReused({ samples }: Sampling, { sources }: LoadResult, client: number): number {
  const before = samples.filter(({ atMs }) => atMs <= 0).at(-1);
  const entries = before?.counts.reduce((sum, count) => sum + count.entries, 0) ?? 0;
  const likely = (client * entries) / (ephemeralPorts * Math.max(1, sources?.length ?? 1));
  return Math.min(entries, Math.ceil(likely + 3 * Math.sqrt(likely)));
}

/**
 * The client counts the connections it began, the director those it scheduled. A retransmitted SYN is the same
 * connection to both. The director may see more when others use the VIP; it may not see fewer. With DR and TUN a client
 * that uses a port again within two minutes goes on in the entry of the connection before: its packets are counted, it is
 * not (conn_reuse_mode without bit 2).
 * The third end is the real servers, by the counters of their own kernels. A connection that was refused there has arrived.
 */
export const reconciliation = defineCheck({
  id: 'traffic/reconciliation',
  title: 'Client, director and real servers count the same connections',
  failureTitle: 'Connections are lost on the way',
  sees: [],
  severity: 'mandatory',
  stage: 'traffic',
  scope: 'service',
  requires: ['load', 'sampling', 'ends'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why:
      'Fewer connections at the director than at the client were lost before IPVS saw them (a filter on INPUT, conntrack ' +
      'full, the path, or a host that answers for the VIP in its place). More belong to others. Fewer at a real server than the ' +
      'director sent it were lost behind the director, and the counters of the real server say whether before it, in its own ' +
      'filters, or on the way back. They are of the whole host: other connections can hide a gap of their number, and make none.',
    byHand: [
      'ipvsadm -Ln --stats --exact',
      'nstat -az TcpActiveOpens TcpExtTCPSynRetrans # on the client',
      'nstat -az TcpPassiveOpens TcpExtListenDrops IpInReceives IpInDelivers # on the real server',
    ],
    references: ['net/netfilter/ipvs/ip_vs_est.c', 'ipvsadm(8), --stats', 'RFC 4022, tcpPassiveOpens'],
  },
  evaluate({ load, sampling, ends }, { host, service }, { evidence }) {
    const quoted = [evidence('load'), evidence('sampling'), evidence('ends')];
    const neverLeft = load.errors.byKind['no-resource'] ?? 0;
    const client = load.connections - neverLeft;
    const sum = (field: 'connections' | 'inPackets') =>
      sampling.counters.reduce((total, counter) => total + counter[field], 0);
    const director = sum('connections');
    const reused = service.forwarding === 'nat' ? 0 : (sampling.reused ?? 0) + (load.portsReused ?? 0);
    const likely = service.forwarding === 'nat' ? 0 : likelyReused(sampling, load, client);
    const tolerance = Math.max(2, Math.ceil(client / 100));
    const legs = legsOf({ service, director: host.name, client, durationMs: load.durationMs, sampling, ends });
    const found = {
      client,
      director,
      tolerance,
      ...(reused === 0 ? {} : { reused, inPackets: sum('inPackets') }),
      ...(likely <= reused ? {} : { likelyReused: likely }),
      ...synRetransmitsOf(ends),
      realServers: Object.fromEntries(legs.map((leg) => [leg.realServer, foundOf(leg)])),
    };
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
    const explained =
      missing <= Math.max(reused, likely) + tolerance && sum('inPackets') >= fewestPackets * (client - tolerance);
    if (missing > tolerance && !explained) {
      const answered =
        load.answered > director + tolerance
          ? `, though ${load.answered} were answered: another host answers for the VIP${
              service.forwarding === 'nat' ? '' : ', or they went on in entries of connections before'
            }`
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
    const gaps = legs.flatMap(({ gap }) => (gap === undefined || gap.where === 'refused' ? [] : [gap.text]));
    if (gaps.length > 0) {
      return fail({
        reason: gaps.join('; '),
        found,
        expected: Object.fromEntries(
          legs.map(({ realServer, sent, tolerance: error }) => [realServer, { got: sent, tolerance: error }]),
        ),
        evidence: quoted,
      });
    }
    const unread = ends.flatMap(({ role, problem }) =>
      role === 'real-server' && problem !== undefined ? [problem] : [],
    );
    if (unread.length > 0 && load.failed > 0) {
      return cannotTell(
        `${counted(load.failed, 'request')} of ${load.client} failed, and whether they reached the real servers cannot be told: ${listed(unread)}`,
        quoted,
      );
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

function foundOf({ sent, got, tolerance, gap }: Leg) {
  return { sent, got, tolerance, ...(gap === undefined ? {} : { lost: gap.lost, where: gap.where }) };
}

/** SYNs the client's kernel sent again: none on a path that loses nothing. */
function synRetransmitsOf(ends: readonly EndReading[]) {
  const client = ends.find(({ role }) => role === 'client');
  const again = client?.counts?.synRetransmits;
  return again === undefined ? {} : { clientSynRetransmits: again };
}
