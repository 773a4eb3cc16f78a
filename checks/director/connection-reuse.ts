import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, type Finding, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { Fact, UserLimits } from '../../lib/model/facts.ts';
import { isBefore, kernelVersion } from '../kernel.ts';

const key = 'net.ipv4.vs.conn_reuse_mode';

/**
 * What becomes of a SYN from a source port whose old entry still waits to run out. Bit 1 schedules it anew after
 * TIME_WAIT, bit 2 also after FIN_WAIT, which is where entries of DR and TUN end, as the director sees one direction.
 * Before Linux 5.9 the first SYN was dropped where IPVS kept conntrack entries, to have them gone.
 */
export const connectionReuse = defineCheck({
  id: 'director/connection-reuse',
  title: 'A source port used again is scheduled like a new connection',
  failureTitle: 'A source port used again is delayed, or stuck to its old real server',
  sees: ['conn-reuse-delay', 'conn-reuse-sticky'],
  severity: 'recommended',
  stage: 'post',
  scope: 'director',
  requires: ['sysctl', 'os'],
  requiresOfAll: ['limits'],
  doc: {
    why:
      'Load generators and busy proxies use source ports again within the two minutes that an entry rests. Stuck ones go on to ' +
      'a real server that was drained or is gone; delayed ones wait exactly one second for their SYN to be sent again.',
    byHand: ['uname -r', 'sysctl net.ipv4.vs.conn_reuse_mode net.ipv4.vs.conntrack', 'ipvsadm -Lnc'],
    references: [
      'Documentation/networking/ipvs-sysctl.rst (conn_reuse_mode)',
      'net/netfilter/ipvs/ip_vs_core.c (is_new_conn_expected)',
      'Linux 5.9: ipvs: allow connection reuse for unconfirmed conntrack',
    ],
  },
  evaluate({ sysctl, os }, { cluster, host }, { evidence, everyone }) {
    const mode = sysctl[key];
    if (mode === undefined) return notApplicable(`${host.name} has not loaded IPVS, or its kernel has no ${key}`);
    const quoted = [quote(evidence('sysctl'), key, 'net.ipv4.vs.conntrack'), evidence('os')];
    const direct = cluster.virtualServices.filter(({ forwarding }) => forwarding !== 'nat');
    const conntrack = sysctl['net.ipv4.vs.conntrack'] === '1';
    const found = { [key]: mode, 'net.ipv4.vs.conntrack': conntrack ? '1' : '0', kernel: os.kernel };
    const wanted = direct.length === 0 ? '1' : '3';
    const finding: Omit<Finding, 'reason'> = {
      faults: ['conn-reuse-sticky'],
      found,
      expected: { [key]: wanted },
      evidence: quoted,
    };
    if (mode === '0') {
      return fail({
        ...finding,
        reason: `${host.name} has ${key}=0: a source port used again goes to its old real server, drained or dead as it may be`,
        remedy: setSysctl(host.name, 'Schedule source ports that are used again', key, wanted, mode),
      });
    }
    const version = kernelVersion(os.kernel);
    if (conntrack && version === undefined) {
      return cannotTell(
        `${host.name} calls its kernel ${os.kernel}, which does not tell whether reused ports wait`,
        quoted,
      );
    }
    if (conntrack && version !== undefined && isBefore(version, [5, 9])) {
      return fail({
        ...finding,
        faults: ['conn-reuse-delay'],
        reason:
          `${host.name} runs Linux ${os.kernel} with net.ipv4.vs.conntrack=1: it drops the first SYN of a source port used ` +
          'again, unless its distribution took the cure over, so that such connections take a second longer',
        expected: 'Linux 5.9 or later, or net.ipv4.vs.conntrack=0',
      });
    }
    const stuck = Number(mode) & 2 ? undefined : reuse(cluster, everyone);
    if (direct.length > 0 && stuck !== undefined) {
      return fail({
        ...finding,
        reason:
          `${host.name} has ${key}=${mode}, which knows no end of a connection with ${listed([...new Set(direct.map(({ forwarding }) => forwarding))])}, ` +
          `and ${stuck}: a source port used again goes to its old real server`,
        remedy: setSysctl(host.name, 'Schedule source ports that are used again after FIN_WAIT too', key, '3', mode),
      });
    }
    return pass(found, quoted);
  },
});

/** Why source ports will be used again while it matters; undefined when nothing says so. */
function reuse(
  cluster: Cluster,
  everyone: ReadonlyMap<string, { readonly limits: Fact<UserLimits> }>,
): string | undefined {
  const drained = cluster.virtualServices.flatMap(({ forwarding, destinations }) =>
    forwarding === 'nat' ? [] : destinations.filter(({ weight }) => weight === 0),
  );
  const [first] = drained;
  if (first !== undefined) return `${first.realServer.name} is drained`;
  for (const profile of cluster.loadProfiles) {
    if (profile.mode !== 'ab') continue;
    for (const client of cluster.clients) {
      const limits = everyone.get(client.name)?.limits;
      if (limits?.known !== true) continue;
      const [low, high] = limits.value.ephemeralPorts;
      if (profile.requests > high - low + 1) {
        return `profile ${profile.name} makes ${profile.requests} connections from the ${high - low + 1} source ports of ${client.name}`;
      }
    }
  }
  return undefined;
}
