import { expect } from 'chai';
import { driveConnections } from '../../../lib/load/connection-engine.ts';
import type { LoadOptions, LoadPlan } from '../../../lib/load/engine.ts';
import type { LoadProfile, OpenLoop } from '../../../lib/model/cluster.ts';
import type { LoadResult } from '../../../lib/model/load-result.ts';
import { answerOf, aPlan, closedPort, tcpServer, type TestServer, toward, unreconciled } from './servers.ts';

const steady = (rate: number, durationMs: number): OpenLoop => ({
  arrivals: 'constant',
  stages: [{ fromRps: rate, toRps: rate, durationMs }],
});

describe('open loop', () => {
  let server: TestServer;
  afterEach(() => server.close());

  const drive = async (
    profile: Partial<LoadProfile>,
    plan: Partial<LoadPlan> = {},
    options: Partial<LoadOptions> = {},
  ): Promise<LoadResult> => {
    const whole = aPlan(server.port, { requests: 10_000, concurrency: 50, ...profile }, plan);
    const result = await driveConnections(whole, {
      endpoints: toward(whole),
      signal: new AbortController().signal,
      ...options,
    });
    expect(unreconciled(result)).to.deep.equal([]);
    return result;
  };

  for (const sockets of [undefined, 'node'] as const) {
    it(`begins requests when their time has come, whatever the answers do (${sockets ?? 'system calls'})`, async () => {
      server = await tcpServer((socket) => setTimeout(() => socket.end(answerOf('rs1')), 40));
      const result = await drive({ openLoop: steady(200, 1000) }, {}, sockets === undefined ? {} : { sockets });
      expect(result).to.include({ sent: 200, requested: 200, answered: 200 });
      expect(result.openLoop?.offeredRps).to.be.closeTo(200, 1);
      expect(result.openLoop?.achievedRps).to.be.within(150, 201);
      // Five a second fewer would be what one place at a time makes of answers that take 40 ms.
      expect(result.durationMs).to.be.within(1000, 2500);
      expect(result.corrected?.count).to.equal(200);
      expect(result.corrected?.p50Ms).to.be.at.least((result.total?.p50Ms ?? 0) - 1);
    });
  }

  it('shows in corrected times what a service that stands still does, and raw times hide', async () => {
    let turn = 0;
    // One of the requests holds the only place for 500 ms; those that should have begun meanwhile wait.
    server = await tcpServer((socket) => setTimeout(() => socket.end(answerOf('rs1')), turn++ === 20 ? 500 : 1));
    const result = await drive({ openLoop: steady(100, 1000), concurrency: 1 });
    expect(result.answered).to.equal(100);
    expect(result.total?.p90Ms).to.be.below(150);
    expect(result.corrected?.p90Ms).to.be.above(300);
    expect(result.openLoop?.waitedForPlace).to.be.above(30);
    expect(result.openLoop?.lateSends).to.be.at.least(result.openLoop?.waitedForPlace ?? Infinity);
    expect(result.openLoop?.lateness?.maxMs).to.be.above(300);
  });

  it('goes through stages, and books each request where it belongs', async () => {
    server = await tcpServer((socket) => socket.end(answerOf('rs1')));
    const stages = [
      { fromRps: 0, toRps: 200, durationMs: 500 },
      { fromRps: 100, toRps: 100, durationMs: 300 },
    ];
    const result = await drive({ openLoop: { arrivals: 'constant', stages } });
    expect(result.openLoop?.stages.map(({ offered, answered, atMs }) => [offered, answered, atMs])).to.deep.equal([
      [50, 50, 0],
      [30, 30, 500],
    ]);
  });

  it('is the same on two threads, and the same again for the same seed', async () => {
    server = await tcpServer((socket) => socket.end(answerOf('rs1')));
    const openLoop: OpenLoop = { arrivals: 'poisson', stages: [{ fromRps: 300, toRps: 300, durationMs: 500 }] };
    const one = await drive({ openLoop }, { seed: 9 });
    const two = await drive({ openLoop, threads: 2 }, { seed: 9 });
    expect(two.sent).to.equal(one.sent);
    expect(two.openLoop?.seed).to.equal(9);
    expect(two.generator.threads).to.have.length(2);
    expect(server.accepted()).to.equal(2 * one.sent);
  });

  it('says that a rate was not reached', async () => {
    server = await tcpServer((socket) => setTimeout(() => socket.end(answerOf('rs1')), 50));
    const result = await drive({ openLoop: steady(2000, 500), concurrency: 2 });
    expect(result.openLoop?.achievedRps).to.be.below(100);
    expect(result.openLoop?.offeredRps).to.be.closeTo(2000, 5);
    expect(result).to.include({ stopped: 'time-limit', requested: 1000 });
    expect(result.sent).to.be.within(20, 80);
    expect(result.openLoop?.waitedForPlace).to.be.above(15);
  });

  it('stops at the time limit, after so many failures, and when interrupted', async () => {
    server = await tcpServer((socket) => socket.end(answerOf('rs1')));
    const limited = await drive({ openLoop: steady(100, 60_000), timeLimitMs: 300 });
    expect(limited).to.include({ stopped: 'time-limit', failed: 0 });
    expect(limited.sent).to.be.within(10, 40);
    const port = await closedPort();
    const dead = await drive(
      { openLoop: steady(100, 60_000), abortAfterFailures: 5, threads: 2 },
      { url: `http://127.0.0.1:${port}/` },
    );
    expect(dead).to.include({ stopped: 'failures', answered: 0 });
    expect(dead.failed).to.be.within(5, 10);
    const begun = performance.now();
    const cut = await drive({ openLoop: steady(1, 60_000) }, {}, { signal: AbortSignal.timeout(200) });
    expect(cut.stopped).to.equal('interrupted');
    expect(performance.now() - begun).to.be.below(3000);
  });
});
