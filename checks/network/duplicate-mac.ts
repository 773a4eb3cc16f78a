import { inPrefix, isIpv6 } from '../address.ts';
import { keepLink } from '../lasting-network.ts';
import { lasting } from '../lasting-places.ts';
import { persistedOf } from '../persisted-network.ts';
import { sameMachine } from '../same-machine.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import { hostsOf } from '../../lib/model/cluster.ts';
import type { Fact, InterfaceAddress, NetworkLink } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** VRRP's own MACs move from director to director (RFC 5798, 7.3). */
const virtual = /^00:00:5e:00:0[12]:/;
/** Ends that never leave the host. */
const ownOnly = ['veth', 'dummy', 'tun', 'tap', 'ipip', 'sit', 'gre', 'vxlan', 'geneve', 'bridge', 'macvtap'];

/** Bonds and VLANs share the MAC of their parts on one host, which is as it should be: only other hosts are compared. */
export const duplicateMac = defineCheck({
  id: 'network/duplicate-mac',
  title: "Host's MAC addresses are its alone",
  failureTitle: 'Two hosts have the same MAC address',
  sees: ['duplicate-mac'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['links'],
  requiresOfAll: ['links', 'addresses', 'persistedNetwork'],
  doc: {
    why:
      'A switch knows a MAC on one port only. VS/DR delivers by MAC, so frames for one real server reach the other, which owns ' +
      'the VIP too and answers: the counters are balanced, and the load is not.',
    byHand: ['ip -brief link', 'ip neigh # on the director: two RIPs with one lladdr'],
    references: ['ip-link(8)', 'systemd.link(5) (MACAddressPolicy=)'],
  },
  evaluate({ links }, { cluster, host }, { evidence, everyone }) {
    const others = hostsOf(cluster).filter((other) => !sameMachine(host, other));
    const own = carriers(links);
    const twins = own.flatMap((link) =>
      others.flatMap((other) => {
        const fact = everyone.get(other.name)?.links;
        const twin = fact?.known === true ? carriers(fact.value).find(({ mac }) => mac === link.mac) : undefined;
        return twin === undefined ? [] : [{ link, other, twin }];
      }),
    );
    const notCompared = others.filter(({ name }) => everyone.get(name)?.links.known !== true).map(({ name }) => name);
    const found = {
      macs: Object.fromEntries(own.map(({ name, mac }) => [name, mac])),
      ...(notCompared.length === 0 ? {} : { notCompared }),
    };
    const [first] = twins;
    if (first === undefined) return pass(found, [evidence('links')]);
    const together = twins.some(
      ({ link, other, twin }) =>
        sharedNetwork(everyone.get(host.name)?.addresses, link.name, everyone.get(other.name)?.addresses, twin.name) !==
        false,
    );
    const mac = ownMac(host.name, first.link);
    const finding = {
      reason: `${host.name} has ${listed(twins.map(({ link, other, twin }) => `the MAC ${link.mac} on ${link.name}, as ${other.name} has on ${twin.name}`))}`,
      found,
      expected: 'MAC addresses that no other host has',
      evidence: [
        evidence('links'),
        ...twins.flatMap(({ other }) => {
          const fact = everyone.get(other.name)?.links;
          return fact?.known === true ? [fact.evidence] : [];
        }),
      ],
      remedy: lasting(
        {
          host: host.name,
          summary: 'Give one of them a MAC of its own, where the machine or its hypervisor keeps it',
          commands: [`ip link set dev ${shellWord(first.link.name)} address ${mac}`],
          undo: [`ip link set dev ${shellWord(first.link.name)} address ${shellWord(first.link.mac)}`],
        },
        keepLink(persistedOf(everyone.get(host.name)), first.link.name, { mac }),
      ),
    };
    if (together) return fail(finding);
    return warn({ ...finding, reason: `${finding.reason}; they are in different networks, where that may go well` });
  },
});

/** Locally administered (IEEE 802), and of one interface of one host: the same whenever it is asked for (FNV-1a). */
function ownMac(host: string, { name, mac }: Carrier): string {
  const mask = 0xff_ffff_ffffn;
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(`${host} ${name} ${mac}`))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  const digits = ((hash >> 24n) & mask).toString(16).padStart(10, '0');
  return `02:${digits.match(/../g)?.join(':') ?? ''}`;
}

type Carrier = NetworkLink & { readonly mac: string };

function carriers(links: readonly NetworkLink[]): readonly Carrier[] {
  return links.filter(
    (link): link is Carrier =>
      link.mac !== undefined &&
      link.up &&
      link.name !== 'lo' &&
      !/^(00:){5}00$/.test(link.mac) &&
      !virtual.test(link.mac) &&
      !ownOnly.includes(link.kind ?? ''),
  );
}

/** Whether the two interfaces are in one network, by their addresses; undefined where that does not show. */
function sharedNetwork(
  own: Fact<readonly InterfaceAddress[]> | undefined,
  name: string,
  others: Fact<readonly InterfaceAddress[]> | undefined,
  otherName: string,
): boolean | undefined {
  if (own?.known !== true || others?.known !== true) return undefined;
  const ours = own.value.filter(
    ({ interface: each, prefixLength, address }) => each === name && isNetwork(address, prefixLength),
  );
  const theirs = others.value.filter(
    (entry) => entry.interface === otherName && isNetwork(entry.address, entry.prefixLength),
  );
  if (ours.length === 0 || theirs.length === 0) return undefined;
  return ours.some(({ address, prefixLength }) =>
    theirs.some((entry) => inPrefix(entry.address, `${address}/${prefixLength}`) === true),
  );
}

/** Link-local networks are everywhere. */
function isNetwork(address: string, prefixLength: number): boolean {
  return prefixLength < (isIpv6(address) ? 128 : 32) && !/^(fe[89ab]|169\.254\.)/i.test(address);
}
