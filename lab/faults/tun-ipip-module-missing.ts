import { labFaults, named, ofWeb } from './fault.ts';
import { linesToBringBack } from './means.ts';

const tunnel = 'ip -o -4 address show dev tunl0';

/** Nobody takes IP protocol 4: the real server says so by ICMP, and the director passes it on. */
export const faults = labFaults('tun-ipip-module-missing', {
  title: 'A real server has not loaded ipip',
  topologies: ['tun'],
  targets: 'real-server',
  find: `${tunnel}; sysctl net.ipv4.conf.tunl0.rp_filter; cat /sys/class/net/tunl0/mtu`,
  apply: 'modprobe -r ipip',
  revert(found) {
    const lines = linesToBringBack(
      found,
      /^(\d+: tunl0 +inet [\d.]+\/\d+ .*|net\.ipv4\.conf\.tunl0\.rp_filter = \d|\d+)$/,
      'a tunnel',
    );
    const words = lines.flatMap((line) => {
      const [, address] = /inet ([\d.]+\/\d+) /.exec(line) ?? [];
      const [, filter] = /rp_filter = (\d)/.exec(line) ?? [];
      const [mtu] = /^\d+$/.exec(line) ?? [];
      if (address !== undefined) return [`ip address add ${address} dev tunl0`];
      if (filter !== undefined) return [`sysctl -qw net.ipv4.conf.tunl0.rp_filter=${filter}`];
      return mtu === undefined ? [] : [`ip link set tunl0 mtu ${mtu} up`];
    });
    return ['modprobe ipip', ...words].join(' && ');
  },
  expect: named('tun-ipip-module-missing', 'real-server/tunnel', ofWeb),
});
