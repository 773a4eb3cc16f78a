/**
 * New connections per second: ours beside what an operator would take instead, against the same server on loopback, one
 * thread each, one new connection per request, in turns. The server closes first, as for ab.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { driveLoad } from '../lib/load/drive.ts';
import { type BenchResult, type BenchRow, ratioOf, rowOf, thisMachine } from './result.ts';

const run = promisify(execFile);
const requests = 20_000;
const concurrency = 50;
const rounds = 5;
const what = 'new connections';
const unit = '1/s';

interface Peer {
  readonly who: string;
  /** Answered requests a second; throws when the peer is not there. */
  readonly measure: (url: string) => Promise<number>;
}

const ours: Peer = {
  who: 'ours',
  measure: async (url) => {
    const result = await driveLoad(
      {
        service: 'bench',
        profile: { name: 'bench', mode: 'ab', requests, concurrency, timeoutMs: 10_000, abortAfterFailures: 1 },
        url,
        expectStatus: 200,
        identifyBy: { kind: 'header', name: 'X-Real-Server' },
        client: 'bench',
        sources: ['127.0.0.1'],
      },
      { endpoints: [new URL(url).host], signal: new AbortController().signal },
    );
    if (result.answered !== requests) throw new Error(`only ${result.answered} of ${requests} were answered`);
    return result.rateRps;
  },
};

const ab: Peer = {
  who: 'ab',
  measure: async (url) => {
    const { stdout } = await run('ab', ['-q', '-n', String(requests), '-c', String(concurrency), url]);
    return figureIn(stdout, /^Requests per second:\s+([\d.]+)/m);
  },
};

const wrk: Peer = {
  who: 'wrk',
  measure: async (url) => {
    const args = ['-t', '1', '-c', String(concurrency), '-d', '3s', '-H', 'Connection: close', url];
    const { stdout } = await run('wrk', args);
    return figureIn(stdout, /^Requests\/sec:\s+([\d.]+)/m);
  },
};

const autocannon: Peer = {
  who: 'autocannon',
  measure: async (url) => {
    const program = fileURLToPath(new URL('../node_modules/autocannon/autocannon.js', import.meta.url));
    const args = [program, '-c', String(concurrency), '-d', '3', '-H', 'Connection=close', '--json', url];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
    const { '2xx': answered, duration } = JSON.parse(stdout) as { '2xx': number; duration: number };
    return answered / duration;
  },
};

export async function loadBench(): Promise<BenchResult> {
  const machine = thisMachine();
  const server = await startServer();
  const peers = [ours, ab, wrk, autocannon];
  const runs = new Map<string, number[]>(peers.map(({ who }) => [who, []]));
  const missing = new Map<string, string>();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { who, measure } of peers) {
        if (missing.has(who)) continue;
        try {
          runs.get(who)?.push(await measure(server.url));
        } catch (error) {
          if (who === 'ours') throw error;
          missing.set(who, (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not installed' : String(error));
        }
      }
    }
  } finally {
    await server.close();
  }
  const rows = peers.map(({ who }) => rowOf(what, who, unit, runs.get(who) ?? [], missing.get(who) ?? server.name));
  const byName = new Map<string, BenchRow>(rows.map((row) => [row.who, row]));
  const ratios = ['ab', 'wrk', 'autocannon'].flatMap((who) => {
    const ratio = ratioOf(byName.get('ours'), byName.get(who));
    return ratio === undefined ? [] : [[`ours/${who}`, ratio] as const];
  });
  return { name: 'load', machine, rows, ratios: Object.fromEntries(ratios) };
}

function figureIn(text: string, pattern: RegExp): number {
  const figure = Number(pattern.exec(text)?.[1]);
  if (!Number.isFinite(figure)) throw new Error(`no figure in: ${text.slice(0, 200)}`);
  return figure;
}

interface BenchServer {
  readonly name: string;
  readonly url: string;
  close(): Promise<void>;
}

/** nginx with one worker where there is one, else a small server of node's. */
async function startServer(): Promise<BenchServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ipvet-bench-'));
  const port = await freePort();
  writeFileSync(path.join(folder, 'nginx.conf'), nginxConfig(folder, port));
  writeFileSync(path.join(folder, 'server.mjs'), nodeServer(port));
  const conf = ['-p', folder, '-c', path.join(folder, 'nginx.conf')];
  const nginx = await found('nginx', conf);
  const child = nginx
    ? spawn('nginx', conf, { stdio: 'ignore', env: withSbin })
    : spawn(process.execPath, [path.join(folder, 'server.mjs')], { stdio: 'ignore' });
  const close = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(port);
  } catch (error) {
    await close();
    throw error;
  }
  return { name: nginx ? 'against nginx, 1 worker' : 'against a node server', url: `http://127.0.0.1:${port}/`, close };
}

const withSbin = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

async function found(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(program, ['-t', ...args], { env: withSbin });
    return true;
  } catch {
    return false;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`no server on port ${port} within 5 s`);
}

function nginxConfig(folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  return `daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { add_header X-Real-Server rs1; return 200 "I am rs1\\n"; }
  }
}
`;
}

function nodeServer(port: number): string {
  return `import { createServer } from 'node:net';
const body = 'I am rs1\\n';
const answer = 'HTTP/1.1 200 OK\\r\\nContent-Length: ' + body.length + '\\r\\nX-Real-Server: rs1\\r\\nConnection: close\\r\\n\\r\\n' + body;
createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end(answer));
}).listen(${port}, '127.0.0.1', 4096);
`;
}
