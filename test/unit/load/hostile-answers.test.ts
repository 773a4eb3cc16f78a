/** Real servers whose answers have no end: every request ends by name, and memory stays where it was. */
import type { Socket } from 'node:net';

import { expect } from 'chai';

import { driveConnections } from '../../../lib/load/connection-engine.ts';
import { driveKeepAlive } from '../../../lib/load/keepalive-engine.ts';
import { aPlan, tcpServer, type TestServer, toward, unreconciled } from './servers.ts';

const { signal } = new AbortController();

function pour(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (socket.writable && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

const answers: Readonly<Record<string, readonly [first: string, piece: Buffer]>> = {
  'a header line without end': ['HTTP/1.1 200 OK\r\nX-Real-Server: ', Buffer.alloc(64 * 1024, 'y')],
  'headers without end': ['HTTP/1.1 200 OK\r\n', Buffer.from('X-Real-Server: rs1\r\n'.repeat(3000))],
  'a status line without end': ['HTTP/1.1 200 ', Buffer.alloc(64 * 1024, 'K')],
  'no HTTP at all': ['', Buffer.alloc(64 * 1024, 0xff)],
  'a page without end': ['HTTP/1.1 200 OK\r\nX-Real-Server: rs1\r\n\r\n', Buffer.alloc(64 * 1024, 'p')],
  'chunks without end': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    Buffer.from(`4000\r\n${'c'.repeat(0x4000)}\r\n`.repeat(4)),
  ],
};

describe('answers without end', function () {
  this.timeout(30_000);
  let server: TestServer;
  afterEach(() => server.close());

  for (const [mode, drive] of [
    ['ab', driveConnections],
    ['keepalive', driveKeepAlive],
  ] as const) {
    for (const [what, [first, piece]] of Object.entries(answers)) {
      it(`${mode}: ${what}`, async () => {
        server = await tcpServer((socket) => {
          socket.write(first);
          pour(socket, piece);
        });
        const profile = { mode, requests: 8, concurrency: 4, timeoutMs: 1000, abortAfterFailures: 8 };
        const plan = aPlan(server.port, profile, { identifyBy: { kind: 'body', pattern: 'nowhere' } });
        const before = process.memoryUsage.rss();
        const startedAt = performance.now();
        const result = await drive(plan, { endpoints: toward(plan), signal }).catch((error: unknown) => error);
        expect(performance.now() - startedAt).to.be.below(15_000);
        // autocannon holds an answer whole, up to 64 MiB for each of the four.
        expect((process.memoryUsage.rss() - before) / (1 << 20)).to.be.below(mode === 'ab' ? 120 : 500);
        if (result instanceof Error) {
          expect(result).to.include({ code: 'LOAD' });
          return;
        }
        expect(result).to.include({ answered: 0 });
        expect(unreconciled(result as Parameters<typeof unreconciled>[0])).to.deep.equal([]);
        expect(JSON.stringify(result).length).to.be.below(20_000);
      });
    }
  }
});
