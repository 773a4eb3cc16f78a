/** How a fault finds, breaks and mends, where several do it alike. What was found goes into a shell again, so it is looked at. */
import { IpvetError } from '../../lib/errors.ts';
import type { LabFault } from './fault.ts';

export type Means = Pick<LabFault, 'find' | 'apply' | 'revert'>;

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

/** The lines of what was found. Throws LAB when one is not such a thing. */
export function linesToBringBack(found: string, pattern: RegExp, what: string): readonly string[] {
  const lines = linesOf(found);
  const strange = lines.find((line) => !pattern.test(line));
  if (strange !== undefined) throw new IpvetError('LAB', `"${strange}" is not ${what} to bring back`);
  return lines;
}

/** Something that was not there before comes, and goes again. */
export const added = (apply: readonly string[], revert: readonly string[]): Means => ({
  find: ':',
  apply: apply.join(' && '),
  revert: () => revert.join(' && '),
});

/** One after the other, and back in reverse. One of them at most may have to find something. */
export const together = (...parts: readonly Means[]): Means => ({
  find: parts.find(({ find }) => find !== ':')?.find ?? ':',
  apply: parts.map(({ apply }) => apply).join(' && '),
  revert: (found) =>
    parts
      .toReversed()
      .map((part) => part.revert(found))
      .join(' && '),
});

/** Kernel settings, by key. */
export const kernelSettings = (settings: Readonly<Record<string, number | string>>): Means => ({
  find: `sysctl ${Object.keys(settings).join(' ')}`,
  apply: Object.entries(settings)
    .map(([key, value]) => `sysctl -qw '${key}=${value}'`)
    .join(' && '),
  revert: (found) =>
    linesToBringBack(found, /^[\w.-]+ = -?\d+(\s\d+)*$/, 'a kernel setting')
      .map((line) => `sysctl -qw '${line.replace(' = ', '=')}'`)
      .join(' && '),
});

const shown = (address: string): string => `ip -o ${address.includes(':') ? '-6' : '-4'} address show to ${address}`;

/** An address is taken away from whatever interface has it. An IPv6 one comes back without being asked for, and deprecated as it was. */
export const addressGone = (address: string): Means => ({
  find: shown(address),
  apply: `${shown(address)} | while read -r _ name _ prefix _; do ip address del "$prefix" dev "$name"; done`,
  revert: (found) =>
    linesToBringBack(found, /^\d+: +[\w.-]+ +inet6? [\da-f.:]+\/\d+ /, 'an address')
      .map((line) => line.trim().split(/ +/))
      .map(([, name = '', family, prefix = '', ...words]) => {
        const options = family === 'inet6' ? ` nodad${words.includes('deprecated') ? ' preferred_lft 0' : ''}` : '';
        return `ip address add ${prefix} dev ${name}${options}`;
      })
      .join(' && '),
});

/** An address is taken away, and put elsewhere. */
export const addressMoved = (address: string, to: string): Means => {
  const gone = addressGone(address);
  return {
    find: gone.find,
    apply: `${gone.apply} && ip address add ${to}`,
    revert: (found) => `${gone.apply} && ${gone.revert(found)}`,
  };
};

const forgetDefault = 'ip -4 route flush exact 0.0.0.0/0';

/** Every IPv4 default route goes, also those with a metric, and `instead` comes: the words after `ip route add`. */
export const defaultRoute = (instead?: string): Means => ({
  find: 'ip -4 route show default',
  apply: instead === undefined ? forgetDefault : `${forgetDefault} && ip -4 route add ${instead}`,
  revert(found) {
    // `ip` prints routes in these characters.
    const routes = linesToBringBack(found, /^default [\w .:/-]+$/, 'a default route');
    return [forgetDefault, ...routes.map((route) => `ip -4 route add ${route.trim()}`)].join(' && ');
  },
});

/** SSH goes on by the default route that is there now, whatever becomes of that for everything else. */
export const sshAsBefore: Means = added(
  [
    'ip route add $(ip -4 route show default | head -n 1) table 98',
    'ip rule add pref 90 ipproto tcp sport 22 lookup 98',
  ],
  ['ip rule del pref 90', 'ip route flush table 98'],
);

