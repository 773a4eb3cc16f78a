import { labFaults, unnamed } from './fault.ts';
import { fileChanged } from './means.ts';

/** Rules and checks go by addresses. */
export const faults = labFaults('hosts-file-mismatch', {
  title: 'The hosts file of a real server has an old address of the director',
  topologies: ['nat', 'dr'],
  targets: 'real-server',
  ...fileChanged('/etc/hosts', "sed -i '/director1/ s/^[^[:space:]]*/192.168.122.99/' /etc/hosts"),
  expect: unnamed('network/hosts-file'),
});
