/** A rule that lets one kind of packet through, in the words of the engine that stops it now. */
import { isIpv6 } from './address.ts';
import type { Leg, Stop } from './firewall-path.ts';
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
  if (firewall.engines.includes('firewalld')) return leg.hook === 'input' ? firewalld(host, summary, leg) : undefined;
  const group = stop.group ?? '';
  if (stop.rule?.engine === 'nftables') return nftables(host, summary, leg, stop.rule.chain);
  if (stop.rule === undefined && group.startsWith('nftables ')) {
    return nftables(host, summary, leg, group.slice('nftables '.length));
  }
  const engine = stop.rule?.engine ?? firewall.engines[0];
  return engine === 'iptables' ? iptables(host, summary, leg, stop.rule?.chain) : undefined;
}

function firewalld(host: string, summary: string, { packet }: Leg): Remedy {
  const port = `${packet.destinationPorts[0]}/${packet.protocol}`;
  return {
    host,
    summary,
    commands: [`firewall-cmd --add-port=${port}`],
    persistent: [`firewall-cmd --permanent --add-port=${port}`],
    undo: [`firewall-cmd --remove-port=${port}`, `firewall-cmd --permanent --remove-port=${port}`],
  };
}

/** The end of the connection that is the service's, not the client's: its port is one, not a range. */
function serviceEnd({ packet }: Leg): {
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
  const rule = `${addressFlag} ${address} -p ${leg.packet.protocol} ${portFlag} ${port} -j ACCEPT`;
  const [table = '', inner = ''] = stoppedIn.split(' ');
  const elsewhere = inner !== '' && table !== 'filter';
  const chain = elsewhere ? shellWord(inner) : leg.hook.toUpperCase();
  const option = elsewhere ? ` -t ${shellWord(table)}` : '';
  return {
    host,
    summary,
    commands: [`${command}${option} -I ${chain} 1 ${rule}`],
    persistent: [
      `if command -v netfilter-persistent >/dev/null; then netfilter-persistent save; else ${command}-save > /etc/sysconfig/${command}; fi`,
    ],
    undo: [`${command}${option} -D ${chain} ${rule}`],
  };
}

function nftables(host: string, summary: string, leg: Leg, chain: string): Remedy | undefined {
  // Names that nft reads without quotes of its own; what else a name may hold, it would take for commands.
  if (!/^[a-z0-9]+ [A-Za-z0-9_.-]+ [A-Za-z0-9_.-]+$/.test(chain)) return undefined;
  const { side, address, port } = serviceEnd(leg);
  const [addressWord, portWord] = side === 'destination' ? ['daddr', 'dport'] : ['saddr', 'sport'];
  const rule = `${isIpv6(address) ? 'ip6' : 'ip'} ${addressWord} ${address} ${leg.packet.protocol} ${portWord} ${port} accept`;
  return {
    host,
    summary,
    commands: [`nft insert rule ${chain} ${rule} comment '"ipvet"'`],
    persistent: ['nft list ruleset > /etc/nftables.conf'],
    undo: [
      `nft -a list chain ${chain} | sed -n 's/.*comment "ipvet" # handle //p' | while read -r handle; do nft delete rule ${chain} handle "$handle"; done`,
    ],
  };
}
