/** Real servers that answer small requests, and on which large ones hang. Pure. */
import type { Destination, VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import { hungIn } from '../model/large-requests.ts';
import type { LargeRequests } from '../model/ends.ts';
import type { DiagnosisInput } from './input.ts';

export interface Hanging {
  readonly realServer: string;
  /** How they fared, a clause. */
  readonly fate: string;
  readonly large: LargeRequests;
}

/** One may be lost by chance. */
const fewest = 2;

export function hangingServers(input: DiagnosisInput): readonly Hanging[] {
  return input.cluster.virtualServices.flatMap((service) =>
    service.destinations.flatMap((destination) => hanging(input, service, destination) ?? []),
  );
}

/** Undefined unless all of its large requests hang. */
export function hanging(
  input: DiagnosisInput,
  { name }: VirtualService,
  { realServer, port }: Destination,
): Hanging | undefined {
  const load = input.observation(name)?.load;
  const large = load?.large;
  if (load === undefined || large === undefined) return undefined;
  const to = endpoint(realServer.rip, port);
  const probes = large.probes.filter(({ entry }) => entry?.destination === to);
  if (probes.length < fewest || hungIn({ ...large, probes }).length < probes.length) return undefined;
  const small = load.answersByRealServer[realServer.name] ?? 0;
  if (small === 0) return undefined;
  const fate = `${probes.length} of ${probes.length} requests with ${large.bytes} bytes more in their head hung on ${realServer.name}, which answered ${small} small ones`;
  return { realServer: realServer.name, fate, large };
}
