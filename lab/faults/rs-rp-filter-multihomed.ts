import { labFaults, named, ofWeb } from './fault.ts';
import { added, kernelSettings, ruledRoute, together } from './means.ts';

/** Requests come in by one interface and would be answered by another, which a strict filter takes for forged. */
export const faults = labFaults('rs-rp-filter-multihomed', {
  title: 'A real server answers from the VIP by another interface than requests come in, and filters by reverse path',
  topologies: ['dr', 'dr-routed'],
  targets: 'real-server',
  ...together(
    added(['ip link add back0 type dummy', 'ip link set back0 up'], ['ip link del back0']),
    ruledRoute('from 192.168.122.100', 'default dev back0'),
    kernelSettings({ 'net.ipv4.conf.eth0.rp_filter': 1 }),
  ),
  expect: named('rs-rp-filter-multihomed', 'real-server/reverse-path-filter', ofWeb),
});
