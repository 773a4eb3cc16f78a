import { labFaults, unnamed } from './fault.ts';
import { linesToBringBack } from './means.ts';

/** Whoever is silent for ten seconds is forgotten; a load of short requests never is. */
export const faults = labFaults('timeouts-too-short', {
  title: 'A director forgets connections after ten seconds',
  topologies: ['nat', 'dr', 'tun'],
  targets: 'director',
  find: 'ipvsadm -L --timeout',
  apply: 'ipvsadm --set 10 5 5',
  revert(found) {
    const lines = linesToBringBack(found, /^Timeout \(tcp tcpfin udp\): \d+ \d+ \d+$/, 'a timeout');
    return lines.map((line) => `ipvsadm --set ${line.replace(/.*: /, '')}`).join(' && ');
  },
  expect: unnamed('director/connection-timeouts', { outcome: 'warn' }),
});
