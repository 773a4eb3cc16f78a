/**
 * Whether a host's packet filter keeps it silent about a VIP on one interface, in place of arp_ignore and arp_announce:
 * arptables, or nftables' family arp. Three-valued: a rule with a condition the model does not know matches perhaps.
 */
import { inPrefix } from './address.ts';
import type { ArpRule, Firewall } from '../lib/model/facts.ts';

/** `unknown` also where nobody looked, and for an IPv6 VIP, which ARP has no word for. */
export type ArpFiltering = 'filtered' | 'open' | 'unknown';

interface ArpPacket {
  readonly hook: ArpRule['hook'];
  readonly operation: 'request' | 'reply';
  /** Absent when it may be anybody. */
  readonly sender?: string;
  readonly target?: string;
  readonly interface: string;
}

/** Whether questions for the VIP that arrive on the interface stay without an answer that names the VIP. */
export function arpFilteredFor(firewall: Firewall, vip: string, interfaceName: string): ArpFiltering {
  const asked = passage(firewall, { hook: 'input', operation: 'request', target: vip, interface: interfaceName });
  const answered = passage(firewall, { hook: 'output', operation: 'reply', sender: vip, interface: interfaceName });
  if (asked === 'filtered' || answered === 'filtered') return 'filtered';
  return asked === 'open' && answered === 'open' ? 'open' : 'unknown';
}

/** Whether the host's own questions, sent from the interface, go out without the VIP as their sender. */
export function announcementsFilteredFor(firewall: Firewall, vip: string, interfaceName: string): ArpFiltering {
  return passage(firewall, { hook: 'output', operation: 'request', sender: vip, interface: interfaceName });
}

function passage(firewall: Firewall, packet: ArpPacket): ArpFiltering {
  const rules = firewall.arp?.filter(({ hook }) => hook === packet.hook);
  if (rules === undefined || [packet.sender, packet.target].some((address) => address?.includes(':'))) return 'unknown';
  const groups = [...new Set(rules.map(({ group }) => group))];
  const ways = groups.map((group) =>
    chainPassage(
      rules.filter((rule) => rule.group === group),
      packet,
    ),
  );
  if (ways.includes('filtered')) return 'filtered';
  return ways.includes('unknown') ? 'unknown' : 'open';
}

/** One chain: the first rule that surely applies ends it, those that perhaps apply before it may turn it round. */
function chainPassage(rules: readonly ArpRule[], packet: ArpPacket): ArpFiltering {
  const perhaps: ArpRule[] = [];
  const end = rules.find((rule) => {
    const match = matches(rule, packet);
    if (match === 'perhaps') perhaps.push(rule);
    return match === 'yes';
  });
  const way = end === undefined || end.verdict === 'accept' ? 'open' : 'filtered';
  const turned = perhaps.some(({ verdict }) => (verdict === 'accept') !== (way === 'open'));
  return turned ? 'unknown' : way;
}

function matches({ match, understood }: ArpRule, packet: ArpPacket): 'yes' | 'no' | 'perhaps' {
  const name = packet.hook === 'input' ? match.inInterface : match.outInterface;
  const parts = [
    match.operation === undefined || match.operation === packet.operation,
    addressMatch(match.target, packet.target),
    addressMatch(match.sender, packet.sender),
    nameMatch(name, packet.interface),
  ];
  if (parts.includes(false)) return 'no';
  return understood && !parts.includes(undefined) ? 'yes' : 'perhaps';
}

function addressMatch(prefix: string | undefined, address: string | undefined): boolean | undefined {
  if (prefix === undefined || prefix === '0.0.0.0/0') return true;
  return address === undefined ? undefined : inPrefix(address, prefix);
}

/** `eth+` (arptables) and `eth*` (nftables) stand for every name that begins so. */
function nameMatch(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true;
  return /[+*]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
