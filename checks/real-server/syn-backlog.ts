import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { serverEnd } from '../server-end.ts';
import { burstOf, socketsFor } from './accept-queue.ts';
import { defineCheck, notApplicable, pass, warn } from '../../lib/model/check.ts';

const cookies = 'net.ipv4.tcp_syncookies';
const most = 'net.ipv4.tcp_max_syn_backlog';

export const synBacklog = defineCheck({
  id: 'real-server/syn-backlog',
  title: 'Half-open connections find room, or get a SYN cookie',
  failureTitle: 'Half-open connections of the load find no room, and get no SYN cookie',
  sees: ['rs-syn-backlog-overflow'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['listeners', 'sysctl'],
  inapplicable: ({ service: { name, protocol } }) =>
    protocol === 'tcp' ? undefined : `${name} is ${protocol}, which has no handshakes`,
  doc: {
    why:
      'Until the last packet of its handshake a connection takes a place that the length of the socket’s queue and ' +
      'tcp_max_syn_backlog limit. Beyond that a SYN is dropped, unless SYN cookies are on: clients connect after a second, or never.',
    byHand: [`sysctl ${cookies} ${most} net.core.somaxconn`, 'nstat -az TcpExtTCPReqQFullDrop'],
    references: [
      'Documentation/networking/ip-sysctl.rst (tcp_max_syn_backlog, tcp_syncookies)',
      'tcp(7)',
      'net/ipv4/tcp_input.c (tcp_conn_request)',
    ],
  },
  evaluate({ listeners, sysctl }, { cluster, host, service, destination }, { evidence }) {
    const quoted = [quote(evidence('sysctl'), cookies, most)];
    const found = { [cookies]: sysctl[cookies] ?? 'not in this kernel', [most]: sysctl[most] ?? 'not known' };
    if (sysctl[cookies] === '1' || sysctl[cookies] === '2') return pass(found, quoted);
    const sockets = socketsFor(listeners, serverEnd(service, destination));
    if (sockets.length === 0)
      return notApplicable(`Nothing listens there on ${host.name}; real-server/web-service says so`);
    const limit = Number(sysctl[most]);
    const queue = Math.max(...sockets.map(({ backlog }) => backlog));
    // Without cookies a quarter of tcp_max_syn_backlog is kept for hosts the kernel knows.
    const room = Math.min(
      queue === 0 ? Infinity : queue,
      Number.isFinite(limit) && limit > 0 ? limit - Math.floor(limit / 4) : Infinity,
    );
    const burst = burstOf(cluster, service);
    if (room >= burst) return pass({ ...found, room: Number.isFinite(room) ? room : 'not known' }, quoted);
    return warn({
      reason: `${host.name} has room for ${room} half-open connections without SYN cookies, and its part of the load may open ${burst} at once`,
      found: { ...found, room },
      expected: { [cookies]: '1' },
      evidence: quoted,
      remedy: setSysctl(
        host.name,
        'Answer with SYN cookies when there is no room',
        cookies,
        '1',
        sysctl[cookies] ?? '0',
      ),
    });
  },
});
