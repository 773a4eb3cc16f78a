/**
 * Many requests per connection, driven by autocannon. Latencies and losses are measured here from its clients' events,
 * because it counts no request that is lost when a server closes, and after an error it measures from the lost request.
 * It cannot bind a source address, and it cannot be drained: what is under way when it stops is left out of `sent`.
 */
import { Socket } from 'node:net';
import autocannon from 'autocannon';
import { IpvetError } from '../errors.ts';
import type { Identification } from '../model/cluster.ts';
import type { LoadResult } from '../model/load-result.ts';
import type { LoadOptions, LoadPlan } from './engine.ts';
import { errorKind } from './failure.ts';
import { GeneratorWatch } from './generator-watch.ts';
import { patternName } from './http-answer.ts';
import { Tally, type StopReason } from './tally.ts';
import { checkedTarget, firstSource } from './target.ts';

const progressIntervalMs = 250;
/** Its timers may fire this much before our clock says so. */
const timerSlackMs = 50;
/** autocannon keeps every answer whole in memory. */
const answerLimitBytes = 64 * 1024 * 1024;
/** Its parser copies a head that is not whole with every piece that comes. */
const headLimitBytes = 1024 * 1024;

/** What autocannon's parser tells of an answer's head: names and values in turn. */
interface RawHead {
  readonly headers: readonly string[];
}

/** All the events of autocannon's client; its declared overloads name only some. */
interface ClientEvents {
  on(event: string, listener: (...values: never[]) => void): unknown;
}

interface Request {
  readonly begunMs: number;
  readonly socket: Socket | undefined;
  readonly bytesBefore: number;
  realServer: string | undefined;
  hasHead: boolean;
}

