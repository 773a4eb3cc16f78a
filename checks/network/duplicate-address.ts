import ipaddr from 'ipaddr.js';
import { includesAddress, isLoopback, sameAddress } from '../address.ts';
import { withdrawAddress } from '../lasting-edits.ts';
import { lasting, type Persisted } from '../lasting-places.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { hostPrefix, ipCommand } from '../remedies.ts';
import { sameMachine } from '../same-machine.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import { type Cluster, type ClusterHost, hostsOf } from '../../lib/model/cluster.ts';
import type { InterfaceAddress } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** Bridges and stubs that many hosts have with the same address, each for itself: docker, libvirt, lxd, podman, CNI. */
const ownOnly =
  /^(docker|br-|virbr|lxdbr|lxcbr|podman|cni|cbr|flannel|kube-|dummy|nodelocaldns|vmnet|mpqemubr|cali|tunl|ip6tnl)/;

/**
 * The address of one host on another as well: neighbours take the one that answers last. VIPs are meant to be on several
 * hosts, and what a host has for itself alone is nobody else's business.
 */
export const duplicateAddress = defineCheck({
  id: 'network/duplicate-address',
  title: "Host's addresses are its alone",
  failureTitle: 'Two hosts have the same address',
  sees: ['duplicate-ip'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['addresses'],
  requiresOfAll: ['addresses', 'persistedNetwork'],
  doc: {
    why:
      'Packets for the one land on the other, now and then, as neighbour tables change: answers of the wrong real server, ' +
      'resets in the middle, and an address that seems to go away.',
    byHand: [
      'ip -brief address',
      'arping -D -c 3 -I INTERFACE ADDRESS',
      'ip neigh show ADDRESS # on a third host, twice',
    ],
    references: ['RFC 5227', 'arping(8)'],
  },
  evaluate({ addresses }, { cluster, host }, { evidence, everyone }) {
    const vips = cluster.virtualServices.map(({ vip }) => vip);
    const others = hostsOf(cluster).filter((other) => !sameMachine(host, other));
    const isShared = (entry: InterfaceAddress): boolean =>
      !entry.up || ownOnly.test(entry.interface) || isLocal(entry.address) || includesAddress(vips, entry.address);
    const own = addresses.filter((entry) => !isShared(entry));
    const clashes = own.flatMap((entry) =>
      others.flatMap((other) => {
        const fact = everyone.get(other.name)?.addresses;
        const there = fact?.known === true ? fact.value : [];
        const twin = there.find((each) => sameAddress(each.address, entry.address) && !isShared(each));
        return twin === undefined ? [] : [{ entry, other, twin }];
      }),
    );
    // The other may be silent or down: that the address is declared for it says enough.
    const strayed = own.flatMap((entry) => {
      const owner = others.find((other) => sameAddress(addressOf(other), entry.address));
      return owner === undefined || sameAddress(addressOf(host), entry.address) ? [] : [{ entry, owner }];
    });
    const notCompared = others
      .filter(({ name }) => everyone.get(name)?.addresses.known !== true)
      .map(({ name }) => name);
    const found = {
      addresses: own.map(({ address }) => address),
      ...(notCompared.length === 0 ? {} : { notCompared }),
    };
    const [clash] = clashes;
    const [stray] = strayed;
    const entry = stray?.entry ?? clash?.entry;
    if (entry === undefined) return pass(found, [evidence('addresses')]);
    const quoted = [
      quote(evidence('addresses'), entry.address),
      ...clashes.flatMap(({ other }) => {
        const fact = everyone.get(other.name)?.addresses;
        return fact?.known === true ? [quote(fact.evidence, entry.address)] : [];
      }),
    ];
    const reason =
      stray === undefined
        ? `${host.name} has ${listed(clashes.map(({ entry: { address, interface: name }, other, twin }) => `${address} on ${name}, as ${other.name} has on ${twin.interface}`))}`
        : `${host.name} has ${stray.entry.address} on ${stray.entry.interface}, which is the address of ${stray.owner.name}`;
    const finding = {
      reason,
      found,
      expected: 'addresses that no other host of the cluster has, but for the VIPs',
      evidence: quoted,
      ...(stray === undefined ? {} : { remedy: removal(host.name, stray.entry, persistedOf(everyone.get(host.name))) }),
    };
    const declared = stray !== undefined || clashes.some((one) => isDeclared(cluster, one.entry.address));
    return declared ? fail(finding) : warn(finding);
  },
});

function addressOf(host: ClusterHost): string {
  return host.role === 'director' ? host.dip : host.role === 'real-server' ? host.rip : host.cip;
}

function isDeclared(cluster: Cluster, address: string): boolean {
  return hostsOf(cluster).some((host) => sameAddress(addressOf(host), address));
}

/** Loopback, link-local and multicast addresses have a meaning on one host or one link only. */
function isLocal(address: string): boolean {
  if (isLoopback(address)) return true;
  return (
    !ipaddr.isValid(address) || ['linkLocal', 'multicast', 'unspecified'].includes(ipaddr.process(address).range())
  );
}

function removal(host: string, { address, interface: name, prefixLength }: InterfaceAddress, persisted: Persisted) {
  const ip = ipCommand(address);
  const written = `${hostPrefix(address).split('/')[0] ?? ''}/${prefixLength}`;
  return lasting(
    {
      host,
      summary: `Take ${address} off ${name}`,
      commands: [`${ip} address del ${shellWord(written)} dev ${shellWord(name)}`],
      undo: [`${ip} address add ${shellWord(written)} dev ${shellWord(name)}`],
    },
    withdrawAddress(persisted, { address, interface: name, prefixLength }),
  );
}
