/** Names looked up by this process: through the system's resolver, or at one server. */
import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

import { IpvetError } from '../errors.ts';
import type { NameLookup } from '../model/facts.ts';

export interface NameQuestion {
  readonly name: string;
  readonly server?: string;
}

/** Answers that mean: there is no such name, or no address for it. */
const noAddress = new Set(['ENOTFOUND', 'ENODATA', 'ENOENT']);

/** A name without an address has none; throws EXEC_FAILED when nobody answered. */
export async function lookUp({ name, server }: NameQuestion): Promise<NameLookup> {
  const answers = server === undefined ? [await ownResolver(name)] : await atServer(name, server);
  return { name, addresses: [...new Set(answers.flat())] };
}

async function ownResolver(name: string): Promise<readonly string[]> {
  const found = await orNone(name, 'the resolver of this machine', lookup(name, { all: true, verbatim: true }));
  return found.map(({ address }) => address);
}

async function atServer(name: string, server: string): Promise<readonly (readonly string[])[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([isIP(server) === 6 ? `[${server}]` : server]);
  const answers = await Promise.allSettled([
    orNone(name, server, resolver.resolve4(name)),
    orNone(name, server, resolver.resolve6(name)),
  ]);
  const given = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  // Some servers refuse the question for an IPv6 address of a name they know.
  const [first] = answers;
  if (given.length === 0 && first.status === 'rejected') throw first.reason;
  return given;
}

async function orNone<T>(name: string, whom: string, answer: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (noAddress.has(code)) return [];
    throw new IpvetError('EXEC_FAILED', `${whom} did not answer for ${name} (${code}).`, { cause });
  }
}