export async function driveKeepAlive(
  plan: LoadPlan,
  { endpoints, signal, onProgress }: LoadOptions,
): Promise<LoadResult> {
  const { profile, identifyBy } = plan;
  // autocannon refuses less than a second.
  const timeoutMs = Math.max(1000, profile.timeoutMs);
  const target = await checkedTarget(plan, endpoints);
  const wantedSource = firstSource(plan);
  const tally = new Tally(plan);
  const startedAt = new Date();
  const watch = new GeneratorWatch();
  /** Source port of each connection, asked for while it is there to be asked. */
  const ports = new WeakMap<Socket, number>();
  const body = bodyReader(identifyBy);
  let source: string | undefined;
  let stopped: StopReason | undefined;
  let fatal: IpvetError | undefined;

  const portOf = (socket: Socket | undefined) => (socket === undefined ? 0 : (ports.get(socket) ?? 0));
  const stop = (reason: StopReason) => {
    stopped ??= reason;
    instance.stop();
  };
  const interrupt = () => {
    stop('interrupted');
  };
  const conclude = (request: Request, nowMs: number, fault?: Parameters<Tally['failure']>[1], message = '') => {
    // After a stop autocannon may still report what it abandons.
    if (stopped !== undefined) return;
    tally.sent++;
    if (fault === undefined) {
      const tookMs = nowMs - request.begunMs;
      tally.total.record(tookMs);
      tally.answer(nowMs, request.realServer, tookMs);
      return;
    }
    tally.failure(nowMs, fault, message, portOf(request.socket));
    if (tally.failed >= profile.abortAfterFailures) stop('failures');
  };

  const follow = (client: autocannon.Client) => {
    let open: Request | undefined;
    const lost = (nowMs: number) => {
      if (open === undefined) return;
      const request = open;
      open = undefined;
      if (nowMs - request.begunMs < timeoutMs - timerSlackMs) {
        conclude(request, nowMs, 'short-read', 'the server closed the connection with the request under way');
      } else {
        const kind = request.socket?.bytesWritten === 0 ? 'connect-timeout' : 'response-timeout';
        conclude(request, nowMs, kind, `no whole answer within ${timeoutMs} ms`);
      }
    };
    const bound = () => {
      if (open === undefined) return;
      const { hasHead, bytesBefore, socket } = open;
      if ((socket?.bytesRead ?? 0) - bytesBefore <= (hasHead ? answerLimitBytes : headLimitBytes)) return;
      const what = hasHead ? `an answer of more than ${answerLimitBytes >> 20} MiB` : 'headers without end';
      fatal ??= new IpvetError('LOAD', `${plan.url} sends ${what}, which keep-alive mode cannot hold`, {
        hint: hasHead ? 'Choose a smaller page, or mode: ab' : 'mode: ab tells what it is',
      });
      stop('failures');
    };
    const events = client as unknown as ClientEvents;
    events.on('request', () => {
      const nowMs = performance.now();
      lost(nowMs);
      const socket = socketOf(client);
      if (socket !== undefined && !ports.has(socket)) {
        ports.set(socket, 0);
        tally.connections++;
        // Node begins to connect on the next tick, and only then has the socket a port.
        process.nextTick(() => ports.set(socket, socket.localPort ?? 0));
        socket.once('connect', () => {
          tally.connect.record(performance.now() - nowMs);
          source ??= socket.localAddress;
        });
        socket.on('data', bound);
      }
      open = { begunMs: nowMs, socket, bytesBefore: socket?.bytesRead ?? 0, realServer: undefined, hasHead: false };
    });
    events.on('headers', ({ headers }: RawHead) => {
      if (open === undefined) return;
      open.hasHead = true;
      if (identifyBy.kind === 'header') open.realServer = headerValue(headers, identifyBy.name);
    });
    events.on('response', (status: number) => {
      if (open === undefined) return;
      const request = open;
      open = undefined;
      request.realServer ??= body.name();
      const from = request.realServer === undefined ? '' : ` from ${request.realServer}`;
      if (status === plan.expectStatus) conclude(request, performance.now());
      else conclude(request, performance.now(), 'bad-status', `HTTP ${status}${from}`);
    });
    events.on('connError', (error: NodeJS.ErrnoException) => {
      if (open === undefined) return;
      const request = open;
      open = undefined;
      const connected = (request.socket?.bytesWritten ?? 0) > 0;
      conclude(request, performance.now(), errorKind(error.code, connected), error.message);
    });
    events.on('done', () => {
      lost(performance.now());
    });
  };

  const options: autocannon.Options = {
    // What was checked is what is connected to.
    url: target.url,
    connections: Math.min(profile.concurrency, profile.requests),
    amount: profile.requests,
    timeout: timeoutMs / 1000,
    sampleInt: 20,
    headers: { 'user-agent': 'ipvet', ...Object.fromEntries(plan.headers ?? []) },
    setupClient: follow,
    ...(body.onResponse === undefined ? {} : { requests: [{ onResponse: body.onResponse }] }),
  };
  let settle: (error: unknown) => void = () => undefined;
  const finished = new Promise<unknown>((resolve) => {
    settle = resolve;
  });
  const instance = autocannon(options, settle);
  const progress = setInterval(() => onProgress?.(tally.progress()), progressIntervalMs);
  const limit = profile.timeLimitMs === undefined ? undefined : setTimeout(stop, profile.timeLimitMs, 'time-limit');
  if (signal.aborted) interrupt();
  signal.addEventListener('abort', interrupt);
  const cause: unknown = await finished;
  clearInterval(progress);
  clearTimeout(limit);
  signal.removeEventListener('abort', interrupt);
  if (cause instanceof Error) throw new IpvetError('LOAD', `autocannon could not drive ${plan.url}`, { cause });
  if (fatal !== undefined) throw fatal;
  if (source !== undefined && source !== wantedSource) {
    throw new IpvetError(
      'LOAD',
      `keep-alive load left from ${source}, not from ${wantedSource} of client ${plan.client}`,
      {
        hint: 'autocannon cannot bind an address: give the client a network namespace of its own, or use mode: ab',
      },
    );
  }
  onProgress?.(tally.progress());
  return tally.result('autocannon', {
    source: source ?? wantedSource,
    startedAt,
    stopped,
    generator: watch.stop(),
  });
}

/** The connection a client is using, which autocannon keeps in a field that it does not document. */
function socketOf(client: autocannon.Client): Socket | undefined {
  const { conn } = client as { conn?: unknown };
  return conn instanceof Socket ? conn : undefined;
}

function headerValue(headers: readonly string[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() === wanted) return headers[at + 1]?.trim().slice(0, 100);
  }
  return undefined;
}

/** autocannon hands the body over just before it emits `response` of the same client. */
function bodyReader(identifyBy: Identification): {
  onResponse?: (status: number, body: string) => void;
  name(): string | undefined;
} {
  if (identifyBy.kind !== 'body') return { name: () => undefined };
  const pattern = new RegExp(identifyBy.pattern);
  let last = '';
  return {
    onResponse: (_status, body) => {
      last = body;
    },
    name: () => patternName(pattern, last),
  };
}
