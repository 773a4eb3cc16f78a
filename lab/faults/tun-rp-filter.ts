import { type LabFault, labFaults, named, ofWeb } from './fault.ts';
import { kernelSettings } from './means.ts';

const common = {
  topologies: ['tun'],
  targets: 'real-server',
  expect: named('tun-rp-filter', 'real-server/reverse-path-filter', ofWeb),
} as const satisfies Partial<LabFault>;

/** What comes out of tunl0 would be answered by eth0, which a strict reverse path filter takes for forged. */
export const faults = labFaults(
  'tun-rp-filter',
  {
    ...common,
    title: 'A real server of VS/TUN filters by reverse path',
    ...kernelSettings({ 'net.ipv4.conf.all.rp_filter': 1 }),
  },
  {
    ...common,
    way: 'tunl0',
    title: 'The tunnel of a real server filters by reverse path',
    ...kernelSettings({ 'net.ipv4.conf.tunl0.rp_filter': 1 }),
  },
);
