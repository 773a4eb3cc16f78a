/**
 * New connections per second: ours beside what an operator would take instead, against the same server on loopback, one
 * new connection per request, in turns. First one core for each generator and the other for the server; then two threads
 * and both cores, with the server on them too. Last, latencies beside wrk's against a server whose delays are known. The
 * server closes first, as for ab.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { driveLoad } from '../lib/load/drive.ts';
import { latencyRows } from './load-latency.ts';
import { type BenchResult, type BenchRow, ratioOf, rowOf, thisMachine } from './result.ts';

const run = promisify(execFile);
// Long enough that what a program needs to get going does not count.
const requests = 120_000;
const concurrency = 50;
const rounds = 5;
const unit = '1/s';
const cpuUnit = 'us';

interface Measured {
  /** Answered requests a second. */
  readonly rateRps: number;
  /** CPU of the generator for each of them, user and system, in µs. */
  readonly cpuUs: number;
}

interface Peer {
  readonly who: string;
  /** Threads it can use; ab and autocannon's connections have one. */
  readonly threads: readonly number[];
  /** Throws when the peer is not there. */
  readonly measure: (url: string, threads: number) => Promise<Measured>;
}

const ours: Peer = {
  who: 'ours',
  threads: [1, 2],
  measure: async (url, threads) => {
    const result = await driveLoad(
      {
        service: 'bench',
        profile: {
          name: 'bench',
          mode: 'ab',
          requests,
          concurrency,
          threads,
          timeoutMs: 10_000,
          abortAfterFailures: 1,
        },
        url,
        expectStatus: 200,
        identifyBy: { kind: 'header', name: 'X-Real-Server' },
        client: 'bench',
        sources: ['127.0.0.1'],
      },
      { endpoints: [new URL(url).host], signal: new AbortController().signal },
    );
    if (result.answered !== requests) throw new Error(`only ${result.answered} of ${requests} were answered`);
    return {
      rateRps: result.rateRps,
      cpuUs: (result.generator.cpuShare * result.durationMs * 1000) / result.answered,
    };
  },
};

const ab: Peer = {
  who: 'ab',
  threads: [1],
  measure: async (url) => {
    const { stdout, cpuS } = await timed('ab', ['-q', '-n', String(requests), '-c', String(concurrency), url]);
    return { rateRps: figureIn(stdout, /^Requests per second:\s+([\d.]+)/m), cpuUs: (cpuS * 1e6) / requests };
  },
};

const wrk: Peer = {
  who: 'wrk',
  threads: [1, 2],
  measure: async (url, threads) => {
    const args = ['-t', String(threads), '-c', String(concurrency), '-d', '6s', '-H', 'Connection: close', url];
    const { stdout, cpuS } = await timed('wrk', args);
    const answered = figureIn(stdout, /(\d+) requests in /);
    return { rateRps: figureIn(stdout, /^Requests\/sec:\s+([\d.]+)/m), cpuUs: (cpuS * 1e6) / answered };
  },
};

const autocannon: Peer = {
  who: 'autocannon',
  threads: [1],
  measure: async (url) => {
    const program = fileURLToPath(new URL('../node_modules/autocannon/autocannon.js', import.meta.url));
    const args = [program, '-c', String(concurrency), '-d', '6', '-H', 'Connection=close', '--json', url];
    const { stdout, cpuS } = await timed(process.execPath, args);
    const { '2xx': answered, duration } = JSON.parse(stdout) as { '2xx': number; duration: number };
    return { rateRps: answered / duration, cpuUs: (cpuS * 1e6) / answered };
  },
};

const peers = [ours, ab, wrk, autocannon];

export async function loadBench(): Promise<BenchResult> {
  const machine = thisMachine();
  const both = availableParallelism() > 1;
  const rows: BenchRow[] = [];
  const ratios: Record<string, number> = {};
  for (const threads of both ? [1, 2] : [1]) {
    const pinned = both && threads === 1;
    const server = await startServer(pinned ? '1' : undefined);
    try {
      if (pinned) await pin(process.pid, '0');
      const { rates, cpu } = await measured(threads, server);
      rows.push(...rates, ...cpu);
      for (const theirs of rates.slice(1)) {
        const ratio = ratioOf(rates[0], theirs);
        if (ratio !== undefined) ratios[`ours/${theirs.who}${threads === 1 ? '' : ` on ${threads} threads`}`] = ratio;
      }
    } finally {
      if (pinned) await pin(process.pid, '0,1');
      await server.close();
    }
  }
  const latency = await latencyRows();
  return { name: 'load', machine, rows: [...rows, ...latency.rows], ratios: { ...ratios, ...latency.ratios } };
}

/** All peers in turns, so that what else the machine does falls on all alike. */
async function measured(threads: number, server: BenchServer): Promise<{ rates: BenchRow[]; cpu: BenchRow[] }> {
  const able = peers.filter((peer) => peer.threads.includes(threads));
  const runs = new Map<string, Measured[]>(able.map(({ who }) => [who, []]));
  const missing = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    for (const { who, measure } of able) {
      if (missing.has(who)) continue;
      try {
        runs.get(who)?.push(await measure(server.url, threads));
      } catch (error) {
        if (who === 'ours') throw error;
        missing.set(who, (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not installed' : String(error));
      }
    }
  }
  const table = (what: string, unitOfIt: string, pick: (one: Measured) => number) =>
    able.map(({ who }) => rowOf(what, who, unitOfIt, (runs.get(who) ?? []).map(pick), missing.get(who) ?? server.name));
  const on = threads === 1 ? '1 thread' : `${threads} threads`;
  return {
    rates: table(`new connections, ${on}`, unit, ({ rateRps }) => rateRps),
    cpu: table(`CPU of one, ${on}`, cpuUnit, ({ cpuUs }) => cpuUs),
  };
}

/** Runs the program; CPU as bash counts it. Rejects with ENOENT where the program is missing. */
async function timed(program: string, args: readonly string[]): Promise<{ stdout: string; cpuS: number }> {
  const script = 'command -v "$0" >/dev/null || exit 127; TIMEFORMAT="cpu %U %S"; time "$0" "$@"';
  try {
    const { stdout, stderr } = await run('bash', ['-c', script, program, ...args], { maxBuffer: 16 * 1024 * 1024 });
    const [, user, system] = /^cpu ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? [];
    return { stdout, cpuS: Number(user) + Number(system) };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 127) throw error;
    throw Object.assign(new Error(`${program} is not installed`), { code: 'ENOENT' });
  }
}

/** All threads of the process, and what it starts from now on. */
async function pin(pid: number, cores: string): Promise<void> {
  await run('taskset', ['-acp', cores, String(pid)]);
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
async function startServer(core?: string): Promise<BenchServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ipvet-bench-'));
  const port = await freePort();
  writeFileSync(path.join(folder, 'nginx.conf'), nginxConfig(folder, port));
  writeFileSync(path.join(folder, 'server.mjs'), nodeServer(port));
  const conf = ['-p', folder, '-c', path.join(folder, 'nginx.conf')];
  const nginx = await found('nginx', conf);
  const program = nginx ? ['nginx', ...conf] : [process.execPath, path.join(folder, 'server.mjs')];
  const [command = '', ...args] = core === undefined ? program : ['taskset', '-c', core, ...program];
  const child = spawn(command, args, { stdio: 'ignore', env: withSbin });
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
