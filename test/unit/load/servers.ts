/** Real servers on loopback that behave, and that misbehave, for the load engines. */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { LoadProfile } from '../../../lib/model/cluster.ts';
import type { LoadResult } from '../../../lib/model/load-result.ts';
import type { LoadPlan } from '../../../lib/load/engine.ts';

export interface TestServer {
  readonly port: number;
  /** Connections accepted so far. */
  accepted(): number;
  close(): Promise<void>;
}

async function listening(server: Server, address: string, backlog: number): Promise<TestServer> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted++;
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen({ host: address, port: 0, backlog }, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Handles the connection itself; `request` is called once the first bytes of the request have come. */
export async function tcpServer(
  request: (socket: Socket) => void,
  { address = '127.0.0.1', allowHalfOpen = false } = {},
): Promise<TestServer> {
  const server = createServer({ allowHalfOpen, noDelay: true }, (socket) => {
    socket.once('data', () => {
      request(socket);
    });
  });
  return listening(server, address, 511);
}

export async function httpServer(handler: RequestListener, address = '127.0.0.1'): Promise<TestServer> {
  return listening(createHttpServer(handler), address, 511);
}

/** A port of loopback that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = await tcpServer(() => undefined);
  await server.close();
  return server.port;
}

/** An answer with Content-Length that names its real server. */
export function answerOf(
  realServer: string,
  { status = 200, length }: { status?: number; length?: number } = {},
): string {
  const body = `I am ${realServer}\n`;
  return `HTTP/1.1 ${status} X\r\nServer: test\r\nContent-Length: ${length ?? body.length}\r\nX-Real-Server: ${realServer}\r\nConnection: close\r\n\r\n${body}`;
}

export function aPlan(port: number, profile: Partial<LoadProfile> = {}, plan: Partial<LoadPlan> = {}): LoadPlan {
  return {
    service: 'web',
    profile: {
      name: 'smoke',
      mode: 'ab',
      requests: 50,
      concurrency: 5,
      timeoutMs: 2000,
      abortAfterFailures: 1000,
      ...profile,
    },
    url: `http://127.0.0.1:${port}/`,
    expectStatus: 200,
    identifyBy: { kind: 'header', name: 'X-Real-Server' },
    client: 'client1',
    sources: ['127.0.0.1'],
    ...plan,
  };
}

/** A cluster that declares where the plan goes, and nothing else. */
export function toward({ url }: LoadPlan): readonly string[] {
  try {
    const { hostname, port } = new URL(url);
    return [`${hostname}:${port === '' ? '80' : port}`];
  } catch {
    return [];
  }
}

/** What must hold of every result, whatever happened. */
export function unreconciled(result: LoadResult): string[] {
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const claims: Record<string, boolean> = {
    'sent = answered + failed': result.sent === result.answered + result.failed,
    'requested >= sent': result.requested >= result.sent,
    'failed = sum of errors by kind': result.failed === sum(Object.values(result.errors.byKind)),
    'answered = attributed + unattributed':
      result.answered === sum(Object.values(result.answersByRealServer)) + result.unattributed,
    'timeline adds up':
      result.answered === sum(result.timeline.map((row) => row.answered)) &&
      result.failed === sum(result.timeline.map((row) => row.failed)),
    'total latency of every answer': (result.total?.count ?? 0) === result.answered,
    'buckets hold every latency': (result.total?.count ?? 0) === sum((result.total?.buckets ?? []).map(([, n]) => n)),
    'examples are bounded': result.errors.examples.length === Math.min(100, result.failed),
    'rate is failed / sent': result.errors.rate === (result.sent === 0 ? 0 : result.failed / result.sent),
    'stopped early or sent all': (result.stopped === undefined) === (result.sent === result.requested),
  };
  return Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [claim]));
}
