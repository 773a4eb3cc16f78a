import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { expect } from 'chai';
import { driveConnections } from '../../../lib/load/connection-engine.ts';
import type { LoadOptions, LoadPlan } from '../../../lib/load/engine.ts';
import type { LoadProfile } from '../../../lib/model/cluster.ts';
import type { LoadResult } from '../../../lib/model/load-result.ts';
import { answerOf, aPlan, httpServer, tcpServer, toward, unreconciled } from './servers.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const closing = <T extends { close(): unknown }>(server: T): T => {
  closers.push(() => server.close());
  return server;
};

async function drive(
  url: string,
  profile: Partial<LoadProfile> = {},
  plan: Partial<LoadPlan> = {},
  options: Partial<LoadOptions> = {},
): Promise<LoadResult> {
  const whole = aPlan(1, { requests: 20, concurrency: 4, timeoutMs: 1000, ...profile }, { url, ...plan });
  const result = await driveConnections(whole, {
    endpoints: toward(whole),
    signal: new AbortController().signal,
    ...options,
  });
  expect(unreconciled(result)).to.deep.equal([]);
  return result;
}

for (const options of [{}, { sockets: 'node' }] as const) {
  describe(`exchanges over ${'sockets' in options ? "Node's sockets" : 'system calls'}`, () => {
    it('bare TCP: the handshake alone, a banner, a question', async () => {
      const silent = closing(await tcpServer(() => undefined));
      const none = { kind: 'none' } as const;
      const open = await drive(`tcp://127.0.0.1:${silent.port}`, {}, { identifyBy: none }, options);
      expect(open).to.include({ answered: 20, failed: 0 });
      expect(open.firstByte).to.equal(undefined);
      const asking = closing(await tcpServer((socket) => socket.write('rs4 is here\n')));
      const asked = await drive(
        `tcp://127.0.0.1:${asking.port}`,
        {},
        { send: 'who\n', expectBody: 'is here', identifyBy: { kind: 'body', pattern: '^(\\w+) is' } },
        options,
      );
      expect(asked.answersByRealServer).to.deep.equal({ rs4: 20 });
      expect(asked.firstByte?.count).to.equal(20);
      const wrong = await drive(
        `tcp://127.0.0.1:${asking.port}`,
        { timeoutMs: 200, requests: 4 },
        { send: 'who\n', expectBody: 'gone', identifyBy: none },
        options,
      );
      expect(wrong.errors.byKind).to.deep.equal({ 'response-timeout': 4 });
    });

    it('UDP: an echo, silence, another answer, nobody there', async () => {
      const socket = createSocket('udp4');
      let behaviour: 'echo' | 'silent' | 'other' = 'echo';
      socket.on('message', (bytes, { port, address }) => {
        if (behaviour !== 'silent') socket.send(behaviour === 'echo' ? bytes : 'something', port, address);
      });
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const { port } = socket.address();
      const url = `udp://127.0.0.1:${port}`;
      const profile = { timeoutMs: 200, requests: 8 };
      expect(await drive(url, profile, {}, options)).to.include({ answered: 8, failed: 0 });
      behaviour = 'silent';
      expect((await drive(url, profile, {}, options)).errors.byKind).to.deep.equal({ 'response-timeout': 8 });
      behaviour = 'other';
      expect((await drive(url, profile, {}, options)).errors.byKind).to.deep.equal({ 'bad-body': 8 });
      await new Promise<void>((resolve) => socket.close(resolve));
      expect((await drive(url, profile, {}, options)).errors.byKind).to.deep.equal({ refused: 8 });
    });

    it('many requests on one connection, as long as the server keeps it open', async () => {
      const server = closing(await httpServer((_, response) => response.setHeader('x-real-server', 'rs1').end('ok')));
      const url = `http://127.0.0.1:${server.port}/`;
      const kept = await drive(url, { requests: 40, concurrency: 2, requestsPerConnection: 10 }, {}, options);
      expect(kept).to.include({ answered: 40, connections: 4 });
      const closed = closing(await tcpServer((socket) => socket.end(answerOf('rs1'))));
      const each = await drive(
        `http://127.0.0.1:${closed.port}/`,
        { requests: 12, concurrency: 2, requestsPerConnection: 10 },
        {},
        options,
      );
      expect(each).to.include({ answered: 12, connections: 12 });
    });

    it('a page that is not the one expected', async () => {
      const server = closing(await tcpServer((socket) => socket.end(answerOf('rs2'))));
      const result = await drive(
        `http://127.0.0.1:${server.port}/`,
        { requests: 4 },
        { expectBody: 'I am rs1' },
        options,
      );
      expect(result.errors.byKind).to.deep.equal({ 'bad-body': 4 });
      expect(result.errors.examples[0]?.message).to.equal('not the body expected from rs2: "I am rs2\\n"');
    });

    it('source addresses in turn', async function () {
      if (process.platform !== 'linux') return this.skip();
      const from = new Map<string, number>();
      const server = closing(
        await tcpServer((socket) => {
          from.set(socket.remoteAddress ?? '', (from.get(socket.remoteAddress ?? '') ?? 0) + 1);
          socket.end(answerOf('rs1'));
        }),
      );
      const sources = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
      const result = await drive(
        `http://127.0.0.1:${server.port}/`,
        { requests: 30, threads: 1 },
        { sources },
        options,
      );
      expect(result).to.include({ answered: 30, source: '127.0.0.2' });
      expect(result.sources).to.deep.equal(sources);
      expect(Object.fromEntries([...from].sort())).to.deep.equal({ '127.0.0.2': 10, '127.0.0.3': 10, '127.0.0.4': 10 });
      return undefined;
    });
  });
}

