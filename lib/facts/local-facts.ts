/** Facts of this machine that need no program of the host: the kernel answers over netlink, node asks name servers. */
import { type Fact, type HostFactName, type HostFacts, known, missing } from '../model/facts.ts';
import { type LocalNetwork, localNetwork, type NetworkQuestions, type Settled } from '../netlink/local-network.ts';
import type { Host } from '../ssh/host.ts';
import { addresses } from './addresses.ts';
import { names } from './names.ts';
import type { FactQuestions } from './questions.ts';
import { routes } from './routes.ts';

export type LocalFacts = { readonly [N in 'addresses' | 'routes' | 'names']?: Fact<HostFacts[N]> };

/** The facts of `asked` that are worth asking for this way. */
export function localFactNames(host: Pick<Host, 'declaration'>, questions: FactQuestions): readonly HostFactName[] {
  if (host.declaration.host !== 'localhost') return [];
  // The host's own tools ask its own resolver; a named server is asked from here, so that no tool need be installed.
  const byServer = questions.names.some(({ server }) => server !== undefined);
  return questions.facts.filter((fact) => fact === 'addresses' || fact === 'routes' || (fact === 'names' && byServer));
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
  return {
    ...(wanted.includes('addresses')
      ? factOf(
          'addresses',
          name,
          addresses.command(questions),
          answer.network,
          (value) => value.addresses,
          addressLines,
        )
      : {}),
    ...(wanted.includes('routes')
      ? factOf('routes', name, routes.command(questions), answer.network, (value) => value.routes, routeLines)
      : {}),
    ...(wanted.includes('names') ? namesFact(name, names.command(questions), answer.names) : {}),
  };
}

function factOf<N extends 'addresses' | 'routes', V>(
  fact: N,
  host: string,
  command: string,
  settled: Settled<V> | undefined,
  pick: (value: V) => HostFacts[N],
  show: (value: HostFacts[N]) => string,
): LocalFacts {
  if (settled === undefined || 'error' in settled) return {};
  const value = pick(settled.value);
  return { [fact]: known(value, { host, command, output: show(value) }) };
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
  return {
    ...(wanted.includes('addresses') ? { addresses: gap } : {}),
    ...(wanted.includes('routes') ? { routes: gap } : {}),
  };
}

/** As `ip -br addr` prints them, one address a line. */
function addressLines(rows: HostFacts['addresses']): string {
  return rows.map((row) => `${row.interface} ${row.up ? 'UP' : 'DOWN'} ${row.address}/${row.prefixLength}`).join('\n');
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
