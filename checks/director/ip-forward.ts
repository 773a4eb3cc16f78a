import { quote } from '../quotation.ts';
import { forwardingKeys } from '../reply-forwarding.ts';
import { setSysctl } from '../remedies.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/**
 * Only NAT needs it: requests leave through LOCAL_OUT without asking ip_forward, but the real server's answer is a
 * packet for somebody else, and the kernel drops it before IPVS can put the VIP back.
 */
export const ipForward = defineCheck({
  id: 'director/ip-forward',
  title: "Director forwards the real servers' answers",
  failureTitle: "Director drops the real servers' answers: IP forwarding is off",
  sees: ['director-ip-forward-off', 'v6-forwarding-off'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['sysctl'],
  doc: {
    why:
      'With NAT and ip_forward=0 the director drops every answer (IpInAddrErrors rises): connections to all real servers at ' +
      'once stay in SYN_RECV and clients time out. DR and TUN do not need forwarding.',
    byHand: ['sysctl net.ipv4.ip_forward', 'nstat -az IpInAddrErrors IpForwDatagrams'],
    references: [
      'Documentation/networking/ip-sysctl.rst',
      'net/netfilter/ipvs/ip_vs_core.c (ip_vs_forward_icmp, handle_response)',
    ],
  },
  evaluate({ sysctl }, { cluster, host }, { evidence }) {
    const keys = forwardingKeys(cluster).map(({ key }) => key);
    if (keys.length === 0) return notApplicable('No service of the cluster forwards by NAT');
    const quoted = [quote(evidence('sysctl'), ...keys)];
    const unknown = keys.find((key) => sysctl[key] === undefined);
    if (unknown !== undefined) return cannotTell(`${host.name} did not say what ${unknown} is`, quoted);
    const found = Object.fromEntries(keys.map((key) => [key, sysctl[key]]));
    const off = keys.find((key) => sysctl[key] === '0');
    if (off === undefined) return pass(found, quoted);
    return fail({
      reason: `${host.name} has ${off}=0, so answers of the real servers are dropped on their way to the clients`,
      faults: [off.startsWith('net.ipv6.') ? 'v6-forwarding-off' : 'director-ip-forward-off'],
      found,
      expected: Object.fromEntries(keys.map((key) => [key, '1'])),
      evidence: quoted,
      remedy: setSysctl(host.name, 'Turn forwarding on', off, '1', '0'),
    });
  },
});
