import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import type { AgentReport } from '../../../lib/load/agent-messages.ts';
import { synTimesS } from '../../../lib/load/syn-book.ts';
import { driveLoad as drive } from '../../../lib/load/drive.ts';
import type { LoadOptions, LoadPlan } from '../../../lib/load/engine.ts';
import { answerOf, aPlan, toward, httpServer, tcpServer, type TestServer, unreconciled } from './servers.ts';

const never = new AbortController().signal;
const driveLoad = (plan: LoadPlan, options: Omit<LoadOptions, 'endpoints'>) =>
  drive(plan, { endpoints: toward(plan), ...options });
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Agents that are children of this process. */
function agents(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('load/agent');
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('driveLoad', () => {
  const servers: TestServer[] = [];
  const serve = (server: TestServer) => {
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  const refusal = async (plan: LoadPlan): Promise<IpvetError> => {
    try {
      await driveLoad(plan, { signal: never });
    } catch (error) {
      if (error instanceof IpvetError) return error;
      throw error;
    }
    return expect.fail('it ran');
  };

  it('starts its process at once, and sends nothing before what it waits for', async () => {
    const server = serve(await tcpServer((socket) => socket.end(answerOf('rs1'))));
    let begin: () => void = () => undefined;
    const after = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const loading = driveLoad(aPlan(server.port, { requests: 5 }), { signal: never, after });
    expect(agents()).to.have.length(1);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(server.accepted()).to.equal(0);
    begin();
    expect(await loading).to.include({ answered: 5, failed: 0 });
  });

  it('ends its process, and fails as that does, when what it waits for fails', async () => {
    const failure = new IpvetError('SSH_TIMEOUT', 'no answer');
    const after = Promise.reject(failure);
    const caught: unknown = await driveLoad(aPlan(1), { signal: never, after }).catch((error: unknown) => error);
    expect(caught).to.equal(failure);
    for (let tries = 50; tries > 0 && agents().length > 0; tries--)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(agents()).to.deep.equal([]);
  });

  it('tells how each request ended, by its source port, when asked', async () => {
    const ports: number[] = [];
    const server = serve(
      await httpServer((request, response) => {
        ports.push(request.socket.remotePort ?? 0);
        response.setHeader('x-real-server', 'rs1').end('ok');
      }),
    );
    const { each = [] } = await driveLoad(
      { ...aPlan(server.port, { requests: 6 }), tellEach: true },
      { signal: never },
    );
    expect(each.map(({ localPort }) => localPort).toSorted()).to.deep.equal(ports.toSorted());
    for (const { sourceAddress, outcome, realServer, tookMs } of each) {
      expect({ sourceAddress, outcome, realServer }).to.deep.equal({
        sourceAddress: '127.0.0.1',
        outcome: 'answered',
        realServer: 'rs1',
      });
      expect(tookMs).to.be.within(0.01, 5000);
    }
    await server.close();
    const closed = await driveLoad({ ...aPlan(server.port, { requests: 2 }), tellEach: true }, { signal: never });
    expect(closed.each?.map(({ outcome }) => outcome)).to.deep.equal(['refused', 'refused']);
    for (const { localPort, message } of closed.each ?? []) {
      expect(localPort).to.be.above(0);
      expect(message).to.be.a('string');
    }
    const plain = await driveLoad(aPlan(server.port, { requests: 1 }), { signal: never });
    expect(plain).to.not.have.property('each');
  });

  it('drives both engines in a process of their own', async () => {
    const server = serve(await httpServer((_, response) => response.setHeader('x-real-server', 'rs1').end('ok')));
    for (const mode of ['ab', 'keepalive'] as const) {
      const seen: number[] = [];
      const result = await driveLoad(aPlan(server.port, { mode, requests: 40 }), {
        signal: never,
        onProgress: ({ answered }) => seen.push(answered),
      });
      expect(unreconciled(result)).to.deep.equal([]);
      expect(result).to.include({ answered: 40, engine: mode === 'ab' ? 'connection' : 'autocannon' });
      expect(seen.at(-1)).to.equal(40);
    }
    expect(agents()).to.deep.equal([]);
  });

  it('passes on what is wrong with a plan', async () => {
    const error = await refusal(aPlan(1, { requests: 0 }));
    expect(error.code).to.equal('USAGE');
    const elsewhere = await refusal(aPlan(1, {}, { sources: ['192.0.2.7'] }));
    expect(elsewhere.code).to.equal('LOAD');
    expect(elsewhere.hint).to.contain('cip');
  });

  it('refuses an address the cluster does not declare, before a process is started', async () => {
    const server = serve(await httpServer((_, response) => response.end('ok')));
    for (const url of [
      `http://127.0.0.2:${server.port}/`,
      `http://127.0.0.1:${server.port + 1}/`,
      `http://0x7f.2:${server.port}/`,
      `http://[::ffff:7f00:1]:${server.port}/`,
    ]) {
      const error = await drive(aPlan(server.port, {}, { url }), {
        endpoints: [`127.0.0.1:${server.port}`],
        signal: never,
      }).catch((thrown: unknown) => thrown);
      expect(error, url).to.be.instanceOf(IpvetError).and.include({ code: 'REFUSED' });
    }
    expect(await refusal(aPlan(server.port, {}, { url: `http://127.0.0.2@127.0.0.1:${server.port}/` }))).to.include({
      code: 'USAGE',
    });
    expect(server.accepted()).to.equal(0);
    expect(agents()).to.deep.equal([]);
  });

  it('follows no redirect, and no header or page steers it', async () => {
    const elsewhere = serve(await httpServer((_, response) => response.end('ok')));
    const place = `http://127.0.0.1:${elsewhere.port}/`;
    const server = serve(
      await httpServer((_, response) => {
        response.writeHead(302, {
          location: place,
          refresh: `0; url=${place}`,
          'x-real-server': place,
          'alt-svc': place,
        });
        response.end(`<meta http-equiv="refresh" content="0; url=${place}">`);
      }),
    );
    for (const mode of ['ab', 'keepalive'] as const) {
      const result = await driveLoad(aPlan(server.port, { mode, requests: 10 }), { signal: never });
      expect(result).to.include({ answered: 0, failed: 10 });
      expect(result.errors.byKind).to.deep.equal({ 'bad-status': 10 });
    }
    expect(elsewhere.accepted()).to.equal(0);
  });

  it('gives what it has when it is interrupted, and ends the agent', async () => {
    const interrupt = new AbortController();
    const server = serve(await tcpServer((socket) => setTimeout(() => socket.end(answerOf('rs1')), 5)));
    const result = await driveLoad(aPlan(server.port, { requests: 1_000_000 }), {
      signal: interrupt.signal,
      onProgress: () => {
        interrupt.abort();
      },
    });
    expect(result.stopped).to.equal('interrupted');
    expect(result.answered).to.be.above(0);
    expect(unreconciled(result)).to.deep.equal([]);
    expect(agents()).to.deep.equal([]);
  });

  it('reports an agent that dies with LOAD', async () => {
    const server = serve(await tcpServer(() => undefined));
    const driven = driveLoad(aPlan(server.port, { timeoutMs: 30_000 }), {
      signal: never,
      onProgress: () => {
        for (const pid of agents()) process.kill(pid, 'SIGKILL');
      },
    });
    const error: unknown = await driven.catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(IpvetError);
    expect((error as IpvetError).code).to.equal('LOAD');
    expect((error as IpvetError).message).to.contain('SIGKILL');
  });

  it('ends the agent when whoever asked is gone', async () => {
    const server = serve(await tcpServer(() => undefined));
    const agent = spawn(process.execPath, ['--import', 'tsx', 'lib/load/agent.ts'], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const plan = aPlan(server.port, { timeoutMs: 30_000 });
    agent.stdin.write(`${JSON.stringify({ kind: 'drive', plan, endpoints: toward(plan), reportProgress: true })}\n`);
    const [line] = (await once(createInterface({ input: agent.stdout }), 'line')) as [string];
    expect((JSON.parse(line) as AgentReport).kind).to.equal('progress');
    agent.stdin.end();
    const [code] = (await once(agent, 'exit')) as [number];
    expect(code).to.equal(1);
  });

  it('names descriptors that ran out', async () => {
    const server = serve(await tcpServer((socket) => setTimeout(() => socket.end(answerOf('rs1')), 300)));
    const plan = aPlan(server.port, { requests: 120, concurrency: 120, timeoutMs: 5000 });
    const script = `ulimit -n 64; exec "$0" --import tsx lib/load/agent.ts`;
    const agent = spawn('sh', ['-c', script, process.execPath], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    agent.stdin.write(`${JSON.stringify({ kind: 'drive', plan, endpoints: toward(plan), reportProgress: false })}\n`);
    const [line] = (await once(createInterface({ input: agent.stdout }), 'line')) as [string];
    const report = JSON.parse(line) as AgentReport;
    if (report.kind !== 'result') return expect.fail(line);
    expect(unreconciled(report.result)).to.deep.equal([]);
    expect(report.result.errors.byKind['no-resource']).to.be.above(50);
    expect(report.result.answered).to.be.above(10);
    expect(report.result.errors.examples[0]?.message).to.contain('EMFILE');
    agent.stdin.end();
  });

  it('counts handshakes whose SYN was lost, by the second it was sent again', async function () {
    if (process.platform !== 'linux') return this.skip();
    // With its queue full the kernel drops SYNs (tcp_conn_request, net/ipv4/tcp_input.c). The server is blind for 3.5 s: the agent has to start in that time.
    const code = `const server = require('net').createServer((s) => { s.on('error', () => 0); s.end('hello'); });
      server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        require('fs').writeSync(1, server.address().port + '\\n');
        process.stdin.once('data', () => { require('fs').writeSync(1, 'blind\\n'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3500); });
      });`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const lines = createInterface({ input: child.stdout });
      const [port] = (await once(lines, 'line')) as [string];
      child.stdin.write('now\n');
      await once(lines, 'line');
      const result = await driveLoad(
        aPlan(
          Number(port),
          { requests: 8, concurrency: 8, timeoutMs: 6000 },
          { url: `tcp://127.0.0.1:${port}`, expectBody: 'hello', identifyBy: { kind: 'none' } },
        ),
        { signal: never },
      );
      // Those whose last ACK met the full queue believe that they are connected, and hear nothing.
      expect(unreconciled(result)).to.deep.equal([]);
      const { handshakes = [], kernelCount = 0 } = result.synRetransmits ?? {};
      const slow = handshakes.reduce((sum, { connections }) => sum + connections, 0);
      // Two fit into the queue.
      expect(slow).to.be.within(1, 7);
      for (const { afterS } of handshakes) expect([...synTimesS(0), ...synTimesS(4)]).to.include(afterS);
      expect(kernelCount).to.be.at.least(slow);
      expect(result.connect?.maxMs).to.be.above(950);
    } finally {
      child.kill('SIGKILL');
    }
    return undefined;
  });

  it('says which network namespace is missing', async function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return this.skip();
    const error = await refusal(aPlan(80, {}, { netns: 'ipvet-no-such-netns' }));
    expect(error.code).to.equal('LOAD');
    expect(error.message).to.contain('ipvet-no-such-netns');
    return undefined;
  });

  describe('in a network namespace', () => {
    const netns = `ipvet-load-${process.pid}`;
    const ip = (...args: string[]) => execFileSync('ip', ['-n', netns, ...args], { stdio: 'pipe' });
    before(function () {
      if (process.platform !== 'linux' || process.getuid?.() !== 0) return this.skip();
      execFileSync('ip', ['netns', 'add', netns], { stdio: 'pipe' });
      ip('link', 'set', 'lo', 'up');
      // Nobody answers for 192.0.2.99 here, and nothing leaves the namespace: ARP is off, so SYNs are swallowed.
      ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
      ip('addr', 'add', '192.0.2.1/24', 'dev', 'near');
      ip('link', 'set', 'near', 'arp', 'off', 'up');
      ip('link', 'set', 'far', 'up');
      return undefined;
    });
    after(() => {
      execFileSync('sh', ['-c', `ip netns del ${netns} 2>/dev/null || :`]);
    });

    it('names an address that swallows SYNs, with the source ports that were tried', async () => {
      const plan = aPlan(80, { requests: 6, concurrency: 3, timeoutMs: 200 });
      const result = await driveLoad(
        { ...plan, url: 'http://192.0.2.99/', sources: ['192.0.2.1'], netns },
        { signal: never },
      );
      expect(unreconciled(result)).to.deep.equal([]);
      expect(result.errors.byKind).to.deep.equal({ 'connect-timeout': 6 });
      const ports = result.errors.examples.map(({ localPort }) => localPort);
      expect(new Set(ports).size).to.equal(6);
      expect(ports).not.to.include(0);
    });

    it('waits for a handshake no longer than it is told to', async () => {
      const plan = aPlan(80, { requests: 2, concurrency: 2, timeoutMs: 10_000, connectTimeoutMs: 200 });
      const result = await driveLoad(
        { ...plan, url: 'http://192.0.2.99/', sources: ['192.0.2.1'], netns },
        { signal: never },
      );
      expect(result.errors.byKind).to.deep.equal({ 'connect-timeout': 2 });
      expect(result.durationMs).to.be.below(5000);
      expect(result.errors.examples[0]?.message).to.equal('no SYN-ACK within 200 ms');
    });

    it('names an address there is no route to', async () => {
      const plan = aPlan(80, { requests: 4, concurrency: 2 });
      const result = await driveLoad(
        { ...plan, url: 'http://203.0.113.9/', sources: ['192.0.2.1'], netns },
        { signal: never },
      );
      expect(result.errors.byKind).to.deep.equal({ unreachable: 4 });
    });

    it('names source ports that ran out', async () => {
      execFileSync('ip', ['netns', 'exec', netns, 'sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40003']);
      const plan = aPlan(80, { requests: 12, concurrency: 12, timeoutMs: 300 });
      const result = await driveLoad(
        { ...plan, url: 'http://192.0.2.99/', sources: ['192.0.2.1'], netns },
        { signal: never },
      );
      expect(unreconciled(result)).to.deep.equal([]);
      expect(result.errors.byKind['no-resource']).to.be.at.least(8);
    });
  });
});
