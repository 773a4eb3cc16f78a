import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { driveKeepAlive } from '../../../lib/load/keepalive-engine.ts';
import type { LoadPlan } from '../../../lib/load/engine.ts';
import type { LoadProfile } from '../../../lib/model/cluster.ts';
import type { LoadResult } from '../../../lib/model/load-result.ts';
import {
  answerOf,
  aPlan,
  toward,
  closedPort,
  httpServer,
  tcpServer,
  type TestServer,
  unreconciled,
} from './servers.ts';

describe('keep-alive engine', () => {
  const servers: TestServer[] = [];
  const serve = (server: TestServer) => {
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const keepAlive = (port: number, profile: Partial<LoadProfile> = {}, plan: Partial<LoadPlan> = {}): LoadPlan =>
    aPlan(port, { mode: 'keepalive', ...profile }, plan);
  const drive = async (plan: LoadPlan, signal = new AbortController().signal): Promise<LoadResult> => {
    const result = await driveKeepAlive(plan, { endpoints: toward(plan), signal });
    expect(unreconciled(result)).to.deep.equal([]);
    return result;
  };

  it('sends many requests on few connections, and counts who answered', async () => {
    let turn = 0;
    const server = serve(
      await httpServer((_, response) => response.setHeader('X-REAL-SERVER', `rs${(turn++ % 2) + 1}`).end('ok')),
    );
    const result = await drive(keepAlive(server.port, { requests: 200, concurrency: 4 }));
    expect(result).to.include({ engine: 'autocannon', sent: 200, answered: 200, failed: 0, connections: 4 });
    expect(result.answersByRealServer).to.deep.equal({ rs1: 100, rs2: 100 });
    expect(server.accepted()).to.equal(4);
    expect(result.connect?.count).to.equal(4);
    expect(result.source).to.equal('127.0.0.1');
  });

  it('finds names in bodies, and opens no more connections than it has requests', async () => {
    const server = serve(await httpServer((_, response) => response.end('<h1>rs3</h1>')));
    const plan = keepAlive(
      server.port,
      { requests: 3, concurrency: 50 },
      { identifyBy: { kind: 'body', pattern: '>(rs\\d)<' } },
    );
    const result = await drive(plan);
    expect(result.answersByRealServer).to.deep.equal({ rs3: 3 });
    expect(result.connections).to.equal(3);
  });

  it('counts a request that is lost because the server closed', async () => {
    let turn = 0;
    const keep = answerOf('rs1').replace('Connection: close\r\n', '');
    const server = serve(
      await tcpServer((socket) => {
        socket.write(keep);
        // The second request of each connection finds it closed.
        socket.on('data', () => (turn++, socket.end()));
      }),
    );
    const result = await drive(keepAlive(server.port, { requests: 10, concurrency: 1 }));
    expect(result).to.include({ sent: 10, answered: 5, failed: 5, connections: 5 });
    expect(result.errors.byKind).to.deep.equal({ 'short-read': 5 });
    expect(turn).to.equal(5);
  });

  it('names refused connections, wrong statuses and silence', async () => {
    const refused = await drive(keepAlive(await closedPort(), { requests: 8, concurrency: 2 }));
    expect(refused.errors.byKind).to.deep.equal({ refused: 8 });
    expect(refused.source).to.equal('127.0.0.1');

    const broken = serve(await httpServer((_, response) => response.writeHead(503, { 'x-real-server': 'rs2' }).end()));
    const wrong = await drive(keepAlive(broken.port, { requests: 8, concurrency: 2 }));
    expect(wrong.errors.byKind).to.deep.equal({ 'bad-status': 8 });
    expect(wrong.errors.examples[0]?.message).to.equal('HTTP 503 from rs2');

    const silent = serve(await tcpServer(() => undefined));
    const timeouts = await drive(keepAlive(silent.port, { requests: 4, concurrency: 2, timeoutMs: 200 }));
    expect(timeouts.errors.byKind).to.deep.equal({ 'response-timeout': 4 });
    expect(timeouts.errors.examples[0]?.localPort).to.be.above(0);
  });

  it('stops after so many failures, at the time limit, and when interrupted', async () => {
    const failures = await drive(
      keepAlive(await closedPort(), { requests: 5000, concurrency: 2, abortAfterFailures: 7 }),
    );
    expect(failures).to.include({ stopped: 'failures', failed: 7, sent: 7 });

    const slow = serve(await httpServer((_, response) => setTimeout(() => response.end('ok'), 20)));
    const limited = await drive(keepAlive(slow.port, { requests: 100_000, concurrency: 2, timeLimitMs: 200 }));
    expect(limited.stopped).to.equal('time-limit');
    expect(limited).to.include({ failed: 0 });
    expect(limited.answered).to.be.above(0);

    const interrupt = new AbortController();
    const interrupted = drive(keepAlive(slow.port, { requests: 100_000, concurrency: 2 }), interrupt.signal);
    setTimeout(() => {
      interrupt.abort();
    }, 100);
    expect((await interrupted).stopped).to.equal('interrupted');
    expect((await drive(keepAlive(slow.port), AbortSignal.abort())).stopped).to.equal('interrupted');
  });

  it('refuses to pass load from another address for load from the declared one', async () => {
    const server = serve(await httpServer((_, response) => response.end('ok')));
    try {
      await drive(keepAlive(server.port, {}, { sources: ['127.0.0.9'] }));
      expect.fail('it ran');
    } catch (error) {
      expect(error).to.be.instanceOf(IpvetError);
      expect((error as IpvetError).message).to.contain('left from 127.0.0.1, not from 127.0.0.9');
      expect((error as IpvetError).hint).to.contain('mode: ab');
    }
  });

  it('gives up on an answer too large to keep', async () => {
    const block = Buffer.alloc(1024 * 1024, 'x');
    const server = serve(
      await tcpServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n');
        const pour = () => {
          while (!socket.destroyed && socket.write(block));
        };
        socket.on('drain', pour);
        pour();
      }),
    );
    try {
      await drive(keepAlive(server.port, { requests: 2, concurrency: 1, timeoutMs: 15_000 }));
      expect.fail('it ran');
    } catch (error) {
      expect((error as IpvetError).message).to.contain('more than 64 MiB');
    }
  });
});
