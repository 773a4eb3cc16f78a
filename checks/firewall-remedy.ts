/** A rule that lets one kind of packet through, in the words of the engine that stops it now. */
import { isIpv6 } from './address.ts';
import type { Leg, Packet, Stop } from './firewall-path.ts';
import { restoreNftables, saveIptables, saveNftables } from './remedies.ts';
import type { Remedy } from '../lib/model/evidence.ts';
import type { Firewall } from '../lib/model/facts.ts';
import { shellWord } from '../lib/model/shell-word.ts';

/**
 * Stateless, because IPVS takes its packets out of connection tracking. Undefined where the rule set's own structure has
 * to be known: forwarding under firewalld, or a chain of nftables that cannot be named.
 */
export function acceptance(
  host: string,
  firewall: Firewall,
  { leg, stop }: { leg: Leg; stop: Stop },
): Remedy | undefined {
  const summary = `Accept ${leg.what} before ${stop.rule === undefined ? 'the policy applies' : 'the rule that stops them'}`;
  // keepalived makes its rules again; how to keep it from that is told in words.
  if (stop.rule !== undefined && /^\w+ keepalived /.test(stop.rule.chain)) return undefined;
  if (firewall.engines.includes('firewalld')) {
    if (leg.hook !== 'input') return undefined;
    // Its rule about INVALID packets comes before every zone.
    return stop.rule?.match.states?.includes('invalid') === true ? untracked(host, leg) : firewalld(host, summary, leg);
  }
  const group = stop.group ?? '';
  if (stop.rule?.engine === 'nftables') return nftables(host, summary, leg, stop.rule.chain);
  if (stop.rule === undefined && group.startsWith('nftables ')) {
    return nftables(host, summary, leg, group.slice('nftables '.length));
  }
  const engine = stop.rule?.engine ?? firewall.engines[0];
  return engine === 'iptables' ? iptables(host, summary, leg, stop.rule?.chain) : undefined;
}

function untracked(host: string, { what, packet }: Leg): Remedy {
  const { address, port } = serviceEnd({ packet });
  const family = isIpv6(address) ? 'ipv6' : 'ipv4';
  const rule = `--add-rule ${family} raw PREROUTING 0 -d ${address} ${iptablesWords(packet, '--dport', port)} -j CT --notrack`;
  const back = rule.replace('--add-rule', '--remove-rule');
  return {
    host,
    summary: `Take ${what} out of connection tracking`,
    commands: [`firewall-cmd --direct ${rule}`],
    persistent: [`firewall-cmd --permanent --direct ${rule}`],
    undo: [`firewall-cmd --direct ${back}`, `firewall-cmd --permanent --direct ${back}`],
  };
}

function firewalld(host: string, summary: string, { packet }: Leg): Remedy {
  const what = hasPorts(packet)
    ? `port=${packet.destinationPorts[0]}/${packet.protocol}`
    : `protocol=${wordOf(packet.protocol)}`;
  return {
    host,
    summary,
    commands: [`firewall-cmd --add-${what}`],
    persistent: [`firewall-cmd --permanent --add-${what}`],
    undo: [`firewall-cmd --remove-${what}`, `firewall-cmd --permanent --remove-${what}`],
  };
}

const hasPorts = ({ protocol }: Packet): boolean => /^(tcp|udp|sctp)$/.test(protocol);

/** As /etc/protocols calls it. */
function wordOf(protocol: string): string {
  return { ipip: 'ipencap', icmpv6: 'ipv6-icmp' }[protocol] ?? protocol;
}

/** What follows the addresses: ports, or a type of ICMP. */
function iptablesWords(packet: Packet, portFlag: string, port: number): string {
  const word = wordOf(packet.protocol);
  if (hasPorts(packet)) return `-p ${word} ${portFlag} ${port}`;
  if (packet.icmp === undefined) return `-p ${word}`;
  return packet.protocol === 'icmpv6'
    ? `-p ${word} --icmpv6-type ${packet.icmp[0]}`
    : `-p ${word} --icmp-type ${packet.icmp[0]}`;
}

function nftWords(packet: Packet, portWord: string, port: number): string {
  if (hasPorts(packet)) return `${packet.protocol} ${portWord} ${port}`;
  if (packet.icmp === undefined) return `meta l4proto ${wordOf(packet.protocol)}`;
  return `${packet.protocol} type ${packet.icmp[0]}`;
}

/** The end of the connection that is the service's, not the client's: its port is one, not a range. */
function serviceEnd({ packet }: Pick<Leg, 'packet'>): {
  readonly side: 'source' | 'destination';
  readonly address: string;
  readonly port: number;
} {
  const [first, last] = packet.destinationPorts;
  return first === last
    ? { side: 'destination', address: packet.destination ?? '0.0.0.0/0', port: first }
    : { side: 'source', address: packet.source ?? '0.0.0.0/0', port: packet.sourcePorts[0] };
}

/** `stoppedIn` is table and chain. A chain of filter is entered from the hook's own; one of another table is not. */
function iptables(host: string, summary: string, leg: Leg, stoppedIn = ''): Remedy {
  const { side, address, port } = serviceEnd(leg);
  const command = isIpv6(address) ? 'ip6tables' : 'iptables';
  const [addressFlag, portFlag] = side === 'destination' ? ['-d', '--dport'] : ['-s', '--sport'];
  const rule = `${addressFlag} ${address} ${iptablesWords(leg.packet, portFlag, port)} -j ACCEPT`;
  const [table = '', inner = ''] = stoppedIn.split(' ');
  const elsewhere = inner !== '' && table !== 'filter';
  const chain = elsewhere ? shellWord(inner) : leg.hook.toUpperCase();
  const option = elsewhere ? ` -t ${shellWord(table)}` : '';
  return {
    host,
    summary,
    commands: [`${command}${option} -I ${chain} 1 ${rule}`],
    persistent: [saveIptables(command)],
    undo: [`${command}${option} -D ${chain} ${rule}`, saveIptables(command)],
  };
}

function nftables(host: string, summary: string, leg: Leg, chain: string): Remedy | undefined {
  // Names that nft reads without quotes of its own; what else a name may hold, it would take for commands.
  if (!/^[a-z0-9]+ [A-Za-z0-9_.-]+ [A-Za-z0-9_.-]+$/.test(chain)) return undefined;
  const { side, address, port } = serviceEnd(leg);
  const [addressWord, portWord] = side === 'destination' ? ['daddr', 'dport'] : ['saddr', 'sport'];
  const rule = `${isIpv6(address) ? 'ip6' : 'ip'} ${addressWord} ${address} ${nftWords(leg.packet, portWord, port)} accept`;
  return {
    host,
    summary,
    commands: [`nft insert rule ${chain} ${rule} comment '"ipvet"'`],
    persistent: [saveNftables],
    undo: [
      `nft -a list chain ${chain} | sed -n 's/.*comment "ipvet" # handle //p' | while read -r handle; do nft delete rule ${chain} handle "$handle"; done`,
      restoreNftables,
    ],
  };
}
