/** What `ipvet load` takes in the words of ab(1). */
import { IpvetError } from '../lib/errors.ts';
import { requireDeclared } from '../lib/load/declared-endpoints.ts';
import { addressOf } from '../lib/load/target.ts';
import type { Cluster, LoadProfile, RequestChange } from '../lib/model/cluster.ts';
import { endpoint } from '../lib/model/endpoint.ts';

/** What -t implies without -n. */
export const abMostRequests = 50_000;

/** ab's defaults of -n, -c and -s, in place of those of a profile. */
export const likeAb = {
  name: 'ab',
  mode: 'ab',
  requests: 1,
  concurrency: 1,
  timeoutMs: 30_000,
} as const satisfies Partial<LoadProfile>;

/**
 * The service that a URL names by its VIP and port, and the request. A name is looked up in the file's `dns` alone. Throws
 * USAGE for what is no URL to drive, REFUSED for any address but a declared VIP.
 */
export function abTarget(
  { dns, virtualServices }: Cluster,
  url: string,
): { readonly service: string; readonly request: RequestChange } {
  const name = URL.canParse(url) ? new URL(url).hostname : '';
  const record = dns.find((one) => one.name === name);
  const { host, port, path, authority } = addressOf(record === undefined ? url : named(url, record.address));
  const tcp = virtualServices.filter(({ protocol }) => protocol === 'tcp');
  requireDeclared(
    host,
    port,
    tcp.map((service) => endpoint(service.vip, service.port)),
  );
  const service = tcp.find((one) => endpoint(one.vip, one.port) === endpoint(host, port));
  if (service === undefined) throw new IpvetError('INTERNAL', `${url} is declared and belongs to no service`);
  const headers = record === undefined ? [] : [['Host', authority.replace(/^(\[.*\]|[^:]*)/, name)] as const];
  return { service: service.name, request: { path, headers } };
}

function named(url: string, address: string): string {
  const parts = new URL(url);
  parts.hostname = address.includes(':') ? `[${address}]` : address;
  return parts.href;
}

/** `Name: value`. Throws USAGE. */
export function headerOf(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7E\x80-\xFF]*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value.trimEnd()];
  throw new IpvetError('USAGE', `-H ${JSON.stringify(text)} is no header`, { hint: "for example -H 'X-Test: 1'" });
}
