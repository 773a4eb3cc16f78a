/** Our latencies beside wrk's, closed loop with as many connections at a time, against a server whose delays are known. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { driveLoad } from '../lib/load/drive.ts';
import { type BenchRow, ratioOf, rowOf } from './result.ts';

const run = promisify(execFile);
const connections = 20;
const rounds = 3;
const seconds = 4;
/** Of 20 answers 14 come after 25 ms, 5 after 75 ms and one after 200 ms: far above what a busy machine adds. */
const delaysMs = Array.from({ length: 20 }, (_, index) => (index === 7 ? 200 : index % 4 === 1 ? 75 : 25));
const percentiles = ['p50', 'p90', 'p99'] as const;

type Figures = Readonly<Record<(typeof percentiles)[number] | 'rate', number>>;

export async function latencyRows(): Promise<{ rows: BenchRow[]; ratios: Record<string, number> }> {
  const server = new Worker(delayServer, { eval: true });
  const [port] = (await once(server, 'message')) as [number];
  const url = `http://127.0.0.1:${port}/`;
  const taken = { ours: [] as Figures[], wrk: [] as Figures[] };
  let missing: string | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      const figures = await oursOn(url);
      taken.ours.push(figures);
      if (missing !== undefined) continue;
      try {
        taken.wrk.push(await wrkOn(url));
      } catch (error) {
        missing = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not installed' : String(error);
      }
    }
  } finally {
    await server.terminate();
  }
  const rows: BenchRow[] = [];
  const ratios: Record<string, number> = {};
  for (const figure of ['rate', ...percentiles] as const) {
    const what = figure === 'rate' ? 'delayed answers' : `latency ${figure} of delayed answers`;
    const unit = figure === 'rate' ? '1/s' : 'ms';
    const pair = (['ours', 'wrk'] as const).map((who) =>
      rowOf(
        what,
        who,
        unit,
        taken[who].map((one) => one[figure]),
        who === 'wrk' ? missing : undefined,
      ),
    );
    rows.push(...pair);
    const ratio = ratioOf(pair[0], pair[1]);
    if (ratio !== undefined) ratios[`${figure === 'rate' ? 'delayed rate' : `latency ${figure}`} ours/wrk`] = ratio;
  }
  return { rows, ratios };
}

async function oursOn(url: string): Promise<Figures> {
  const result = await driveLoad(
    {
      service: 'bench',
      profile: {
        name: 'delays',
        mode: 'ab',
        requests: 1_000_000,
        concurrency: connections,
        timeoutMs: 10_000,
        timeLimitMs: seconds * 1000,
        abortAfterFailures: 1,
      },
      url,
      expectStatus: 200,
      identifyBy: { kind: 'none' },
      client: 'bench',
      sources: ['127.0.0.1'],
    },
    { endpoints: [new URL(url).host], signal: new AbortController().signal },
  );
  const { total } = result;
  if (total === undefined || result.failed > 0) throw new Error(`${result.failed} of ${result.sent} failed`);
  return { rate: result.rateRps, p50: total.p50Ms, p90: total.p90Ms, p99: total.p99Ms };
}

async function wrkOn(url: string): Promise<Figures> {
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--latency', '-H', 'Connection: close', url];
  const { stdout } = await run('wrk', args);
  const latency = (percent: number) => {
    const [, value, unit] = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s)$`, 'm').exec(stdout) ?? [];
    const factor = unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1;
    const ms = Number(value) * factor;
    if (!Number.isFinite(ms)) throw new Error(`no ${percent}% in: ${stdout}`);
    return ms;
  };
  const rate = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)?.[1]);
  return { rate, p50: latency(50), p90: latency(90), p99: latency(99) };
}

/** In a thread of its own, so that the generator does not delay it. */
const delayServer = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const delays = ${JSON.stringify(delaysMs)};
const answer = 'HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nok\\n';
let turn = 0;
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => setTimeout(() => socket.end(answer), delays[turn++ % delays.length]));
});
server.listen(0, '127.0.0.1', 511, () => parentPort.postMessage(server.address().port));
`;
