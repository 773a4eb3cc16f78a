import { endpoint } from '../address.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { type ServerEnd, serverEnd, takes } from '../server-end.ts';
import { counted } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster, VirtualService } from '../../lib/model/cluster.ts';
import type { Listener } from '../../lib/model/facts.ts';

/** This real server's part of the connections that the heaviest profile may open at once. */
export function burstOf(cluster: Cluster, service: VirtualService): number {
  const heaviest = Math.max(0, ...cluster.loadProfiles.map(({ concurrency }) => concurrency));
  return Math.ceil(heaviest / Math.max(1, service.destinations.length));
}

/** Sockets that take connections for the service. */
export function socketsFor(listeners: readonly Listener[], end: ServerEnd): readonly Listener[] {
  return listeners.filter(
    (listener) => listener.protocol === undefined && listener.port === end.port && takes(listener, end.address),
  );
}

export const acceptQueue = defineCheck({
  id: 'real-server/accept-queue',
  title: 'Connections find room in the queue of the web service',
  failureTitle: 'The queue of the web service is full, or shorter than the load',
  sees: ['rs-accept-queue-overflow'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['listeners', 'sysctl'],
  inapplicable: ({ service: { name, protocol } }) =>
    protocol === 'tcp' ? undefined : `${name} is ${protocol}, which accepts no connections`,
  doc: {
    why:
      'A connection waits in the queue of the listening socket until the program takes it. When the queue is full the last ' +
      'packet of a handshake is dropped: the client believes it is connected and waits, or its SYN is sent again after a ' +
      'second. The queue is as long as the program asks for, and net.core.somaxconn at most.',
    byHand: [
      'ss -Hltn # Recv-Q waits, Send-Q may wait',
      'sysctl net.core.somaxconn',
      'nstat -az TcpExtListenOverflows',
    ],
    references: ['listen(2)', 'ss(8)', 'net/ipv4/tcp_ipv4.c (tcp_conn_request)'],
  },
  evaluate({ listeners, sysctl }, { cluster, host, service, destination }, { evidence }) {
    const end = serverEnd(service, destination);
    const at = endpoint(end.address, end.port);
    const sockets = socketsFor(listeners, end);
    if (sockets.length === 0)
      return notApplicable(`Nothing listens on ${at} of ${host.name}; real-server/web-service says so`);
    const quoted = [quote(evidence('listeners'), `:${end.port}`), quote(evidence('sysctl'), 'net.core.somaxconn')];
    // A program with SO_REUSEPORT has a queue for each of its processes.
    const queued = sockets.reduce((sum, socket) => sum + socket.queued, 0);
    const room = sockets.reduce((sum, socket) => sum + socket.backlog, 0);
    const found = { queued, room, somaxconn: sysctl['net.core.somaxconn'] ?? 'not known' };
    const full = sockets.find((socket) => socket.backlog > 0 && socket.queued >= socket.backlog);
    if (full !== undefined)
      return fail({
        reason: `${host.name} has ${counted(full.queued, 'connection')} waiting on ${at}, where ${full.backlog} may wait: the program takes them too slowly, and more are dropped`,
        found,
        expected: { queued: `below ${full.backlog}` },
        evidence: quoted,
      });
    const burst = burstOf(cluster, service);
    // /proc/net/tcp does not tell how many may wait.
    if (room === 0 || room >= burst) return pass(found, quoted);
    const ceiling = Number(sysctl['net.core.somaxconn']);
    const bySystem = sockets.some(({ backlog }) => backlog === ceiling);
    return warn({
      reason: `${host.name} has room for ${counted(room, 'connection')} waiting on ${at}, and its part of the load may open ${burst} at once${bySystem ? '; net.core.somaxconn allows no more' : ''}`,
      found,
      expected: { room: `at least ${burst}` },
      evidence: quoted,
      ...(bySystem
        ? {
            remedy: setSysctl(
              host.name,
              'Allow longer queues, and restart the web service, which asks for its queue when it starts',
              'net.core.somaxconn',
              String(Math.max(burst, 4096)),
              String(ceiling),
            ),
          }
        : {}),
    });
  },
});
