/** Where what is known leaves the cause open, so that an experiment is worth its time. Pure. */
import type { RealServer, VirtualService } from '../model/cluster.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import { type DiagnosisInput, destinationSigns } from './input.ts';

/**
 * Services whose requests fail and of which no cause is certain, several are believed, or a real server answers none and
 * has no cause of its own. UDP has no handshake to follow, and of a real server that cannot be asked nothing is learnt.
 */
export function toProbe(input: DiagnosisInput, diagnoses: readonly Diagnosis[]): readonly VirtualService[] {
  return input.cluster.virtualServices.filter((service) => {
    const load = input.observation(service.name)?.load;
    if (service.protocol !== 'tcp' || load === undefined || load.failed === 0) return false;
    const believed = diagnoses.filter(
      ({ service: of, certainty }) => certainty !== 'possible' && (of === undefined || of === service.name),
    );
    const certain = believed.filter(({ certainty }) => certainty === 'certain');
    if (certain.length > 0 && believed.length === certain.length && silentServers(input, service, certain).length === 0)
      return false;
    return !isBeyondReach(input, service, certain);
  });
}

/** Real servers that were sent connections, answered none, and are not told of; none where a director or a client is. */
function silentServers(
  input: DiagnosisInput,
  service: VirtualService,
  certain: readonly Diagnosis[],
): readonly RealServer[] {
  const hosts = new Set(certain.flatMap(({ host }) => host ?? []));
  const servers = service.destinations.map(({ realServer }) => realServer);
  if (certain.length > 0 && !servers.some(({ name }) => hosts.has(name))) return [];
  return servers.filter((realServer) => {
    const signs = destinationSigns(input, service, realServer);
    return !hosts.has(realServer.name) && (signs?.connections ?? 0) > 0 && signs?.answers === 0;
  });
}

/** What others answer is well, and none of those that are silent can be asked what it counts, which the experiment rests on. */
function isBeyondReach(input: DiagnosisInput, service: VirtualService, certain: readonly Diagnosis[]): boolean {
  const silent = silentServers(input, service, certain);
  const answered = input.observation(service.name)?.load?.answered ?? 0;
  return (
    answered > 0 &&
    silent.length > 0 &&
    silent.every(({ name }) => {
      const os = input.fact(name, 'os');
      return !os.known && os.reason === 'unreachable';
    })
  );
}
