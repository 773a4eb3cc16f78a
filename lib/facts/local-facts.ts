/**
 * Facts that need no program of the host: of this machine the kernel answers over netlink, and node asks name servers;
 * pages are fetched through the sshd of the others.
 */
import { type Fact, type HostFactName, type HostFacts, known, missing } from '../model/facts.ts';
import { type LocalNetwork, localNetwork, type NetworkQuestions, type NetworkView } from '../netlink/local-network.ts';
import type { Host } from '../ssh/host.ts';
import { addresses } from './addresses.ts';
import type { Collector } from './collector.ts';
import { forwardedPages, pageText } from './forwarded-pages.ts';
import { httpProbes } from './http-probes.ts';
import { links } from './links.ts';
import { names } from './names.ts';
import { neighbours } from './neighbours.ts';
import type { FactQuestions } from './questions.ts';
import { routes } from './routes.ts';

const networkFacts = ['links', 'addresses', 'neighbours', 'routes'] as const;
type NetworkFact = (typeof networkFacts)[number];

export type LocalFacts = { readonly [N in NetworkFact | 'names' | 'httpProbes']?: Fact<HostFacts[N]> };

/** The facts of `asked` that are worth asking for this way. */
export function localFactNames(host: Pick<Host, 'declaration'>, questions: FactQuestions): readonly HostFactName[] {
  if (host.declaration.host !== 'localhost')
    return questions.httpGets.length === 0 ? [] : questions.facts.filter((fact) => fact === 'httpProbes');
  // The host's own tools ask its own resolver; a named server is asked from here, so that no tool need be installed.
  const byServer = questions.names.some(({ server }) => server !== undefined);
  return questions.facts.filter((fact) => isNetworkFact(fact) || (fact === 'names' && byServer));
}

/**
 * Answers what it can; what is absent from the answer is left to the script. Never rejects. Evidence names the command
 * that shows the same by hand.
 */
export async function localFacts(
  host: Host,
  questions: FactQuestions,
  wanted: readonly HostFactName[],
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<LocalFacts> {
  if (wanted.length === 0) return {};
  if (host.declaration.host !== 'localhost') return pagesFact(host, questions, options.signal);
  const { name, netns } = host.declaration;
  const network = wanted.some((fact) => fact !== 'names');
  if (process.platform !== 'linux' && network) return offLinux(name, wanted);
  const asked: NetworkQuestions = {
    ...(network ? { destinations: questions.routesTo } : {}),
    ...(wanted.includes('names') ? { names: questions.names } : {}),
  };
  let answer: LocalNetwork;
  try {
    answer = await localNetwork(
      asked,
      netns === undefined ? undefined : async (argv, stdin) => (await host.exec(argv, { stdin, ...options })).stdout,
    );
  } catch {
    // The script runs in the same namespace and says what is wrong there.
    return {};
  }
  const ofNetwork = <N extends NetworkFact>(
    collector: Collector<N>,
    pick: (view: NetworkView) => HostFacts[N],
    show: (value: HostFacts[N]) => string,
  ): LocalFacts =>
    wanted.includes(collector.fact) ? factOf(collector, name, questions, answer.network, pick, show) : {};
  return {
    ...ofNetwork(links, (view) => view.links, linkLines),
    ...ofNetwork(addresses, (view) => view.addresses, addressLines),
    ...ofNetwork(neighbours, (view) => view.neighbours, neighbourLines),
    ...ofNetwork(routes, (view) => view.routes, routeLines),
    ...(wanted.includes('names') ? namesFact(name, names.command(questions), answer.names) : {}),
  };
}

async function pagesFact(host: Host, questions: FactQuestions, signal: AbortSignal): Promise<LocalFacts> {
  const pages = await forwardedPages(host, questions.httpGets, signal);
  if (pages === undefined) return {};
  const { name } = host.declaration;
  const evidence = { host: name, command: httpProbes.command(questions), output: pageText(pages) };
  return { httpProbes: known(pages, evidence) };
}

function isNetworkFact(fact: HostFactName): fact is NetworkFact {
  return networkFacts.some((each) => each === fact);
}

function factOf<N extends NetworkFact>(
  { fact, command }: Collector<N>,
  host: string,
  questions: FactQuestions,
  settled: LocalNetwork['network'],
  pick: (view: NetworkView) => HostFacts[N],
  show: (value: HostFacts[N]) => string,
): LocalFacts {
  if (settled === undefined || 'error' in settled) return {};
  const value = pick(settled.value);
  return { [fact]: known(value, { host, command: command(questions), output: show(value) }) };
}

function namesFact(host: string, command: string, settled: LocalNetwork['names']): LocalFacts {
  if (settled === undefined) return {};
  if ('error' in settled) return { names: missing('command-failed', `${host}: ${settled.error}`) };
  const output = settled.value
    .map(({ name, addresses: found }) => `${name}: ${found.join(' ') || 'no address'}`)
    .join('\n');
  return { names: known(settled.value, { host, command, output }) };
}

function offLinux(host: string, wanted: readonly HostFactName[]): LocalFacts {
  const gap = missing('unsupported', `${host}: links and routes of this machine are read on Linux only`, {
    hint: 'Run ipvet on Linux, or name a client that is reached over ssh.',
  });
  return Object.fromEntries(wanted.filter(isNetworkFact).map((fact) => [fact, gap]));
}

/** As `ip -br addr` prints them, one address a line. */
function addressLines(rows: HostFacts['addresses']): string {
  return rows.map((row) => `${row.interface} ${row.up ? 'UP' : 'DOWN'} ${row.address}/${row.prefixLength}`).join('\n');
}

/** As `ip -br link` prints them, with kind, bridge or bond, and MTU. */
function linkLines(rows: HostFacts['links']): string {
  return rows
    .map(({ name, up, mac, mtu, kind, master, noArp }) =>
      [
        name,
        up ? 'UP' : 'DOWN',
        ...(mac === undefined ? [] : [mac]),
        `mtu ${mtu}`,
        ...(kind === undefined ? [] : [kind]),
        ...(master === undefined ? [] : [`master ${master}`]),
        ...(noArp ? ['NOARP'] : []),
      ].join(' '),
    )
    .join('\n');
}

/** As `ip neigh` prints them. */
function neighbourLines(rows: HostFacts['neighbours']): string {
  return rows
    .map(({ address, interface: device, mac, state }) =>
      [address, 'dev', device, ...(mac === undefined ? [] : ['lladdr', mac]), state.toUpperCase()].join(' '),
    )
    .join('\n');
}

/** As `ip route get` prints them. */
function routeLines(rows: HostFacts['routes']): string {
  return rows
    .map(({ destination, outcome, gateway, interface: device, source }) =>
      [
        outcome === 'unicast' ? destination : `${outcome} ${destination}`,
        ...(gateway === undefined ? [] : ['via', gateway]),
        ...(device === undefined ? [] : ['dev', device]),
        ...(source === undefined ? [] : ['src', source]),
      ].join(' '),
    )
    .join('\n');
}
