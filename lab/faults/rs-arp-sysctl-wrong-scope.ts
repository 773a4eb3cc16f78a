import { labFaults, named, ofWeb } from './fault.ts';
import { kernelSettings, speaking, together } from './means.ts';

const vip = '192.168.122.100';

/** As many a recipe has it: the kernel looks at the interface that is asked and at `all`, never at lo. */
export const faults = labFaults('rs-arp-sysctl-wrong-scope', {
  title: 'A real server is silent about the VIP by settings of lo alone, which say nothing',
  topologies: ['dr', 'dr-routed'],
  targets: 'real-server',
  ...together(
    kernelSettings({
      'net.ipv4.conf.all.arp_ignore': 0,
      'net.ipv4.conf.eth0.arp_ignore': 0,
      'net.ipv4.conf.lo.arp_ignore': 1,
      'net.ipv4.conf.all.arp_announce': 0,
      'net.ipv4.conf.eth0.arp_announce': 0,
      'net.ipv4.conf.lo.arp_announce': 2,
    }),
    speaking(vip, `-U ${vip}`),
  ),
  expect: named('rs-arp-sysctl-wrong-scope', 'real-server/arp-suppression', ofWeb),
});
