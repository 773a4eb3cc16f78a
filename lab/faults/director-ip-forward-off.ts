import { labFaults, named } from './fault.ts';
import { kernelSettings } from './means.ts';

/** Requests go out by LOCAL_OUT and need no forwarding; answers do. */
export const faults = labFaults(
  'director-ip-forward-off',
  {
    title: 'A director does not forward',
    topologies: ['nat'],
    targets: 'director',
    ...kernelSettings({ 'net.ipv4.ip_forward': 0 }),
    expect: named('director-ip-forward-off', 'director/ip-forward'),
  },
  {
    way: 'interface',
    title: 'A director does not forward what comes in from real servers',
    topologies: ['nat'],
    targets: 'director',
    ...kernelSettings({ 'net.ipv4.conf.eth1.forwarding': 0 }),
    expect: named('director-ip-forward-off', 'director/ip-forward'),
  },
);
