/** How a fault finds, breaks and mends, where several do it alike. What was found goes into a shell again, so it is looked at. */
import { IpvetError } from '../../lib/errors.ts';
import type { LabFault } from './fault.ts';

type Means = Pick<LabFault, 'find' | 'apply' | 'revert'>;

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

function requireAll(lines: readonly string[], pattern: RegExp, what: string): void {
  const strange = lines.find((line) => !pattern.test(line));
  if (strange !== undefined) throw new IpvetError('LAB', `"${strange}" is not ${what} to bring back`);
}

/** One rule in front of a chain. `words` begin with the chain. */
export const filterRule = (words: string): Means => ({
  find: ':',
  apply: `iptables -I ${words}`,
  revert: () => `iptables -D ${words}`,
});

/** Kernel settings, by key. */
export const kernelSettings = (settings: Readonly<Record<string, number>>): Means => ({
  find: `sysctl ${Object.keys(settings).join(' ')}`,
  apply: Object.entries(settings)
    .map(([key, value]) => `sysctl -qw ${key}=${value}`)
    .join(' && '),
  revert(found) {
    const lines = linesOf(found);
    requireAll(lines, /^[\w.-]+ = -?\d+$/, 'a kernel setting');
    return lines.map((line) => `sysctl -qw ${line.replace(' = ', '=')}`).join(' && ');
  },
});

/** An IPv4 address is taken away from whatever interface has it. */
export const addressGone = (address: string): Means => ({
  find: `ip -o -4 address show to ${address}`,
  apply: `ip -o -4 address show to ${address} | while read -r _ name _ prefix _; do ip address del "$prefix" dev "$name"; done`,
  revert(found) {
    const lines = linesOf(found);
    requireAll(lines, /^\d+: +[\w.-]+ +inet [\d.]+\/\d+ /, 'an address');
    return lines
      .map((line) => line.trim().split(/ +/))
      .map(([, name = '', , prefix = '']) => `ip address add ${prefix} dev ${name}`)
      .join(' && ');
  },
});

const forgetDefault = 'ip -4 route flush exact 0.0.0.0/0';

/** Every IPv4 default route goes, also those with a metric, and `instead` comes. */
export const defaultRoute = (instead?: string): Means => ({
  find: 'ip -4 route show default',
  apply: instead === undefined ? forgetDefault : `${forgetDefault} && ip -4 route add default ${instead}`,
  revert(found) {
    const routes = linesOf(found);
    // `ip` prints routes in these characters.
    requireAll(routes, /^default [\w .:/-]+$/, 'a default route');
    return [forgetDefault, ...routes.map((route) => `ip -4 route add ${route.trim()}`)].join(' && ');
  },
});

/** What happens to the rules of IPVS, which come back as a whole. */
export const rulesOfIpvs = (apply: string): Means => ({
  find: 'ipvsadm -Sn',
  apply,
  revert(found) {
    const rules = linesOf(found);
    requireAll(rules, /^-[Aa] [\w .:[\]-]+$/, 'a rule of IPVS');
    return `ipvsadm -C && ipvsadm -R <<'END'\n${rules.map((rule) => rule.trim()).join('\n')}\nEND`;
  },
});

/** A line of nginx's configuration reads otherwise, until nginx is as it was. */
export const webServer = (sed: string): Means => ({
  find: ':',
  apply: `cp -p /etc/nginx/nginx.conf /etc/nginx/nginx.conf.found && sed -i '${sed}' /etc/nginx/nginx.conf && systemctl restart nginx`,
  revert: () => 'mv /etc/nginx/nginx.conf.found /etc/nginx/nginx.conf && systemctl restart nginx',
});
