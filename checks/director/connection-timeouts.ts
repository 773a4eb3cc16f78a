import { spoken } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';

/** As the kernel starts, in s. */
const defaultsS = { tcp: 900, tcpFin: 120, udp: 300 };

/** A web server keeps an idle connection for 75 s (nginx), and expects the client on it until then. */
const leastTcpS = 90;
/** Last segments are sent again for some ten seconds; an entry gone by then turns them into resets. */
const leastTcpFinS = 15;
/** A resolver asks again after 5 s, from the same port. */
const leastUdpS = 5;

/** Only these three can be set. Each packet the director sees starts the time of its connection anew. */
export const connectionTimeouts = defineCheck({
  id: 'director/connection-timeouts',
  title: 'Connection entries outlive the pauses of their connections',
  failureTitle: 'Connection entries run out while their connections are in use',
  sees: ['timeouts-too-short', 'idle-timeout-reset'],
  severity: 'recommended',
  stage: 'post',
  scope: 'director',
  requires: ['ipvsTable', 'ipvsSupport'],
  doc: {
    why:
      'The packet after the entry ran out meets no service and is reset: slow answers break after exactly that many seconds, and ' +
      'idle connections of a pool at their next use. An application that keeps connections idle longer than the timeout (900 s ' +
      'by default) needs TCP keepalives in less, or a longer timeout.',
    byHand: ['ipvsadm -L --timeout', 'sysctl net.ipv4.tcp_keepalive_time # on client and real server'],
    references: [
      'ipvsadm(8), --set',
      'net/netfilter/ipvs/ip_vs_proto_tcp.c (tcp_timeouts)',
      'keepalived.conf(5), lvs_timeouts',
    ],
  },
  evaluate({ ipvsTable: { timeoutsS }, ipvsSupport }, { cluster, host }, { evidence }) {
    const quoted = [evidence('ipvsTable')];
    if (timeoutsS === undefined) {
      return ipvsSupport.ipvsadm === undefined
        ? notApplicable(`${host.name} has no ipvsadm, which alone tells the timeouts`)
        : cannotTell(`${host.name} did not say after how long connection entries run out`, quoted);
    }
    const [slowest] = [...cluster.loadProfiles].sort((a, b) => b.timeoutMs - a.timeoutMs);
    const patienceS = (slowest?.timeoutMs ?? 0) / 1000;
    const has = (wanted: 'tcp' | 'udp'): boolean => cluster.virtualServices.some(({ protocol }) => protocol === wanted);
    const short = [
      ...(has('tcp') && timeoutsS.tcp < patienceS && slowest !== undefined
        ? [
            `an established TCP connection after ${timeoutsS.tcp} s, where profile ${slowest.name} waits ${spoken(slowest.timeoutMs)}`,
          ]
        : has('tcp') && timeoutsS.tcp < leastTcpS
          ? [`an established TCP connection after ${timeoutsS.tcp} s, before web servers give an idle one up`]
          : []),
      ...(has('tcp') && timeoutsS.tcpFin < leastTcpFinS
        ? [`a closing TCP connection after ${timeoutsS.tcpFin} s`]
        : []),
      ...(has('udp') && timeoutsS.udp < leastUdpS ? [`a UDP exchange after ${timeoutsS.udp} s`] : []),
    ];
    if (short.length === 0) return pass(timeoutsS, quoted);
    const expected = least(cluster, patienceS);
    const words = ({ tcp, tcpFin, udp }: typeof defaultsS): string => `ipvsadm --set ${tcp} ${tcpFin} ${udp}`;
    return fail({
      reason: `${host.name} forgets ${short.join(', and ')}: what comes later is reset`,
      // A time that was set too short, and what comes of it for connections that rest.
      faults: [
        'timeouts-too-short',
        ...(has('tcp') && timeoutsS.tcp < leastTcpS ? (['idle-timeout-reset'] as const) : []),
      ],
      found: timeoutsS,
      expected,
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: 'Set the timeouts of the kernel again; keepalived does so at its start with lvs_timeouts',
        commands: [words(defaultsS)],
        undo: [words(timeoutsS)],
      },
    });
  },
});

function least({ virtualServices }: Cluster, patienceS: number): Record<string, string> {
  const tcp = virtualServices.some(({ protocol }) => protocol === 'tcp');
  return {
    ...(tcp
      ? { tcp: `at least ${Math.max(leastTcpS, Math.ceil(patienceS))} s`, tcpFin: `at least ${leastTcpFinS} s` }
      : {}),
    ...(virtualServices.some(({ protocol }) => protocol === 'udp') ? { udp: `at least ${leastUdpS} s` } : {}),
  };
}
