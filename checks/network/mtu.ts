import ipaddr from 'ipaddr.js';
import { inPrefix, isLoopback } from '../address.ts';
import { keepLink } from '../lasting-network.ts';
import { lasting } from '../lasting-places.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { type Cluster, hostsOf } from '../../lib/model/cluster.ts';
import type { InterfaceAddress, NetworkLink } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** What stands on one network must send frames that every other host on it, and every switch between, takes. */
export const mtu = defineCheck({
  id: 'network/mtu',
  title: 'Interfaces on one network have one MTU',
  failureTitle: 'Interfaces on one network have different MTUs',
  sees: ['nic-mtu-mismatch'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['addresses', 'links'],
  requiresOfAll: ['addresses', 'links', 'persistedNetwork'],
  doc: {
    why:
      'A frame larger than the receiver or the switch takes is dropped without a word: no router is there to send an ICMP ' +
      'message. Connections open and small pages work, and large answers or uploads hang. Large frames have to be set on every ' +
      'host and switch of a network, or on none.',
    byHand: ['ip -brief link', 'ping -M do -s 1472 OTHER_HOST'],
    references: ['ip-link(8)', 'RFC 2923, 2'],
  },
  evaluate({ addresses, links }, { cluster, host }, { evidence, everyone }) {
    const networks = networksOf(cluster, addresses, links);
    if (networks.length === 0) {
      return notApplicable(`${host.name} has no interface in a network with an address of the cluster`);
    }
    const notCompared: string[] = [];
    const peers = hostsOf(cluster).flatMap(({ name }) => {
      const facts = everyone.get(name);
      if (name === host.name) return [];
      if (facts?.addresses.known === true && facts.links.known)
        return networksOf(cluster, facts.addresses.value, facts.links.value).map((network) => ({ name, ...network }));
      notCompared.push(name);
      return [];
    });
    const found = {
      ...Object.fromEntries(networks.map(({ network, interface: dev, mtu: size }) => [`${network} on ${dev}`, size])),
      ...(notCompared.length === 0 ? {} : { notCompared }),
    };
    const quoted = [quote(evidence('links'), ...networks.map(({ interface: dev }) => dev))];
    for (const { network, interface: dev, mtu: size } of networks) {
      const others = peers.filter((peer) => peer.network === network);
      const different = others.filter((other) => other.mtu !== size);
      // The odd one out is told; where there is no majority, both sides are.
      if (different.length === 0 || different.length < others.length / 2) continue;
      const usual = different[0]?.mtu ?? size;
      return fail({
        reason:
          `${host.name} has MTU ${size} on ${dev}, and ${listed(different.map((other) => `${other.name} ${other.mtu}`))} ` +
          `on the same network ${network}`,
        found,
        expected: { mtu: usual },
        evidence: quoted,
        remedy: lasting(
          {
            host: host.name,
            summary: `Set the MTU that the others on ${network} have, if the switches take it`,
            commands: [`ip link set ${shellWord(dev)} mtu ${usual}`],
            undo: [`ip link set ${shellWord(dev)} mtu ${size}`],
          },
          keepLink(persistedOf(everyone.get(host.name)), dev, { mtu: usual }),
        ),
      });
    }
    if (peers.length === 0 && notCompared.length > 0) {
      return cannotTell(
        `${host.name} cannot be compared: ${listed(notCompared)} did not say which MTU they have`,
        quoted,
      );
    }
    return pass(found, quoted);
  },
});

interface Network {
  /** `10.10.10.0/24` */
  readonly network: string;
  readonly interface: string;
  readonly mtu: number;
}

/** Of each host's addresses, as every other host asks for them. */
const known = new WeakMap<readonly InterfaceAddress[], Known>();

interface Known {
  readonly cluster: Cluster;
  readonly links: readonly NetworkLink[];
  readonly networks: readonly Network[];
}

function networksOf(
  cluster: Cluster,
  addresses: readonly InterfaceAddress[],
  links: readonly NetworkLink[],
): readonly Network[] {
  const before = known.get(addresses);
  if (before?.cluster === cluster && before.links === links) return before.networks;
  const networks = findNetworks(cluster, addresses, links);
  known.set(addresses, { cluster, links, networks });
  return networks;
}

/** Networks that hold an address of the cluster; a container bridge has the same prefix on many hosts and is none. */
function findNetworks(
  cluster: Cluster,
  addresses: readonly InterfaceAddress[],
  links: readonly NetworkLink[],
): readonly Network[] {
  const declared = [
    ...cluster.directors.map(({ dip }) => dip),
    ...cluster.realServers.map(({ rip }) => rip),
    ...cluster.clients.map(({ cip }) => cip),
    ...cluster.virtualServices.map(({ vip }) => vip),
  ];
  const seen = new Map<string, Network>();
  for (const { address, prefixLength, interface: name, up } of addresses) {
    const hostOnly = prefixLength >= (address.includes(':') ? 128 : 32);
    const link = links.find((one) => one.name === name);
    if (!up || hostOnly || isLoopback(address) || link === undefined || link.noArp || !ipaddr.isValid(address))
      continue;
    const prefix = `${address}/${prefixLength}`;
    if (!declared.some((one) => inPrefix(one, prefix) === true)) continue;
    const network = networkOf(address, prefixLength);
    seen.set(`${network} ${name}`, { network, interface: name, mtu: link.mtu });
  }
  return [...seen.values()];
}

function networkOf(address: string, prefixLength: number): string {
  const cidr = `${address}/${prefixLength}`;
  const base = address.includes(':')
    ? ipaddr.IPv6.networkAddressFromCIDR(cidr)
    : ipaddr.IPv4.networkAddressFromCIDR(cidr);
  return `${base.toString()}/${prefixLength}`;
}
