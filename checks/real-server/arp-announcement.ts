import { announcementsFilteredFor } from '../arp-silence.ts';
import { askedInterfaces, isOwn } from '../direct-forwarding.ts';
import { greaterOf, interfaceKeys } from '../interface-setting.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { notByArp, onlyElsewhere } from './arp-suppression.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** A host that answers a client from the VIP asks for its gateway first, and may do so in the name of the VIP. */
export const arpAnnouncement = defineCheck({
  id: 'real-server/arp-announcement',
  title: 'Real server asks its own questions without naming the VIP',
  failureTitle: 'Real server announces the VIP by its own questions',
  sees: ['rs-arp-announce-leak', 'rs-arp-sysctl-wrong-scope'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['sysctl', 'addresses', 'routes'],
  requiresOfAll: ['addresses', 'firewall'],
  inapplicable: notByArp,
  doc: {
    why:
      'With arp_announce 0, and with 1 where the VIP is in the network of the interface, a question for the gateway carries the ' +
      'VIP as its sender. The gateway learns from it, and sends what is for the VIP to this real server: one SYN_RECV stays on ' +
      'the director, clients are served, and the director sees nothing any more.',
    byHand: [
      'sysctl -a --pattern "arp_announce$" # the larger of all and the interface counts',
      'tcpdump -ni INTERFACE arp # "who-has GATEWAY tell VIP"',
    ],
    references: ['Documentation/networking/ip-sysctl.rst (arp_announce)', 'net/ipv4/arp.c (arp_solicit)'],
  },
  evaluate({ sysctl, addresses, routes }, { cluster, host, service }, { evidence, everyone }) {
    const { vip } = service;
    if (!isOwn(addresses, routes, vip))
      return notApplicable(`${host.name} does not have the VIP ${vip}, so its questions cannot name it`);
    const asked = askedInterfaces({ vip, cluster, everyone }, host, addresses, service.forwarding);
    if (asked.unknown)
      return cannotTell(
        `Whether ${host.name} is on the segment of the VIP ${vip} is not known: no director says its addresses`,
        [quote(evidence('addresses'), vip)],
      );
    if (asked.names.length === 0) return notApplicable(`${host.name} is not on the segment where ${vip} is known`);
    const filter = everyone.get(host.name)?.firewall;
    const judged = asked.names.map((name) => ({
      name,
      value: greaterOf(sysctl, 'arp_announce', name),
      filtered: filter?.known === true ? announcementsFilteredFor(filter.value, vip, name) : ('unknown' as const),
    }));
    const found = Object.fromEntries(
      judged.map(({ name, value, filtered }) => [name, filtered === 'filtered' ? 'filtered' : (value ?? 'not known')]),
    );
    const settings = quote(
      evidence('sysctl'),
      ...judged.flatMap(({ name }) => interfaceKeys('arp_announce', name)),
      'net.ipv4.conf.lo.arp_announce',
    );
    const leak = judged.find(({ value, filtered }) => filtered !== 'filtered' && (value === undefined || value < 2));
    if (leak === undefined) return pass(found, [settings]);
    if (leak.value === undefined)
      return cannotTell(`${host.name} does not say arp_announce of ${leak.name}`, [settings]);
    if (leak.filtered === 'unknown')
      return cannotTell(
        `${host.name} has arp_announce=${leak.value} on ${leak.name}, and whether a packet filter keeps ${vip} out of its questions is not known`,
        [settings],
        filter?.known === false ? (filter.hint ?? filter.message) : 'arptables-save, nft list ruleset',
      );
    const elsewhere = onlyElsewhere(sysctl, leak.name, 'arp_announce');
    return fail({
      reason: `${host.name} may ask on ${leak.name} in the name of the VIP ${vip}: arp_announce is ${leak.value} there, and only 2 keeps it out${elsewhere}`,
      faults: [elsewhere === '' ? 'rs-arp-announce-leak' : 'rs-arp-sysctl-wrong-scope'],
      found,
      expected: { [leak.name]: 'arp_announce 2, or a filter' },
      evidence: [settings],
      remedy: setSysctl(
        host.name,
        'Ask with the address of the interface, never with the VIP',
        'net.ipv4.conf.all.arp_announce',
        '2',
        sysctl['net.ipv4.conf.all.arp_announce'] ?? '0',
      ),
    });
  },
});
