import { labFaults, unnamed } from './fault.ts';
import { fileChanged } from './means.ts';

const file = '/etc/sysctl.conf';

/** What is set now is in no file that a boot reads. */
export const faults = labFaults(
  'sysctl-not-persistent',
  {
    title: 'What keeps a real server silent about the VIP is in no file',
    topologies: ['dr', 'dr-routed'],
    targets: 'real-server',
    ...fileChanged(file, `sed -i '/arp_/d' ${file}`),
    expect: unnamed('network/sysctl-persistence', { outcome: 'warn' }),
  },
  {
    way: 'forwarding',
    title: 'That a director forwards is in no file',
    topologies: ['nat'],
    targets: 'director',
    ...fileChanged(file, `sed -i '/ip_forward/d' ${file}`),
    expect: unnamed('director/ip-forward-persistence', { outcome: 'warn' }),
  },
);
