import { type LabFault, named } from './fault.ts';
import { kernelSettings } from './means.ts';

/** What comes out of tunl0 would be answered by eth0, which a strict reverse path filter takes for forged. */
export const fault: LabFault = {
  id: 'tun-rp-filter',
  title: 'A real server of VS/TUN filters by reverse path',
  topologies: ['tun'],
  targets: 'real-server',
  defaultHost: 'rs2',
  ...kernelSettings({ 'net.ipv4.conf.all.rp_filter': 1 }),
  expect: named('tun-rp-filter', 'real-server/reverse-path-filter', 'web'),
};
