import { labFaults, named, ofWeb } from './fault.ts';
import { kernelSettings, speaking, together } from './means.ts';

const vip = '192.168.122.100';
const silence = ['net.ipv4.conf.all.arp_ignore', 'net.ipv4.conf.eth0.arp_ignore'];

/** Director and real server answer when asked for the VIP, and the real server was the faster one. */
export const faults = labFaults('rs-arp-flux', {
  title: 'A real server answers for the VIP, and the segment believes it',
  topologies: ['dr', 'dr-routed'],
  targets: 'real-server',
  ...together(kernelSettings(Object.fromEntries(silence.map((key) => [key, 0]))), speaking(vip, `-U ${vip}`)),
  expect: named('rs-arp-flux', 'real-server/arp-suppression', ofWeb),
});
