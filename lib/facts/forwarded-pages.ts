/**
 * The GETs of a host behind ssh, without a program there: sshd makes the connection (direct-tcpip of RFC 4254, 7.2) and
 * node speaks HTTP over it. curl loads some thirty libraries for each page, which is most of what asking a host costs it.
 */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';

import type { HttpProbe } from '../model/facts.ts';
import { bodyOf } from '../parse/http-answer.ts';
import { within } from '../ssh/abort.ts';
import type { Host } from '../ssh/host.ts';
import type { FactQuestions } from './questions.ts';

type Get = FactQuestions['httpGets'][number];
type Dial = NonNullable<Host['dial']>;

/** Made at the same time. */
const atATime = 32;
/** Read of one answer's page: an endless one must not fill this machine's memory. */
const maxReadBytes = 128 << 10;

/** Undefined where one of them could not be tried: a sshd that forwards nothing, a connection that is lost. */
export async function forwardedPages(
  host: Pick<Host, 'declaration' | 'dial'>,
  gets: readonly Get[],
  signal: AbortSignal,
): Promise<readonly HttpProbe[] | undefined> {
  const { dial } = host;
  if (dial === undefined) return undefined;
  const from = host.declaration.name;
  const pages: HttpProbe[] = [];
  for (let next = 0; next < gets.length; next += atATime) {
    const some = gets.slice(next, next + atATime).map(async (get) => {
      const page = await pageOf(dial, get, signal);
      return page === undefined ? undefined : { url: get.url, from, ...page };
    });
    for (const page of await Promise.all(some)) {
      if (page === undefined) return undefined;
      pages.push(page);
    }
  }
  return pages;
}

type Page = Omit<HttpProbe, 'url' | 'from'>;

async function pageOf(dial: Dial, get: Get, signal: AbortSignal): Promise<Page | undefined> {
  const { hostname, port } = new URL(get.url);
  const startedAtMs = performance.now();
  const dialled = await dial(hostname.replace(/^\[(.*)\]$/, '$1'), Number(port || 80), {
    timeoutMs: get.timeoutMs,
    signal,
  });
  if ('untried' in dialled) return undefined;
  if ('refused' in dialled) return { outcome: dialled.refused };
  const leftMs = Math.max(1, Math.ceil(get.timeoutMs - (performance.now() - startedAtMs)));
  return within(leftMs, signal, (bounded) => spoken(dialled.stream, get, bounded));
}

/** An answer counts from its header on: of a page that is longer than is read, or slow, there is what came. */
async function spoken(stream: Duplex, { url, hostHeader }: Get, signal: AbortSignal): Promise<Page> {
  try {
    const asked = request(url, {
      createConnection: () => stream,
      // As lenient as curl: it is the page that is looked at.
      insecureHTTPParser: true,
      headers: {
        accept: '*/*',
        'user-agent': 'ipvet',
        connection: 'close',
        ...(hostHeader === undefined ? {} : { host: hostHeader }),
      },
      signal,
    });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const headers = Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
    return {
      outcome: 'answered',
      status: answer.statusCode ?? 0,
      headers: Object.fromEntries(headers) as Readonly<Record<string, string>>,
      body: bodyOf((await readOf(answer)).toString()),
    };
  } catch {
    return { outcome: signal.aborted ? 'timeout' : 'failed' };
  } finally {
    stream.destroy();
  }
}

async function readOf(answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= maxReadBytes) break;
    }
  } catch {
    // Cut off, or not in time.
  }
  return Buffer.concat(pieces);
}

/** As `curl -i` prints them. */
export function pageText(pages: readonly HttpProbe[]): string {
  return pages
    .map(({ url, outcome, status, headers = {}, body = '' }) => {
      if (status === undefined) return `${url}: ${outcome}`;
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      return [`${url}: HTTP ${status}`, ...lines, '', body].join('\n');
    })
    .join('\n');
}
