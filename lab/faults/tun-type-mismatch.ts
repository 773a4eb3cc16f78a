import { labFaults, namedByDirector, ofWeb } from './fault.ts';
import { rulesEdited } from './means.ts';

/** The director wraps packets in what the real server does not unwrap. */
export const faults = labFaults('tun-type-mismatch', {
  title: 'The rules have tunnels of GRE to a real server that takes IP in IP',
  topologies: ['tun'],
  targets: 'real-server',
  madeOn: 'director',
  ...rulesEdited('/-r $address:/ s/ --tun-type [a-z]+//', '/-r $address:/ s/ -i / -i --tun-type gre /'),
  expect: namedByDirector('tun-type-mismatch', 'director/tunnel-type', ofWeb),
});
