/** What a run sends through a service, and whose counters are read around it. Pure. */
import type { LoadPlan } from '../load/engine.ts';
import { type Client, type LoadProfile, sourcesOf, type VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import type { EndReading } from '../model/ends.ts';

/** Whose own counters are read: the client's and those of each real server, unless the run was limited to other hosts. */
export function endsOf(
  { destinations }: VirtualService,
  client: Client,
  limit: readonly string[] = [],
): readonly Pick<EndReading, 'host' | 'role'>[] {
  const names = [...new Set(destinations.map(({ realServer }) => realServer.name))];
  const servers = names.map((host) => ({ host, role: 'real-server' as const }));
  return [{ host: client.name, role: 'client' as const }, ...servers].filter(
    ({ host }) => limit.length === 0 || limit.includes(host),
  );
}

/** The load that a run sends through the service. */
export function loadPlan(service: VirtualService, client: Client, profile: LoadProfile): LoadPlan {
  const { send, expect, serverName } = service.exchange ?? {};
  const { request } = profile;
  return {
    service: service.name,
    profile,
    url: loadUrl(service, request?.path),
    ...(request === undefined || request.headers.length === 0 ? {} : { headers: request.headers }),
    expectStatus: service.health.expectStatus,
    ...(send === undefined ? {} : { send }),
    ...(expect === undefined ? {} : { expectBody: expect }),
    ...(serverName === undefined ? {} : { serverName }),
    identifyBy: service.identifyBy,
    client: client.name,
    sources: sourcesOf(client),
    ...(client.netns === undefined ? {} : { netns: client.netns }),
  };
}

function loadUrl({ vip, port, protocol, exchange, health }: VirtualService, path = health.httpPath): string {
  const scheme = exchange?.protocol ?? (protocol === 'udp' ? 'udp' : 'http');
  return `${scheme}://${endpoint(vip, port)}${scheme.startsWith('http') ? path : ''}`;
}
