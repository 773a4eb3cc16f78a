import { labFaults, namedByDirector } from './fault.ts';
import { added } from './means.ts';

/** As after a network card was changed: frames go to a MAC that nobody has. */
export const faults = labFaults('director-neigh-stale', {
  title: 'A director has the MAC of a real server wrong, for ever',
  topologies: ['dr', 'dr-routed', 'nat'],
  targets: 'real-server',
  madeOn: 'director',
  ...added(
    [
      'dev=$(ip -o route get $address | sed "s/.* dev //; s/ .*//")',
      'ip neigh replace $address lladdr 02:00:00:00:00:99 nud permanent dev $dev',
    ],
    ['dev=$(ip -o route get $address | sed "s/.* dev //; s/ .*//")', 'ip neigh del $address dev $dev'],
  ),
  expect: namedByDirector('director-neigh-stale', 'director/neighbours'),
});
