/** Packet filters of lab hosts that stop what they should let through. UML has no nftables, so it is iptables. */
import { added, kernelSettings, linesToBringBack, type Means, together } from './means.ts';

/** One rule in front of a chain. `words` begin with the chain, and with `-t TABLE` before it where it is not `filter`. */
export const filterRule = (words: string, program = 'iptables'): Means => {
  const [, table = '', rule = ''] = /^(-t \w+ )?(.*)$/.exec(words) ?? [];
  return added([`${program} ${table}-I ${rule}`], [`${program} ${table}-D ${rule}`]);
};

/** A chain of its own with these rules, which a rule in front of `words`' chain leads to. */
export const filterChain = (words: string, rules: readonly string[]): Means =>
  added(
    ['iptables -N IPVET', ...rules.map((rule) => `iptables -A IPVET ${rule}`), `iptables -I ${words} -j IPVET`],
    [`iptables -D ${words} -j IPVET`, 'iptables -F IPVET', 'iptables -X IPVET'],
  );

/** The policy of a chain is to drop. */
export const dropPolicy = (chain: 'INPUT' | 'FORWARD'): Means => ({
  find: `iptables -S ${chain} | grep '^-P'`,
  apply: `iptables -P ${chain} DROP`,
  revert(found) {
    const policies = linesToBringBack(found, /^-P (INPUT|FORWARD) (ACCEPT|DROP)$/, 'a policy');
    return policies.map((line) => `iptables ${line}`).join(' && ');
  },
});

/** What every host needs, and its operator. */
export const needed = [
  '-i lo -j ACCEPT',
  '-p icmp -j ACCEPT',
  '-p tcp --dport 22 -j ACCEPT',
  '-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
] as const;

/** Connection tracking has room for `room` connections, those of SSH aside, which it is not asked to follow. */
export const conntrackFull = (room: number): Means => ({
  ...together(
    ...[
      'PREROUTING -p tcp --dport 22',
      'PREROUTING -p tcp --sport 22',
      'OUTPUT -p tcp --dport 22',
      'OUTPUT -p tcp --sport 22',
    ].map((words) => filterRule(`-t raw ${words} -j CT --notrack`)),
    filterRule('INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT'),
    kernelSettings({ 'net.netfilter.nf_conntrack_max': room }),
  ),
  // The key is there once the module is.
  find: `modprobe nf_conntrack && ${kernelSettings({ 'net.netfilter.nf_conntrack_max': room }).find}`,
});
