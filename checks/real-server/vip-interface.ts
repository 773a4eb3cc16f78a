import { entryOf, isIpv6 } from '../address.ts';
import { arpFilteredFor } from '../arp-silence.ts';
import { wireSays } from '../census.ts';
import { askedInterfaces, notDirect } from '../direct-forwarding.ts';
import { greaterOf } from '../interface-setting.ts';
import { moveToLo } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { cannotTell, defineCheck, fail, type Finding, notApplicable, pass } from '../../lib/model/check.ts';

/** An address of the very interface the question comes in on is answered for, whatever arp_ignore=1 or 2 says. */
export const vipInterface = defineCheck({
  id: 'real-server/vip-interface',
  title: 'VIP on the real server is on an interface that neighbours do not ask',
  failureTitle: 'VIP on the real server is on the interface that neighbours ask',
  sees: ['rs-vip-on-nic', 'v6-vip-answered-by-rs'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['addresses', 'sysctl'],
  requiresOfAll: ['addresses', 'links', 'firewall', 'vipCensus', 'persistedNetwork'],
  inapplicable: notDirect,
  doc: {
    why:
      'The real server answers when the segment is asked for the VIP, and takes clients away from the director. arp_ignore=1 ' +
      'and 2 do not help: the address belongs to the interface that was asked. lo and dummy interfaces are asked by nobody.',
    byHand: ['ip -brief address', 'arping -b -c 1 -I INTERFACE -s OWN_ADDRESS VIP # from a client'],
    references: ['Documentation/networking/ip-sysctl.rst (arp_ignore)', 'net/ipv4/arp.c', 'RFC 4861'],
  },
  evaluate({ addresses, sysctl }, { cluster, host, service }, { evidence, everyone }) {
    const { vip } = service;
    const entry = entryOf(addresses, vip);
    if (entry === undefined) return notApplicable(`${host.name} has the VIP ${vip} on no interface`);
    const quoted = [quote(evidence('addresses'), vip)];
    const found = { interface: entry.interface };
    const asked = askedInterfaces({ vip, cluster, everyone }, host, addresses, service.forwarding);
    if (!asked.names.includes(entry.interface)) {
      if (asked.unknown && entry.interface !== 'lo')
        return cannotTell(
          `Whether ${entry.interface} of ${host.name} is on the segment of the VIP ${vip} is not known`,
          quoted,
        );
      return pass(found, quoted);
    }
    const links = everyone.get(host.name)?.links;
    const link = links?.known === true ? links.value.find(({ name }) => name === entry.interface) : undefined;
    if (link?.noArp === true && !isIpv6(vip)) return pass({ ...found, noArp: true }, quoted);
    const filter = everyone.get(host.name)?.firewall;
    const filtered = filter?.known === true ? arpFilteredFor(filter.value, vip, entry.interface) : 'unknown';
    if (!isIpv6(vip)) {
      if (filtered === 'filtered') return pass({ ...found, arp: 'filtered' }, quoted);
      if (greaterOf(sysctl, 'arp_ignore', entry.interface) === 8) return pass({ ...found, arp_ignore: 8 }, quoted);
    }
    const wire = wireSays(cluster, vip, everyone, host.name);
    if (wire.heard === 'silent') return pass({ ...found, onTheWire: 'silent' }, [...quoted, ...wire.evidence]);
    const finding: Finding = {
      reason: `${host.name} has the VIP ${vip} on ${entry.interface}, and answers neighbours that ask there for it`,
      faults: [isIpv6(vip) ? 'v6-vip-answered-by-rs' : 'rs-vip-on-nic'],
      found,
      expected: { interface: 'lo' },
      evidence: [...quoted, ...wire.evidence.map((each) => quote(each, vip))],
      remedy: moveToLo(
        host.name,
        'Move the VIP to lo',
        { ...entry, address: vip },
        persistedOf(everyone.get(host.name)),
      ),
    };
    if (wire.heard === 'answers' || isIpv6(vip) || filtered === 'open') return fail(finding);
    return cannotTell(
      `${host.name} has the VIP ${vip} on ${entry.interface}, and whether a packet filter keeps it silent there is not known`,
      quoted,
      filter?.known === false
        ? (filter.hint ?? filter.message)
        : 'arptables -L, nft list ruleset; or install arping on a neighbour',
    );
  },
});
