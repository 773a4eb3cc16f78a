/** The director's own way to each destination, around IPVS, once requests failed. */
import { collectFacts } from '../facts/collect.ts';
import { questionsFor } from '../facts/questions.ts';
import type { Cluster, VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Fact, HttpProbe } from '../model/facts.ts';
import type { DirectorReach } from '../model/ends.ts';
import type { Host } from '../ssh/host.ts';

export interface ReachInputs {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  readonly pagesBefore: (director: string) => Promise<Fact<readonly HttpProbe[]> | undefined>;
  /** They were fetched while requests failed. */
  readonly haste?: boolean;
}

/**
 * The same GET as the health check, from the director to each RIP: it uses neither IPVS nor the real servers' gateway. One
 * that was silent before the load is not waited for again.
 */
export async function directorReach(
  { cluster, signal, pagesBefore, haste = false }: ReachInputs,
  { destinations }: VirtualService,
  host: Host,
): Promise<{ readonly reach: readonly DirectorReach[]; readonly reachEvidence?: Evidence }> {
  const destined = destinations.map(({ realServer, port }) => ({
    realServer: realServer.name,
    destination: endpoint(realServer.rip, port),
  }));
  const before = await pagesBefore(host.declaration.name);
  const silent = destined.some(({ destination }) => pageOf(before, destination)?.outcome === 'timeout');
  const pages =
    silent || (haste && before?.known === true)
      ? before
      : (await collectFacts(host, questionsFor(cluster, host.declaration, ['httpProbes']), { signal })).facts
          .httpProbes;
  if (pages?.known !== true) return { reach: [] };
  const reach = destined.flatMap((one): DirectorReach[] => {
    const page = pageOf(pages, one.destination);
    if (page === undefined) return [];
    const detail = page.status === undefined ? page.outcome : `HTTP ${page.status}`;
    return [{ ...one, outcome: page.outcome, detail }];
  });
  return { reach, reachEvidence: pages.evidence };
}

function pageOf(pages: Fact<readonly HttpProbe[]> | undefined, destination: string): HttpProbe | undefined {
  if (pages?.known !== true) return undefined;
  return pages.value.find(({ url }) => new URL(url).host === new URL(`http://${destination}`).host);
}
