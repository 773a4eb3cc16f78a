import { labFaults, unnamed } from './fault.ts';
import { linesToBringBack } from './means.ts';

/** Pages are small. */
export const faults = labFaults('nic-mtu-mismatch', {
  title: 'A real server has another MTU than its segment',
  topologies: ['nat', 'dr'],
  targets: 'real-server',
  find: 'cat /sys/class/net/eth0/mtu',
  apply: 'ip link set eth0 mtu 1400',
  revert: (found) => {
    const lines = linesToBringBack(found, /^\d+$/, 'an MTU');
    return lines.map((mtu) => `ip link set eth0 mtu ${mtu}`).join(' && ');
  },
  expect: unnamed('network/mtu', { outcome: 'warn' }),
});
