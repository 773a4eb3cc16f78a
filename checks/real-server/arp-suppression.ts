import { entryOf, isIpv6 } from '../address.ts';
import { arpFilteredFor } from '../arp-silence.ts';
import { wireSays } from '../census.ts';
import { askedInterfaces, isOwn, notDirect } from '../direct-forwarding.ts';
import { greaterOf, interfaceKeys } from '../interface-setting.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass, type Subjects } from '../../lib/model/check.ts';
import type { Evidence } from '../../lib/model/evidence.ts';
import type { InterfaceAddress, Sysctls } from '../../lib/model/facts.ts';

/** Why there is nothing to say about ARP; shared with real-server/arp-announcement. */
export function notByArp(subject: Subjects['real-server-service']): string | undefined {
  return (
    notDirect(subject) ??
    (isIpv6(subject.service.vip)
      ? `${subject.service.vip} is IPv6: neighbours ask by neighbour discovery, which a real server answers only for addresses of the interface asked`
      : undefined)
  );
}

/**
 * With DR and TUN every real server has the VIP. The kernel takes the larger of `all` and the interface that is asked, so
 * that conf.lo alone changes nothing, and eth0 alone is enough. What is heard on the wire outranks the setting.
 */
export const arpSuppression = defineCheck({
  id: 'real-server/arp-suppression',
  title: 'Real server keeps silent when asked for the VIP',
  failureTitle: 'Real server answers ARP for the VIP',
  sees: ['rs-arp-flux', 'rs-arp-sysctl-wrong-scope', 'rs-arp-vs-other-tools', 'tun-arp'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['sysctl', 'addresses', 'routes'],
  requiresOfAll: ['addresses', 'links', 'firewall', 'vipCensus'],
  inapplicable: notByArp,
  doc: {
    why:
      'With arp_ignore=0 the kernel answers for any of its addresses on any interface. Real servers race the director for ' +
      'every client; one that wins serves it alone, uncounted, until it goes down and takes those clients with it.',
    byHand: [
      'sysctl -a --pattern "arp_ignore$" # the larger of all and the interface counts',
      'arping -b -c 1 -I INTERFACE -s OWN_ADDRESS VIP # from a client',
      'arptables-save; nft list table arp filter',
    ],
    references: [
      'Documentation/networking/ip-sysctl.rst (arp_ignore)',
      'net/ipv4/arp.c (arp_ignore)',
      'LVS-HOWTO, The ARP Problem',
    ],
  },
  evaluate({ sysctl, addresses, routes }, { cluster, host, service }, { evidence, everyone }) {
    const { vip } = service;
    if (!isOwn(addresses, routes, vip))
      return notApplicable(`${host.name} does not have the VIP ${vip}, so nobody hears of it there`);
    const asked = askedInterfaces({ vip, cluster, everyone }, host, addresses, service.forwarding);
    if (asked.unknown)
      return cannotTell(
        `Whether ${host.name} is on the segment of the VIP ${vip} is not known: no director says its addresses`,
        [quote(evidence('addresses'), vip)],
      );
    if (asked.names.length === 0) return notApplicable(`${host.name} is not on the segment where ${vip} is asked for`);

    const filter = everyone.get(host.name)?.firewall;
    const entry = entryOf(addresses, vip);
    const judged = asked.names.map((name) => ({
      name,
      value: greaterOf(sysctl, 'arp_ignore', name),
      filtered: filter?.known === true ? arpFilteredFor(filter.value, vip, name) : ('unknown' as const),
    }));
    const found = Object.fromEntries(
      judged.map(({ name, value, filtered }) => [name, filtered === 'filtered' ? 'filtered' : (value ?? 'not known')]),
    );
    const keys = judged.flatMap(({ name }) => interfaceKeys('arp_ignore', name));
    const settings = quote(evidence('sysctl'), ...keys, 'net.ipv4.conf.lo.arp_ignore');
    const wire = wireSays(cluster, vip, everyone, host.name);
    const onWire: readonly Evidence[] = wire.evidence.map((each) => quote(each, vip));
    const loud = judged.find(({ value, filtered }) => filtered !== 'filtered' && !silences(value, entry));
    if (wire.heard === 'silent') return pass({ ...found, onTheWire: 'silent' }, [settings, ...onWire]);
    if (loud === undefined) {
      // The interface that carries the VIP is another check's.
      if (wire.heard === 'answers' && !asked.names.includes(entry?.interface ?? ''))
        return fail({
          reason: `${host.name} is heard answering for the VIP ${vip}, although ${listed(judged.map(({ name, value }) => `arp_ignore of ${name} is ${value ?? 'not known'}`))}: something else answers there in its name`,
          faults: ['rs-arp-vs-other-tools'],
          found: { ...found, onTheWire: 'answers' },
          expected: { onTheWire: 'silent' },
          evidence: [settings, ...onWire],
        });
      return pass(found, [settings, ...onWire]);
    }
    if (wire.heard !== 'answers' && loud.value === undefined)
      return cannotTell(`${host.name} does not say arp_ignore of ${loud.name}`, [settings]);
    if (wire.heard !== 'answers' && loud.filtered === 'unknown')
      return cannotTell(
        `${host.name} has arp_ignore=${loud.value ?? ''} on ${loud.name}, and whether a packet filter keeps it silent about ${vip} is not known`,
        [settings],
        filter?.known === false
          ? (filter.hint ?? filter.message)
          : 'arptables-save, nft list ruleset; or install arping on a neighbour',
      );
    const heard = wire.heard === 'answers' ? ', and it is heard doing so' : '';
    const elsewhere = onlyElsewhere(sysctl, loud.name, 'arp_ignore');
    return fail({
      reason: `${host.name} answers on ${loud.name} when asked for the VIP ${vip}: arp_ignore is ${loud.value ?? 'not known'} there${elsewhere}${heard}`,
      faults: [
        elsewhere !== '' ? 'rs-arp-sysctl-wrong-scope' : service.forwarding === 'tun' ? 'tun-arp' : 'rs-arp-flux',
      ],
      found,
      expected: { [loud.name]: 'arp_ignore 1 or 2, or a filter' },
      evidence: [settings, ...onWire],
      remedy: setSysctl(
        host.name,
        'Answer only for addresses of the interface that is asked',
        'net.ipv4.conf.all.arp_ignore',
        '1',
        sysctl['net.ipv4.conf.all.arp_ignore'] ?? '0',
      ),
    });
  },
});

/** arp_ignore() of net/ipv4/arp.c: 3 leaves addresses of scope host out, 8 all; 4 to 7 are as 0. */
function silences(value: number | undefined, entry: InterfaceAddress | undefined): boolean {
  return value === 1 || value === 2 || value === 8 || (value === 3 && entry?.scope === 'host');
}

/** A clause about settings that look right and count for nothing: those of lo, tunl0 and `default`. */
export function onlyElsewhere(sysctl: Sysctls, name: string, setting: 'arp_ignore' | 'arp_announce'): string {
  const ineffective = Object.entries(sysctl)
    .filter(
      ([key, value]) => key.endsWith(`.${setting}`) && value !== '0' && !interfaceKeys(setting, name).includes(key),
    )
    .map(([key]) => key.slice('net.ipv4.conf.'.length, -setting.length - 1))
    .filter((each) => each === 'lo' || each === 'default' || /^(tunl|dummy)/.test(each));
  if (ineffective.length === 0) return '';
  return `, and that it is set for ${listed(ineffective)} changes nothing: the kernel takes the larger of all and ${name}`;
}