export const route = (words: string): Means => added([`ip route add ${words}`], [`ip route del ${words}`]);

/** A route in a table of its own, which only packets of `rule` (as `ip rule add` takes it) follow. */
export const ruledRoute = (rule: string, words: string): Means =>
  added(
    [`ip route add ${words} table 99`, `ip rule add pref 100 ${rule} lookup 99`],
    [`ip rule del pref 100`, `ip route flush table 99`],
  );

/** The same for everything sent to `to` but SSH, to and fro: the operator's way stays as it is. `ip route get` asks without a port. */
export const detour = (to: string, words: string): Means => {
  const main = `ip rule add pref 90 to ${to} ipproto tcp`;
  return together(
    added(
      [`${main} dport 22 lookup main`, `ip rule add pref 91 to ${to} ipproto tcp sport 22 lookup main`],
      ['ip rule del pref 91', 'ip rule del pref 90'],
    ),
    ruledRoute(`to ${to}`, words),
  );
};

/** What happens to the rules of IPVS, which come back as a whole. */
export const rulesOfIpvs = (apply: string): Means => ({
  find: 'ipvsadm -Sn',
  apply,
  revert(found) {
    const rules = linesToBringBack(found, /^-[Aa] [\w .:[\]-]+$/, 'a rule of IPVS');
    return `ipvsadm -C && ipvsadm -R <<'END'\n${rules.map((rule) => rule.trim()).join('\n')}\nEND`;
  },
});

/** The rules of IPVS as `sed -E` changes them. */
export const rulesEdited = (...sed: readonly string[]): Means =>
  rulesOfIpvs(
    `rules=$(ipvsadm -Sn | sed -E ${sed.map((one) => `-e "${one}"`).join(' ')}); ipvsadm -C; printf '%s\\n' "$rules" | ipvsadm -R`,
  );

/** A file becomes what `change` makes of it, until it is as it was; `then` makes its program read it. */
export const fileChanged = (path: string, change: string, then = ':'): Means =>
  added([`cp -p ${path} ${path}.found`, change, then], [`mv ${path}.found ${path}`, then]);

const keepalivedFile = '/etc/keepalived/keepalived.conf';

/** keepalived with its configuration as `sed` changes it, each without a single quote, and time for the directors to find out who is master now. */
export const keepalivedEdited = (...sed: readonly string[]): Means =>
  fileChanged(
    keepalivedFile,
    `sed -i ${sed.map((one) => `-e '${one}'`).join(' ')} ${keepalivedFile}`,
    'systemctl restart --no-block keepalived && sleep 10',
  );

/** The router goes on sending packets for one address of the segment to the host of another, whatever it is told. */
export const neighbourKept = (address: string, host: string): NonNullable<LabFault['beside']> => ({
  on: 'infra',
  apply: [
    `ping -q -c 1 -W 2 ${host} > /dev/null`,
    `mac=$(ip neigh show to ${host} dev eth0 | sed -nE 's/.*lladdr ([0-9a-f:]+) .*/\\1/p')`,
    `ip neigh replace ${address} lladdr "$mac" nud permanent dev eth0`,
  ].join(' && '),
  revert: `ip neigh del ${address} dev eth0`,
});

/** A line of nginx's configuration reads otherwise, until nginx is as it was. */
export const webServer = (sed: string): Means => {
  const file = '/etc/nginx/nginx.conf';
  return fileChanged(file, `sed -i "${sed}" ${file}`, 'systemctl restart nginx');
};

/**
 * The host says each second on the segment that it has the VIP, by arping(8) with these words, as it does sooner or later by
 * itself: whoever was told otherwise in between believes it again.
 */
export const speaking = (vip: string, words: string): Means => {
  const pid = `/run/ipvet-lab-arping-${words.replaceAll(/[^\w.]+/g, '')}`;
  return added(
    [`{ arping -q -w 900 -I eth0 -s ${vip} ${words} < /dev/null > /dev/null 2>&1 & echo $! > ${pid}; }`],
    [`{ kill $(cat ${pid}) 2> /dev/null || :; }`, `rm ${pid}`],
  );
};
