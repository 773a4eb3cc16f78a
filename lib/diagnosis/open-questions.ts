/** Where what is known leaves the cause open, so that an experiment is worth its time. Pure. */
import type { VirtualService } from '../model/cluster.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import { type DiagnosisInput, destinationSigns } from './input.ts';

/**
 * Services whose requests fail and of which no cause is certain, several are believed, or a real server answers none and
 * has no cause of its own. UDP has no handshake to follow.
 */
export function toProbe(input: DiagnosisInput, diagnoses: readonly Diagnosis[]): readonly VirtualService[] {
  return input.cluster.virtualServices.filter((service) => {
    const load = input.observation(service.name)?.load;
    if (service.protocol !== 'tcp' || load === undefined || load.failed === 0) return false;
    const believed = diagnoses.filter(
      ({ service: of, certainty }) => certainty !== 'possible' && (of === undefined || of === service.name),
    );
    const certain = believed.filter(({ certainty }) => certainty === 'certain');
    return certain.length === 0 || believed.length > certain.length || silentServers(input, service, certain) > 0;
  });
}

/** Real servers that were sent connections, answered none, and are not told of; none where a director or a client is. */
function silentServers(input: DiagnosisInput, service: VirtualService, certain: readonly Diagnosis[]): number {
  const hosts = new Set(certain.flatMap(({ host }) => host ?? []));
  const servers = service.destinations.map(({ realServer }) => realServer);
  if (!servers.some(({ name }) => hosts.has(name))) return 0;
  return servers.filter((realServer) => {
    const signs = destinationSigns(input, service, realServer);
    return !hosts.has(realServer.name) && (signs?.connections ?? 0) > 0 && signs?.answers === 0;
  }).length;
}
