import { entryOf, isIpv6 } from '../address.ts';
import { stopEvidence } from '../firewall-evidence.ts';
import { clientPorts, fateOf, type Packet, stopText } from '../firewall-path.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { cannotTell, defineCheck, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { ClusterHost } from '../../lib/model/cluster.ts';

/** br_netfilter has frames that are only bridged pass FORWARD, where nobody expects them. */
export const bridgeFilter = defineCheck({
  id: 'network/bridge-filter',
  title: 'Bridged frames of the service do not meet a closed FORWARD',
  failureTitle: 'Bridged frames of the service are stopped in FORWARD',
  sees: ['br-netfilter-surprise'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['firewall', 'sysctl', 'addresses'],
  requiresOfAll: ['links'],
  doc: {
    why:
      'With net.bridge.bridge-nf-call-iptables=1 a host that bridges between a director and real servers, as containers or ' +
      'virtual machines on it, puts their frames through FORWARD, where docker and firewalld drop what they do not know: ' +
      'connections stay in SYN_RECV.',
    byHand: ['sysctl net.bridge.bridge-nf-call-iptables', 'bridge link', 'iptables-save -c -t filter'],
    references: ['Documentation/networking/ip-sysctl.rst (bridge-nf-call-iptables)'],
  },
  inapplicable({ host }) {
    return host.role === 'client' ? 'A client bridges nothing between a director and its real servers' : undefined;
  },
  evaluate({ firewall, sysctl, addresses }, { cluster, host }, { evidence, everyone }) {
    const calls = (key: string): boolean => sysctl[`net.bridge.bridge-nf-call-${key}`] === '1';
    const keys = ['iptables', 'ip6tables'].filter(calls);
    const found = { 'bridge-nf-call': keys };
    if (keys.length === 0) return pass(found, [quote(evidence('sysctl'), 'net.bridge.bridge-nf-call-iptables')]);
    const links = everyone.get(host.name)?.links;
    if (links?.known !== true) {
      const reason = `What ${host.name} bridges is not known: ${links?.message ?? 'it was not asked'}`;
      return links?.reason === 'unsupported'
        ? notApplicable(reason)
        : cannotTell(reason, [quote(evidence('sysctl'), 'net.bridge.bridge-nf-call-iptables')], links?.hint);
    }
    const own = entryOf(addresses, addressOf(host))?.interface ?? host.interface ?? '';
    const bridges = links.value.filter(({ kind }) => kind === 'bridge').map(({ name }) => name);
    const ports = (bridge: string) => links.value.filter(({ master }) => master === bridge).map(({ name }) => name);
    const between = bridges.find(
      (bridge) => (bridge === own || ports(bridge).includes(own)) && ports(bridge).length > 1,
    );
    if (between === undefined)
      return notApplicable(`${host.name} has no bridge with further ports in the segment of ${own}`);
    const stopped = cluster.virtualServices
      .filter(({ vip }) => keys.includes(isIpv6(vip) ? 'ip6tables' : 'iptables'))
      .flatMap((service) => {
        const packet: Packet = {
          protocol: service.protocol,
          destination: service.vip,
          sourcePorts: clientPorts,
          destinationPorts: [service.port, service.port],
          inInterface: between,
          outInterface: between,
          destinationType: 'unicast',
          state: 'new',
          wayBack: true,
        };
        const fate = fateOf(firewall, 'forward', packet);
        return fate.kind === 'stopped' ? [{ service, fate }] : [];
      })[0];
    if (stopped === undefined) return pass({ ...found, bridge: between }, [quote(evidence('sysctl'), 'net.bridge')]);
    const { service, fate } = stopped;
    const [key = 'iptables'] = keys;
    return warn({
      reason:
        `${host.name} puts frames that pass its bridge ${between} through FORWARD (net.bridge.bridge-nf-call-${key}=1), ` +
        `which stops those for ${service.vip} at ${stopText('forward', fate)}`,
      found: { ...found, bridge: between, ports: ports(between) },
      expected: `net.bridge.bridge-nf-call-${key} is 0, or FORWARD accepts bridged frames of the service`,
      evidence: [
        quote(evidence('sysctl'), `net.bridge.bridge-nf-call-${key}`),
        ...stopEvidence(evidence('firewall'), 'forward', fate),
      ],
      remedy: setSysctl(
        host.name,
        'Keep bridged frames out of the packet filter',
        `net.bridge.bridge-nf-call-${key}`,
        '0',
        '1',
      ),
    });
  },
});

function addressOf(host: ClusterHost): string {
  switch (host.role) {
    case 'director':
      return host.dip;
    case 'real-server':
      return host.rip;
    case 'client':
      return host.cip;
  }
}
