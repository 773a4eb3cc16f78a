/** Persistence: a client stays where its first connection went, so clients are what is balanced. */
import { judgeByChiSquare } from './goodness.ts';
import { addressWords } from './hash.ts';
import { type DistributionInput, type Judged, type SourceCounts, untestable } from './input.ts';
import { sharesOfClients } from './shares.ts';

export function judgeClients(input: DistributionInput): Judged {
  const { scheduler, persistenceS, persistenceNetmask, sources, destinations, counts } = input;
  const sticky = `persistence of ${persistenceS} s sends every connection of one client to one real server`;
  if (sources === undefined) return untestable(`${sticky}, and which client had which connections is not known`);
  const clients = grouped(sources, persistenceNetmask);
  if (clients.length === 1)
    return untestable(
      `not testable from one source address: ${sticky}${sources.length > 1 ? `, and the mask ${persistenceNetmask ?? ''} makes one client of all` : ''}`,
    );
  const quiesced = destinations.filter(({ name, weight }) => weight <= 0 && (counts[name] ?? 0) > 0);
  if (quiesced.length > 0)
    return untestable(
      `${quiesced.map(({ name }) => name).join(', ')}: quiesced, and given connections; clients that were there before stay there under persistence (net.ipv4.vs.expire_quiescent_template is 0)`,
    );
  const split = clients.find((client) => destinationsOf(client).length > 1);
  const heldFor = input.conditions?.durationMs ?? Infinity;
  if (split !== undefined && heldFor < persistenceS * 1000)
    return {
      outcome: 'fail',
      method: 'exact',
      reason: `${sticky}, and those of ${split.address} went to ${destinationsOf(split).join(' and ')}`,
    };
  const expected = sharesOfClients(scheduler, destinations);
  if (expected === undefined)
    return untestable(`${sticky}, and there is no model of ${scheduler} for clients that stay`);
  const firsts = clients.map((client) => destinationsOf(client)[0] ?? '');
  return judgeByChiSquare(input, {
    unit: 'source-address',
    counts: Object.fromEntries(destinations.map(({ name }) => [name, firsts.filter((first) => first === name).length])),
    expected,
    limits: ['clients are counted, each once: persistence binds their connections together'],
  });
}

/** The one with most connections first. */
function destinationsOf({ counts }: SourceCounts): readonly string[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name]) => name);
}

/** One for each client, as the mask has it; those without a connection are left out. */
function grouped(sources: readonly SourceCounts[], netmask: string | undefined): readonly SourceCounts[] {
  const clients = new Map<string, { address: string; counts: Record<string, number> }>();
  for (const source of sources) {
    if (destinationsOf(source).length === 0) continue;
    const key = masked(source.address, netmask);
    const client = clients.get(key) ?? { address: source.address, counts: {} };
    for (const [name, count] of Object.entries(source.counts)) client.counts[name] = (client.counts[name] ?? 0) + count;
    clients.set(key, client);
  }
  return [...clients.values()];
}

function masked(address: string, netmask: string | undefined): string {
  const words = addressWords(address);
  if (netmask === undefined) return words.join();
  if (words.length === 1) return String((words[0] ?? 0) & (addressWords(netmask)[0] ?? 0));
  const prefix = Number(netmask);
  return words
    .map((word, index) => {
      const bits = Math.min(32, Math.max(0, prefix - index * 32));
      return bits === 0 ? 0 : word & (-1 << (32 - bits));
    })
    .join();
}