describe('exchanges over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipvet-tls-'));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const certificateOf = (name: string) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert, '-subj', `/O=test/CN=${name}`], { stdio: 'pipe' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  };

  it('tells real servers apart by the subject of their certificate, with HTTP and without', async () => {
    const asked = new Set<string | false | null>();
    const server = createTlsServer({ ...certificateOf('rs3') }, (socket) => {
      asked.add(socket.servername);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answerOf('nobody')));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing(server);
    const { port } = server.address() as AddressInfo;
    const plan = { identifyBy: { kind: 'certificate' }, serverName: 'www.example.com' } as const;
    const https = await drive(`https://127.0.0.1:${port}/`, { timeoutMs: 5000 }, plan);
    expect(https).to.include({ answered: 20, failed: 0, unattributed: 0 });
    expect(https.answersByRealServer).to.deep.equal({ rs3: 20 });
    expect(https.secured?.count).to.equal(20);
    expect(https.secured?.minMs).to.be.above(https.connect?.minMs ?? Infinity);
    expect([...asked]).to.deep.equal(['www.example.com']);
    const bare = await drive(`tls://127.0.0.1:${port}`, { timeoutMs: 5000 }, { ...plan, send: 'x' });
    expect(bare.answersByRealServer).to.deep.equal({ rs3: 20 });
    const handshakes = await drive(`tls://127.0.0.1:${port}`, { timeoutMs: 5000 }, plan);
    expect(handshakes.answersByRealServer).to.deep.equal({ rs3: 20 });
  });

  it('names a server that speaks no TLS, and one that never answers', async () => {
    const plain = closing(await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const result = await drive(`https://127.0.0.1:${plain.port}/`, { requests: 4 });
    expect(result.errors.byKind).to.deep.equal({ other: 4 });
    const silent = closing(await tcpServer(() => undefined));
    const late = await drive(`https://127.0.0.1:${silent.port}/`, { requests: 4, timeoutMs: 200 });
    expect(late.errors.byKind).to.deep.equal({ 'response-timeout': 4 });
    expect(late.errors.examples[0]?.message).to.equal('connected, no TLS handshake within 200 ms');
  });
});
