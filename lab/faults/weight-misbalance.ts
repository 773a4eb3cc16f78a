import { labFaults, namedByDirector, ofWeb, unnamed } from './fault.ts';
import { rulesEdited } from './means.ts';

/** A weight that has nothing to do with what the real server can. */
export const faults = labFaults(
  'weight-misbalance',
  {
    title: 'One real server has weight 50, the others 1',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'real-server',
    madeOn: 'director',
    ...rulesEdited('s/-s rr/-s wrr/', '/-r $address:/ s/ -w 1/ -w 50/'),
    expect: (host, topology) => ({
      ...namedByDirector('weight-misbalance', 'virtual-service/rules', ofWeb)(host, topology),
      diagnoses: [{ cause: 'weight-misbalance', host: 'director1' }],
    }),
  },
  {
    way: 'indifferent',
    title: 'One real server has weight 50, and the scheduler does not care',
    topologies: ['nat'],
    targets: 'real-server',
    madeOn: 'director',
    ...rulesEdited('/-r $address:/ s/ -w 1/ -w 50/'),
    expect: unnamed('virtual-service/rules', { ...ofWeb, on: 'director1' }),
  },
);
