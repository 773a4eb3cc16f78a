import { endpoint } from '../address.ts';
import { counted, listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import { loadObstacle, type VirtualService } from '../../lib/model/cluster.ts';
import type { TableSample } from '../../lib/model/sampling.ts';

/**
 * With NAT an entry leaves SYN_RECV when the real server's SYN-ACK passes the director, so one that stays there has had no
 * answer, or none that came this way. The last two samples count: early ones may see handshakes that are only slow.
 */
export const handshakes = defineCheck({
  id: 'traffic/handshakes',
  title: 'Every real server completes its handshakes',
  failureTitle: 'Connections stay in SYN_RECV',
  sees: ['rs-accept-queue-overflow'],
  severity: 'mandatory',
  stage: 'traffic',
  scope: 'service',
  requires: ['load', 'sampling'],
  inapplicable: ({ service }) => loadObstacle(service),
  doc: {
    why:
      'Entries in SYN_RECV towards one real server, while clients time out, are requests whose answer never passed the ' +
      'director: the real server is down or filters, or its gateway is not the director.',
    byHand: ['ipvsadm -Lnc | grep SYN_RECV', 'ss -Htan state syn-recv # on the real server'],
    references: ['net/netfilter/ipvs/ip_vs_proto_tcp.c', 'ipvsadm(8), --connection'],
  },
  evaluate({ load, sampling }, { host, service }, { evidence }) {
    const quoted = [evidence('sampling')];
    const timeouts = load.errors.byKind['connect-timeout'] ?? 0;
    const last = sampling.samples.slice(-2);
    if (last.length < 2) {
      return cannotTell(
        `The table of ${host.name} was sampled ${counted(sampling.samples.length, 'time')}, not twice`,
        quoted,
      );
    }
    const stuck = mostPerDestination(last, ({ stuck: count }) => count);
    const young = mostPerDestination(last, ({ state, entries }) => (state === 'SYN_RECV' ? entries : 0));
    const found = { stuck: Object.fromEntries(stuck), connectTimeouts: timeouts };
    const expected = { stuck: {} };
    if (stuck.size > 0) {
      const where = [...stuck].map(
        ([destination, count]) => `${counted(count, 'connection')} to ${nameOf(service, destination)}`,
      );
      const finding = { found, expected, evidence: quoted };
      if (timeouts > 0) {
        return fail({
          ...finding,
          reason: `${host.name} holds ${listed(where)} in SYN_RECV for more than 3 s, while ${counted(timeouts, 'connection')} of ${load.client} timed out`,
        });
      }
      return warn({
        ...finding,
        reason: `${host.name} holds ${listed(where)} in SYN_RECV for more than 3 s, though no connection of ${load.client} timed out: others', or answers past the director`,
      });
    }
    if (timeouts > 0 && young.size > 0) {
      return cannotTell(
        `${counted(timeouts, 'connection')} of ${load.client} timed out, and the entries in SYN_RECV were younger than 3 s when the sampling ended`,
        quoted,
        'Drive the load longer, with a timeout above 3 s',
      );
    }
    return pass(found, quoted);
  },
});

function mostPerDestination(
  samples: readonly TableSample[],
  pick: (row: TableSample['counts'][number]) => number,
): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const sample of samples) {
    const sums = new Map<string, number>();
    for (const row of sample.counts) sums.set(row.destination, (sums.get(row.destination) ?? 0) + pick(row));
    for (const [destination, count] of sums) {
      if (count > (most.get(destination) ?? 0)) most.set(destination, count);
    }
  }
  return most;
}

function nameOf(service: VirtualService, destination: string): string {
  const known = service.destinations.find(({ realServer, port }) => endpoint(realServer.rip, port) === destination);
  return known === undefined ? destination : `${known.realServer.name} (${destination})`;
}
