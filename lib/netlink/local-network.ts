/**
 * The network of a host that is this machine, or one of its namespaces. A process cannot enter a namespace after it has
 * started, so for those a small program (agent.ts) is run inside, by whoever knows how to get there.
 */

import { asIpvetError, IpvetError } from '../errors.ts';
import type { NameLookup } from '../model/facts.ts';
import { moduleArgv } from '../own-files.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { lookUp, type NameQuestion } from './name-servers.ts';
import { type NetworkView, readNetwork, type RouteQuestion } from './rtnetlink.ts';

export type { NetworkView } from './rtnetlink.ts';

export interface NetworkQuestions {
  /** Absent: links, addresses, neighbours and routes are not asked for. */
  readonly destinations?: readonly RouteQuestion[];
  readonly names?: readonly NameQuestion[];
}

/** What was asked for, each part with its own failure. */
export interface LocalNetwork {
  readonly network?: Settled<NetworkView>;
  readonly names?: Settled<readonly NameLookup[]>;
}

export type Settled<T> = { readonly value: T } | { readonly error: string };

/** Runs a program in the namespace, with `stdin` as its input; gives its standard output. */
export type RunInside = (argv: readonly string[], stdin: string) => Promise<string>;

/** Never rejects without `inside`; with it, rejects with what `inside` rejects with, or EXEC_FAILED. */
export async function localNetwork(questions: NetworkQuestions, inside?: RunInside): Promise<LocalNetwork> {
  if (inside === undefined) return ask(questions);
  const output = await inside(agentArgv(), JSON.stringify(questions));
  const answer = parseJson(output, 'the network agent');
  if (!isObject(answer)) throw new IpvetError('EXEC_FAILED', 'The network agent did not print an object.');
  // Printed by the same version of this module, by JSON.stringify.
  return answer;
}

/** What the agent does, once it is where it should be. */
export async function ask({ destinations, names }: NetworkQuestions): Promise<LocalNetwork> {
  const [network, lookups] = await Promise.all([
    destinations === undefined ? undefined : settled(readNetwork(destinations)),
    names === undefined ? undefined : settled(Promise.all(names.map(lookUp))),
  ]);
  return { ...(network === undefined ? {} : { network }), ...(lookups === undefined ? {} : { names: lookups }) };
}

async function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error: asIpvetError(error, 'EXEC_FAILED', 'network of this machine').message };
  }
}

export function agentArgv(): readonly string[] {
  return [process.execPath, ...moduleArgv('lib/netlink/agent')];
}
