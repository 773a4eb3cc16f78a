/** Packet filters as their tools print them, and checks asked with them. */
import type { Check } from '../lib/model/check.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import type { Firewall } from '../lib/model/facts.ts';
import { parseFirewall } from '../lib/parse/firewall.ts';
import { aCluster, aDirectCluster } from './builders.ts';
import type { FactChanges } from './host-facts.ts';
import { judge } from './judgement.ts';

const builtIn: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT'],
  raw: ['PREROUTING', 'OUTPUT'],
};

/** One table as iptables-save prints it; `-P CHAIN POLICY` sets a policy. */
export function table(name: string, lines: readonly string[]): string {
  const policies = lines.filter((line) => line.startsWith('-P ')).map((line) => line.split(' '));
  const chains = (builtIn[name] ?? []).map((chain) => {
    const policy = policies.find(([, of]) => of === chain)?.[2] ?? 'ACCEPT';
    return `:${chain} ${policy} [0:0]`;
  });
  return [`*${name}`, ...chains, ...lines.filter((line) => line.startsWith('-A ')), 'COMMIT', ''].join('\n');
}

/** Rules of one table, as `iptables -S` has them. */
export const iptables = (name: string, ...lines: readonly string[]): Firewall =>
  parseFirewall({ iptables: [table(name, lines)] });
export const ip6tables = (...lines: readonly string[]): Firewall =>
  parseFirewall({ iptables: [], ip6tables: [table('filter', lines)] });

/** Judges the first director with these rules. */
export const on = (
  check: Check,
  cluster: Cluster,
  rules: Firewall,
  sysctl: Record<string, string> = {},
  more: FactChanges = {},
) =>
  judge(check, {
    cluster,
    facts: { director1: { firewall: rules, sysctl: { 'net.ipv4.vs.conntrack': '0', ...sysctl }, ...more } },
  });

export const vip = '192.168.122.100';
export const tracked = { 'net.ipv4.vs.conntrack': '1' };
export const [dr, tun, nat] = [aDirectCluster('dr'), aDirectCluster('tun'), aCluster()];

/** DR with a VIP of IPv6, and any client. */
export function sixCluster(): Cluster {
  const cluster = aDirectCluster('dr', { clients: [] });
  const [service] = cluster.virtualServices;
  return { ...cluster, virtualServices: service === undefined ? [] : [{ ...service, vip: 'fd00:122::100' }] };
}
