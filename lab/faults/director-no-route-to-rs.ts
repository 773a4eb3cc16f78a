import { labFaults, namedByDirector, ofWeb } from './fault.ts';
import { detour } from './means.ts';

/** IPVS asks for a route, is told that there is none, and says so to the client at once. */
export const faults = labFaults(
  'director-no-route-to-rs',
  ...['unreachable', 'blackhole'].map((type, index) => ({
    ...(index === 0 ? {} : { way: type }),
    title: `A director's route to a real server is of the kind ${type}`,
    topologies: ['nat', 'dr', 'tun'],
    targets: 'real-server' as const,
    madeOn: 'director' as const,
    ...detour('$address', `${type} default`),
    expect: namedByDirector('director-no-route-to-rs', 'director/real-server-route', ofWeb),
  })),
);
