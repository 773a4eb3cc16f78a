import { type LabFault, labFaults, namedByDirector, ofWeb } from './fault.ts';
import { rulesEdited } from './means.ts';

const atDirector: LabFault['expect'] = (host, topology) => ({
  ...namedByDirector('wrong-rip-or-port', 'virtual-service/rules', ofWeb)(host, topology),
  diagnoses: [{ cause: 'wrong-rip-or-port', host: 'director1' }],
});

/** The rules name an address or a port where no real server of the cluster is. */
export const faults = labFaults(
  'wrong-rip-or-port',
  {
    title: 'The rules have the address of a real server wrong',
    topologies: ['nat', 'dr', 'tun'],
    targets: 'real-server',
    madeOn: 'director',
    ...rulesEdited('s/-r $address:/-r ${address%.*}.99:/'),
    expect: atDirector,
  },
  {
    way: 'port',
    title: 'The rules have the port of a real server wrong',
    topologies: ['nat'],
    targets: 'real-server',
    madeOn: 'director',
    ...rulesEdited('s/-r $address:80 /-r $address:8081 /'),
    expect: atDirector,
  },
);
