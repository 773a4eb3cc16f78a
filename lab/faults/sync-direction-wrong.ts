import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

const daemon = (to: 'master' | 'backup', from: 'master' | 'backup') =>
  `words=$(ipvsadm -Ln --daemon | sed -n 's/^${from} sync daemon (mcast=\\([^,]*\\), syncid=\\([0-9]*\\),.*/--mcast-interface \\1 --syncid \\2/p') && ipvsadm --stop-daemon ${from} && ipvsadm --start-daemon ${to} $words`;

/** Both send, nobody takes. */
export const faults = labFaults('sync-direction-wrong', {
  title: 'The standby sends copies of its connections, as the master does',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director2',
  ...added([daemon('master', 'backup')], [daemon('backup', 'master')]),
  expect: unnamed('ha/sync-daemon', { on: 'director1', outcome: 'warn' }),
});
