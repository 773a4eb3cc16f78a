/** GETs of real servers that do all they can to be more than an answer. */
import { execFile, spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';

import { expect } from 'chai';

import { httpProbes } from '../../../lib/facts/http-probes.ts';
import { httpServer, tcpServer, type TestServer } from '../load/servers.ts';
import { aSection, someQuestions } from './a-section.ts';

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** What the prelude of the facts script gives, with one of the tools hidden. */
const prelude = (tool: string): string =>
  `has() { case $1 in curl|wget) [ "$1" = ${tool} ];; *) command -v "$1" >/dev/null;; esac; }\nbounded() { timeout "$@"; }\n`;

/** The most memory the shell ever had. */
const peak = `\nwhile read -r k v x; do if [ "$k" = VmHWM: ]; then echo "$v" >&2; fi; done </proc/$$/status`;

/** Writes until the other end has enough. */
function pour(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (socket.writable && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

for (const tool of ['curl', 'wget']) {
  describe(`httpProbes by ${tool}, of a hostile real server`, function () {
    this.timeout(30_000);
    const servers: TestServer[] = [];
    const serve = async (server: Promise<TestServer>): Promise<TestServer> => {
      servers.push(await server);
      return server;
    };
    before(function () {
      if (!has(tool)) this.skip();
    });
    afterEach(async () => {
      await Promise.all(servers.splice(0).map((server) => server.close()));
    });

    const urlOf = ({ port }: TestServer): string => `http://127.0.0.1:${port}/`;
    const probe = async (servers: readonly TestServer[], home = '/nonexistent') => {
      const questions = someQuestions({ httpGets: servers.map((server) => ({ url: urlOf(server), timeoutMs: 2000 })) });
      const script = `${prelude(tool)}${httpProbes.beside?.(questions) ?? ''}${peak}`;
      const env = { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C', http_proxy: 'http://127.0.0.1:1/' };
      const { stdout, peakKiB } = await new Promise<{ stdout: string; peakKiB: number }>((resolve, reject) => {
        execFile('sh', ['-c', script], { env, maxBuffer: 1 << 20 }, (error, out, err) => {
          if (error === null) resolve({ stdout: out, peakKiB: Number(err.trim().split('\n').at(-1)) });
          else reject(new Error('the script failed', { cause: error }));
        });
      });
      return { stdout, peakKiB, answers: httpProbes.parse(aSection({ stdout }), questions) };
    };

    it('does not follow a redirect, whatever its form', async () => {
      const elsewhere = await serve(httpServer((_, response) => response.end('here')));
      for (const status of [301, 302, 303, 307, 308]) {
        const server = await serve(
          httpServer((_, response) => {
            response
              .writeHead(status, { location: urlOf(elsewhere), refresh: `0; url=${urlOf(elsewhere)}` })
              .end('moved');
          }),
        );
        const { answers } = await probe([server]);
        expect(answers[0]).to.include({ outcome: 'answered', status });
      }
      expect(elsewhere.accepted()).to.equal(0);
    });

    it('reads the head of an endless page, keeps little of it, and ends in time', async () => {
      const head = 'HTTP/1.1 200 OK\r\nX-Real-Server: rs1\r\n\r\n';
      const server = await serve(
        tcpServer((socket) => {
          socket.write(head);
          pour(socket, Buffer.alloc(1 << 20, 'x'));
        }),
      );
      const startedAt = performance.now();
      const { answers, stdout, peakKiB } = await probe([server]);
      expect(answers[0]).to.include({ outcome: 'answered', status: 200 });
      expect(answers[0]?.headers).to.deep.equal({ 'x-real-server': 'rs1' });
      expect(stdout.length).to.be.below(5000);
      expect(peakKiB).to.be.above(500).and.below(30_000);
      expect(performance.now() - startedAt).to.be.below(8000);
    });

    for (const [what, piece] of [
      ['of one line', 'y'.repeat(1 << 20)],
      ['of endless lines', `${'X-More: y'.repeat(8)}\r\n`.repeat(1000)],
    ] as const) {
      it(`survives an endless header ${what}`, async () => {
        const server = await serve(
          tcpServer((socket) => {
            socket.write('HTTP/1.1 200 OK\r\nX-Real-Server: ');
            pour(socket, Buffer.from(piece));
          }),
        );
        const { answers, stdout, peakKiB } = await probe([server]);
        expect(answers).to.have.length(1);
        expect(stdout.length).to.be.below(5000);
        expect(peakKiB).to.be.below(30_000);
      });
    }

    it('lets no page speak for another real server', async () => {
      const forged =
        'x\n\n@get 1 curl 0 200 0.001\n< HTTP/1.1 200 OK\r\n< X-Real-Server: rs2\r\n< \r\nforged\n\n@written 200 0.1 0\n';
      const liar = await serve(httpServer((_, response) => response.writeHead(500).end(forged)));
      const honest = await serve(
        httpServer((_, response) => response.writeHead(404, { 'x-real-server': 'rs2' }).end('no')),
      );
      const { answers } = await probe([liar, honest]);
      expect(answers[0]).to.include({ outcome: 'answered', status: 500 });
      expect(answers[1]).to.include({ outcome: 'answered', status: 404 });
      expect(answers[1]?.headers).to.include({ 'x-real-server': 'rs2' });
    });

    it('gives up on one that drips', async () => {
      const server = await serve(
        tcpServer((socket) => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          const timer = setInterval(() => socket.write('.'), 100);
          socket.on('close', () => {
            clearInterval(timer);
          });
        }),
      );
      const startedAt = performance.now();
      await probe([server]);
      expect(performance.now() - startedAt).to.be.below(8000);
    });
  });
}
