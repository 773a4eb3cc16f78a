import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import { driveConnections } from '../../../lib/load/connection-engine.ts';
import type { LoadPlan } from '../../../lib/load/engine.ts';
import { IpvetError } from '../../../lib/errors.ts';
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

describe('connection engine', () => {
  const servers: TestServer[] = [];
  const serve = (server: TestServer) => {
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const drive = async (plan: LoadPlan, signal = new AbortController().signal): Promise<LoadResult> => {
    const result = await driveConnections(plan, { endpoints: toward(plan), signal });
    expect(unreconciled(result)).to.deep.equal([]);
    return result;
  };

  it('opens one connection per request, and counts which real server answered each', async () => {
    let turn = 0;
    const server = serve(await tcpServer((socket) => socket.end(answerOf(`rs${(turn++ % 3) + 1}`))));
    const result = await drive(aPlan(server.port, { requests: 300, concurrency: 20 }));
    expect(result).to.include({ sent: 300, answered: 300, failed: 0, connections: 300, unattributed: 0 });
    expect(result.answersByRealServer).to.deep.equal({ rs1: 100, rs2: 100, rs3: 100 });
    expect(server.accepted()).to.equal(300);
    expect(result.connect?.count).to.equal(300);
    expect(result.total?.p50Ms).to.be.within(result.connect?.minMs ?? Infinity, result.durationMs);
    expect(result.stopped).to.equal(undefined);
  });

  it('lets the server close first, so that TIME_WAIT does not hold its own ports', async () => {
    const orders: string[] = [];
    const all = new EventEmitter();
    const server = serve(
      await tcpServer((socket) => {
        let ended = false;
        socket.on('end', () => {
          if (orders.push(ended ? 'server first' : 'client first') === 6) all.emit('seen');
        });
        socket.write(answerOf('rs1'));
        setTimeout(() => {
          ended = true;
          socket.end();
        }, 20);
      }),
    );
    await Promise.all([once(all, 'seen'), drive(aPlan(server.port, { requests: 6, concurrency: 3 }))]);
    expect(orders).to.deep.equal(Array(6).fill('server first'));
  });

  it('counts an answer whose server never closes', async () => {
    const server = serve(await tcpServer((socket) => socket.write(answerOf('rs1')), { allowHalfOpen: true }));
    const result = await drive(aPlan(server.port, { requests: 2, concurrency: 2, timeoutMs: 300 }));
    expect(result).to.include({ answered: 2, failed: 0 });
    expect(result.total?.maxMs).to.be.below(300);
  });

  it('speaks with a real HTTP server, chunked or not, and finds names in headers and bodies', async () => {
    const server = serve(
      await httpServer((_, response) => {
        response.setHeader('x-real-server', ' rs7 ');
        response.write('<h1>this is ');
        setImmediate(() => response.end('rs7</h1>'));
      }),
    );
    const byHeader = await drive(aPlan(server.port));
    expect(byHeader.answersByRealServer).to.deep.equal({ rs7: 50 });
    const body = { kind: 'body', pattern: 'this is (\\w+)<' } as const;
    const byBody = await drive(aPlan(server.port, {}, { identifyBy: body }));
    expect(byBody.answersByRealServer).to.deep.equal({ rs7: 50 });
    const none = await drive(aPlan(server.port, {}, { identifyBy: { kind: 'none' } }));
    expect(none).to.include({ answered: 50, unattributed: 50 });
  });

  it('drives IPv6', async () => {
    const server = serve(await httpServer((_, response) => response.end('ok'), '::1'));
    const url = `http://[::1]:${server.port}/`;
    const result = await drive(aPlan(server.port, {}, { url, sources: ['::1'] }));
    expect(result).to.include({ answered: 50, unattributed: 50 });
  });

  describe('names each failure', () => {
    /** Runs against a server that fails every request, and gives the one kind and the examples. */
    const failing = async (port: number, profile = {}): Promise<LoadResult> => {
      const result = await drive(aPlan(port, { requests: 6, concurrency: 3, timeoutMs: 150, ...profile }));
      expect(result.answered).to.equal(0);
      expect(result.sent).to.equal(6);
      for (const { localPort, atMs } of result.errors.examples) {
        expect(localPort).to.be.within(1024, 65535);
        expect(atMs).to.be.within(0, result.durationMs);
      }
      expect(new Set(result.errors.examples.map(({ localPort }) => localPort)).size).to.equal(6);
      return result;
    };

    it('refused', async () => {
      const result = await failing(await closedPort());
      expect(result.errors.byKind).to.deep.equal({ refused: 6 });
      expect(result.connect).to.equal(undefined);
      expect(result.total).to.equal(undefined);
    });

    it('reset in the middle of an answer', async () => {
      const server = serve(
        await tcpServer((socket) => {
          socket.write(answerOf('rs1', { length: 1000 }), () => socket.resetAndDestroy());
        }),
      );
      expect((await failing(server.port)).errors.byKind).to.deep.equal({ reset: 6 });
    });

    it('accepted and never answered', async () => {
      const server = serve(await tcpServer(() => undefined));
      // The handshake's own deadline is over with it.
      const result = await failing(server.port, { connectTimeoutMs: 20 });
      expect(result.errors.byKind).to.deep.equal({ 'response-timeout': 6 });
      expect(result.connect?.count).to.equal(6);
      expect(result.durationMs).to.be.within(300, 900);
    });

    it('closed without an answer, within the header, and within the body', async () => {
      const whole = answerOf('rs1');
      const cuts = ['', 'HTTP/1.1 20', whole.slice(0, -3)];
      let turn = 0;
      const server = serve(await tcpServer((socket) => socket.end(cuts[turn++ % 3] ?? '')));
      const result = await failing(server.port);
      expect(result.errors.byKind).to.deep.equal({ 'short-read': 6 });
      expect(result.errors.examples.map(({ message }) => message)).to.include.members([
        'closed without an answer',
        'closed within the header, after 11 bytes',
        '6 of 9 bytes of the body',
      ]);
    });

    it('closed within a chunked body', async () => {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      const server = serve(await tcpServer((socket) => socket.end(`${head}5\r\nhello\r\n5\r\nwo`)));
      expect((await failing(server.port)).errors.byKind).to.deep.equal({ 'short-read': 6 });
    });

    it('another status, with the real server that gave it', async () => {
      const server = serve(await tcpServer((socket) => socket.end(answerOf('rs2', { status: 502 }))));
      const result = await failing(server.port);
      expect(result.errors.byKind).to.deep.equal({ 'bad-status': 6 });
      expect(result.errors.examples[0]?.message).to.equal('HTTP 502 from rs2');
    });

    it('garbage, at once and not at the deadline', async () => {
      const server = serve(await tcpServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian\r\n')));
      const result = await failing(server.port, { timeoutMs: 60_000 });
      expect(result.errors.byKind).to.deep.equal({ other: 6 });
      expect(result.errors.examples[0]?.message).to.contain('SSH-2.0');
    });

    it('a header that does not end', async () => {
      const server = serve(await tcpServer((socket) => socket.write(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(200_000)}`)));
      expect((await failing(server.port, { timeoutMs: 60_000 })).errors.byKind).to.deep.equal({ other: 6 });
    });
  });

  it('stops reading an endless answer at the deadline, and keeps none of it', async () => {
    const block = Buffer.alloc(256 * 1024, 'x');
    const server = serve(
      await tcpServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n');
        const pour = () => {
          while (!socket.destroyed && socket.write(block));
        };
        socket.on('drain', pour);
        pour();
      }),
    );
    const before = process.memoryUsage().arrayBuffers;
    const body = { kind: 'body', pattern: 'y' } as const;
    const result = await drive(
      aPlan(server.port, { requests: 4, concurrency: 2, timeoutMs: 200 }, { identifyBy: body }),
    );
    const { sent, answered, errors, durationMs } = result;
    expect({ sent, answered, byKind: errors.byKind }, `${durationMs} ms`).to.deep.equal({
      sent: 4,
      answered: 0,
      byKind: { 'response-timeout': 4 },
    });
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(32 * 1024 * 1024);
  });

  it('stops after so many failures and says what was left', async () => {
    const result = await drive(aPlan(await closedPort(), { requests: 500, concurrency: 4, abortAfterFailures: 10 }));
    expect(result.stopped).to.equal('failures');
    expect(result.failed).to.be.within(10, 13);
    expect(result.requested).to.equal(500);
  });

  it('stops for one failure once it has run for so long, whether that came before or after', async () => {
    let turn = 0;
    const resetting = serve(
      await tcpServer((socket) => {
        if (++turn === 3) socket.resetAndDestroy();
        else setTimeout(() => socket.end(answerOf('rs1')), 20);
      }),
    );
    const early = await drive(aPlan(resetting.port, { requests: 500, concurrency: 2, failureEndsAfterMs: 300 }));
    expect(early).to.include({ stopped: 'failures', failed: 1 });
    expect(early.durationMs).to.be.within(290, 1500);

    const well = serve(await tcpServer((socket) => setTimeout(() => socket.end(answerOf('rs1')), 20)));
    const late = await drive(aPlan(well.port, { requests: 40, concurrency: 2, failureEndsAfterMs: 100 }));
    expect(late).to.include({ answered: 40, failed: 0 });

    const refusing = await drive(aPlan(await closedPort(), { requests: 500, concurrency: 4, failureEndsAfterMs: 0 }));
    expect(refusing.stopped).to.equal('failures');
    expect(refusing.failed).to.be.within(1, 4);
  });

  it('stops at the time limit, after those under way have ended', async () => {
    const server = serve(await tcpServer((socket) => setTimeout(() => socket.end(answerOf('rs1')), 40)));
    const result = await drive(aPlan(server.port, { requests: 100_000, concurrency: 4, timeLimitMs: 300 }));
    expect(result.stopped).to.equal('time-limit');
    expect(result.failed).to.equal(0);
    expect(result.durationMs).to.be.within(280, 900);
    expect(result.answered).to.equal(server.accepted());
  });

  it('ends soon when it is interrupted, and says what it cut off', async () => {
    const interrupt = new AbortController();
    let seen = 0;
    const server = serve(
      await tcpServer((socket) => {
        seen++;
        if (seen <= 20) socket.end(answerOf('rs1'));
        if (seen === 24) interrupt.abort();
      }),
    );
    const begun = performance.now();
    const result = await drive(
      aPlan(server.port, { requests: 1000, concurrency: 4, timeoutMs: 30_000 }),
      interrupt.signal,
    );
    expect(result.stopped).to.equal('interrupted');
    expect(result).to.include({ sent: 24, answered: 20, failed: 4 });
    expect(result.errors.byKind).to.deep.equal({ other: 4 });
    expect(performance.now() - begun).to.be.below(5000);
  });

  it('sends nothing when it was interrupted before it began', async () => {
    const result = await drive(aPlan(await closedPort()), AbortSignal.abort());
    expect(result).to.include({ sent: 0, stopped: 'interrupted', rateRps: 0 });
  });

  it('reports progress up to the end', async () => {
    const server = serve(await tcpServer((socket) => setTimeout(() => socket.end(answerOf('rs1')), 30)));
    const seen: number[] = [];
    const plan = aPlan(server.port, { requests: 60, concurrency: 4 });
    await driveConnections(plan, {
      endpoints: toward(plan),
      signal: new AbortController().signal,
      onProgress: ({ answered }) => seen.push(answered),
    });
    expect(seen.length).to.be.above(1);
    expect(seen.at(-1)).to.equal(60);
    expect(seen).to.deep.equal([...seen].sort((a, b) => a - b));
  });

  describe('refuses a plan that cannot be run', () => {
    const code = async (plan: LoadPlan): Promise<string> => {
      try {
        await drive(plan);
        return 'ran';
      } catch (error) {
        return error instanceof IpvetError ? `${error.code}: ${error.message}` : String(error);
      }
    };
    it('no requests, no concurrency, no patience', async () => {
      expect(await code(aPlan(1, { requests: 0 }))).to.match(/^USAGE: .*smoke.*requests/);
      expect(await code(aPlan(1, { requests: 1.5 }))).to.match(/^USAGE/);
      expect(await code(aPlan(1, { concurrency: -1 }))).to.match(/^USAGE: .*concurrency/);
      expect(await code(aPlan(1, { timeoutMs: Number.NaN }))).to.match(/^USAGE: .*timeout/);
    });
    it('a URL that is none, is not http, or has a name', async () => {
      expect(await code(aPlan(1, {}, { url: 'nonsense' }))).to.match(/^USAGE/);
      expect(await code(aPlan(1, {}, { url: 'ftp://127.0.0.1/' }))).to.match(/^USAGE/);
      expect(await code(aPlan(1, {}, { url: 'http://example.com/' }))).to.match(/^USAGE/);
      expect(await code(aPlan(1, {}, { url: 'http://[::1]/' }))).to.match(/^USAGE: .*family/);
    });
    it('a source address this machine does not have', async () => {
      const source = '192.0.2.7';
      expect(await code(aPlan(1, {}, { sources: [source] }))).to.match(/^LOAD: .*192\.0\.2\.7 of client client1/);
    });
  });

  it('reconciles whatever mixture of servers it meets', async () => {
    type Behaviour = 'answer' | 'slow' | 'reset' | 'silent' | 'short' | 'status' | 'garbage' | 'close';
    const behaviours: Behaviour[] = ['answer', 'slow', 'reset', 'silent', 'short', 'status', 'garbage', 'close'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...behaviours), { minLength: 1, maxLength: 40 }),
        fc.record({
          requests: fc.integer({ min: 1, max: 60 }),
          concurrency: fc.integer({ min: 1, max: 70 }),
          abortAfterFailures: fc.integer({ min: 1, max: 60 }),
        }),
        async (script, profile) => {
          let turn = 0;
          const server = await tcpServer((socket) => {
            switch (script[turn++ % script.length]) {
              case 'answer':
                return void socket.end(answerOf('rs1'));
              case 'slow':
                return void setTimeout(() => socket.end(answerOf('rs2')), 5);
              case 'reset':
                return void socket.resetAndDestroy();
              case 'short':
                return void socket.end(answerOf('rs1', { length: 99 }));
              case 'status':
                return void socket.end(answerOf('rs1', { status: 500 }));
              case 'garbage':
                return void socket.end('\0\0\0');
              case 'close':
                return void socket.end();
              case 'silent':
              case undefined:
                return;
            }
          });
          try {
            const result = await drive(aPlan(server.port, { ...profile, timeoutMs: 60 }));
            expect(server.accepted()).to.be.at.most(result.sent);
          } finally {
            await server.close();
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('leaves no socket behind', async () => {
    const server = serve(await tcpServer((socket) => socket.end(answerOf('rs1'))));
    await drive(aPlan(server.port));
    await server.close();
    // Destroyed sockets are gone some turns of the event loop later.
    const left = () => process.getActiveResourcesInfo();
    for (let turn = 0; turn < 1000 && left().includes('TCPSocketWrap'); turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(left()).not.to.include('TCPSocketWrap');
  });
});
