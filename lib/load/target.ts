/** What a plan must have before any engine begins, and what the engines need of its address. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIP } from 'node:net';
import { IpvetError } from '../errors.ts';
import { requireDeclared } from './declared-endpoints.ts';
import type { LoadPlan } from './engine.ts';

export interface Target {
  /** Address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The URL as it was understood: for an engine that takes apart URLs itself. */
  readonly url: string;
  /** Path and query. */
  readonly path: string;
  /** What the Host header says. */
  readonly authority: string;
  readonly scheme: 'http' | 'https' | 'tcp' | 'tls' | 'udp';
  /** Addresses to bind in turn; undefined when this machine sends from the plan's only source by itself. */
  readonly binds: readonly (string | undefined)[];
}

/** Throws REFUSED for an address that is not declared, USAGE for a plan that cannot be run, LOAD when this machine does not have its source address. */
export async function checkedTarget(plan: LoadPlan, endpoints: readonly string[]): Promise<Target> {
  const { profile } = plan;
  requirePositive(profile.name, 'requests', profile.requests);
  requirePositive(profile.name, 'concurrency', profile.concurrency);
  requirePositive(profile.name, 'abort after failures', profile.abortAfterFailures);
  if (!(profile.timeoutMs > 0)) throw new IpvetError('USAGE', `load profile ${profile.name}: timeout must be above 0`);
  const target = addressOf(plan.url);
  requireDeclared(target.host, target.port, endpoints);
  for (const [what, count] of [
    ['threads', profile.threads],
    ['requests per connection', profile.requestsPerConnection],
  ] as const)
    if (count !== undefined) requirePositive(profile.name, what, count);
  for (const source of [firstSource(plan), ...plan.sources.slice(1)]) {
    if (isIP(target.host) !== isIP(source)) {
      throw new IpvetError('USAGE', `load from ${source} to ${plan.url}: not addresses of one family`);
    }
    await bindable(plan, source);
  }
  // Left to connect(2) the kernel goes through the source ports in turn. bind(2) takes them at random, so that a port
  // comes again while the director still has an entry for it, which IPVS may not schedule anew (conn_reuse_mode).
  const [only] = plan.sources;
  if (plan.sources.length === 1 && (await naturalSource(target)) === only) return target;
  return { ...target, binds: plan.sources };
}

/** The first of the plan's source addresses. */
export function firstSource({ sources, client }: LoadPlan): string {
  const [first] = sources;
  if (first === undefined) throw new IpvetError('USAGE', `client ${client} has no address to send load from`);
  return first;
}

/** The address this machine would send from; no packet leaves. Undefined when there is no route. */
async function naturalSource({ host, port }: Pick<Target, 'host' | 'port'>): Promise<string | undefined> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  try {
    socket.connect(port, host);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

function requirePositive(profile: string, what: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new IpvetError('USAGE', `load profile ${profile}: ${what} must be a whole number above 0, not ${value}`);
}

const schemes = ['http', 'https', 'tcp', 'tls', 'udp'] as const;
const defaultPorts: Readonly<Partial<Record<Target['scheme'], number>>> = { http: 80, https: 443 };

/** Throws USAGE for what is no URL of an address that can be driven. */
export function addressOf(url: string): Target {
  let parts: URL;
  try {
    parts = new URL(url);
  } catch (cause) {
    throw new IpvetError('USAGE', `${JSON.stringify(url)} is not a URL`, { cause });
  }
  if (parts.username !== '' || parts.password !== '') {
    throw new IpvetError('USAGE', 'a URL to drive holds no user and no password');
  }
  const scheme = schemes.find((known) => parts.protocol === `${known}:`);
  if (scheme === undefined) {
    throw new IpvetError('USAGE', `${url}: ${parts.protocol.slice(0, -1)} is not driven`, {
      hint: `Give a URL that begins with one of ${schemes.map((known) => `${known}://`).join(' ')}`,
    });
  }
  const host = parts.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) {
    throw new IpvetError('USAGE', `${url}: the host must be an address`, {
      hint: 'Give the VIP: load measures the director, not name lookups',
    });
  }
  const port = parts.port === '' ? defaultPorts[scheme] : Number(parts.port);
  if (port === undefined) throw new IpvetError('USAGE', `${url}: a port is missing`);
  return {
    scheme,
    binds: [undefined],
    host,
    port,
    url: parts.href,
    path: `${parts.pathname}${parts.search}`,
    authority: parts.host,
  };
}

/** Without this a wrong source address would look like a machine out of ports. */
async function bindable(plan: LoadPlan, source: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: source, port: 0 }, resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') return;
    const where = plan.netns === undefined ? 'this machine' : `network namespace ${plan.netns}`;
    throw new IpvetError('LOAD', `${where} does not have the address ${source} of client ${plan.client}`, {
      hint: "Correct the client's cip in the cluster file, or add the address",
      cause,
    });
  } finally {
    server.close();
  }
}
