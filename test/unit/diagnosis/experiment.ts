/** An experiment on the scene: four probes to each real server, and what every host counted meanwhile. */
import { diagnose } from '../../../lib/diagnosis/diagnose.ts';
import type { DiagnosisInput, ServiceObservation } from '../../../lib/diagnosis/input.ts';
import type { Cluster, ForwardingMethod } from '../../../lib/model/cluster.ts';
import { endpoint } from '../../../lib/model/endpoint.ts';
import { type HostFacts, known } from '../../../lib/model/facts.ts';
import type { EndCounts, Probe, Probing } from '../../../lib/model/ends.ts';
import { aDirector, cip, hostNamed } from '../../builders.ts';
import { aRoute, factsOf } from '../../host-facts.ts';
import { clusterOf, inputOf, observationOf, type Showing, underLoad } from './scene.ts';

const quiet: EndCounts = {
  resetsSent: 0,
  synRetransmits: 0,
  listenOverflows: 0,
  requestQueueDrops: 0,
  packetsIn: 400,
  packetsDelivered: 400,
  packetsForwarded: 0,
  reversePathDrops: 0,
  addressErrors: 0,
  unknownProtocols: 0,
  noRoutes: 0,
  unreachablesSent: 0,
};

export const silent: Showing = { kind: 'connect-timeout', state: 'SYN_RECV', inPackets: 3, outPackets: 0 };
export const refused: Showing = { kind: 'refused', state: 'SYN_RECV', inPackets: 1, outPackets: 0 };

export interface Scene {
  readonly method: ForwardingMethod;
  /** How probes to real servers fail; those of the others are answered. */
  readonly failing: Readonly<Record<string, Showing>>;
  /** What a host counted besides nothing, and its half-open connections. */
  readonly counted?: Readonly<Record<string, Partial<EndCounts> & { readonly halfOpen?: number }>>;
  readonly facts?: Readonly<Record<string, Partial<HostFacts>>>;
  readonly verdicts?: DiagnosisInput['verdicts'];
  readonly probes?: (all: readonly Probe[]) => readonly Probe[];
  /** There is a second director, director2. */
  readonly pair?: true;
}

const roles: Readonly<Record<string, 'director' | 'client'>> = {
  director1: 'director',
  director2: 'director',
  client1: 'client',
};

function probingOf(cluster: Cluster, { failing, counted = {}, probes = (all) => all }: Scene): Probing {
  const [service] = cluster.virtualServices;
  const destinations = service?.destinations ?? [];
  const all = destinations.flatMap(({ realServer: { name, rip }, port }, index) =>
    Array.from({ length: 4 }, (_, number): Probe => {
      const shows = failing[name];
      return {
        sourceAddress: cip,
        localPort: 40_000 + index * 10 + number,
        outcome: shows?.kind ?? 'answered',
        tookMs: shows?.kind === 'connect-timeout' ? 3500 : 2,
        entry: { destination: endpoint(rip, port), state: shows?.state ?? 'FIN_WAIT', expiresS: 57 },
      };
    }),
  );
  const hosts = [
    ...[...destinations.map((one) => one.realServer), ...cluster.directors].map(({ name }) => name),
    'client1',
  ];
  return {
    service: 'web',
    director: 'director1',
    client: 'client1',
    probes: probes(all),
    ends: hosts.map((host) => {
      const { halfOpen = 0, ...moved } = counted[host] ?? {};
      const role = roles[host] ?? ('real-server' as const);
      return { host, role, counts: { ...quiet, ...moved }, halfOpen };
    }),
  };
}

export function sceneInput(scene: Scene, withProbing = true): DiagnosisInput {
  const alone = clusterOf(scene.method);
  const second = scene.pair === true ? [aDirector({ name: 'director2', dip: '192.168.122.9' })] : [];
  const cluster = { ...alone, directors: [...alone.directors, ...second] };
  const observation: ServiceObservation = {
    ...observationOf(cluster, scene.failing),
    ...(withProbing
      ? {
          probing: probingOf(cluster, scene),
          probingEvidence: [{ host: 'client1', command: 'ipvet diagnose', output: 'probes' }],
        }
      : {}),
  };
  const input = inputOf(cluster, [underLoad('traffic/requests'), ...(scene.verdicts ?? [])], observation);
  return {
    ...input,
    fact: (host, name) =>
      known({ ...factsOf(cluster, hostNamed(cluster, host)), ...scene.facts?.[host] }[name], {
        host,
        command: name,
        output: '',
      }),
  };
}

export const named = (scene: Scene) =>
  diagnose(sceneInput(scene)).map(({ cause, host, certainty }) => `${cause} ${host ?? '-'} ${certainty}`);

export const rs2 = { rs2: silent };
export const routesOf = (gateway: string) => ({ routes: [aRoute(cip, { gateway })] });
