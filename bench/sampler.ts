/**
 * What watching a director's connection table costs it, and how many entries a second of its CPU gives, at 1,000 to
 * 500,000 entries: the product's sampler with its defaults, beside `ipvsadm -Lnc | awk`. A director of the lab, whose
 * table is filled by synchronisation messages (bench/table-feed.ts). Needs root on Linux.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadCluster } from '../lib/config/load.ts';
import type { VirtualService } from '../lib/model/cluster.ts';
import type { Sampling } from '../lib/model/sampling.ts';
import { startSampler } from '../lib/sampling/sampler.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import type { Host } from '../lib/ssh/host.ts';
import { endpoint } from '../lib/parse/table-address.ts';
import { type BenchResult, type BenchRow, rowOf, thisMachine } from './result.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const lab = 'bench-sampler';
const sizes = [1000, 10_000, 100_000, 500_000] as const;
/** The sampler watches so long. */
const watchedMs = 12_000;
/** What a listing has printed by then is what it is judged by: at 100,000 entries it takes minutes. */
const listingLimitS = 10;

/** MB; an entry takes about a third of a KiB of the kernel's. */
const directorMemory = '512';

async function ipvet(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['bin/ipvet', ...args], { cwd: root, maxBuffer: 16 << 20 });
  return stdout;
}

const onDirector = (line: string): Promise<string> => ipvet('lab', 'ssh', 'root@director1', '--name', lab, '--', line);

export async function samplerBench(): Promise<BenchResult> {
  const machine = thisMachine();
  const clusterFile =
    (await ipvet('lab', 'up', '--name', lab, '--director-memory', directorMemory)).trimEnd().split('\n').at(-1) ?? '';
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void ipvet('lab', 'down', '--name', lab).finally(() => process.exit(130));
    });
  try {
    const cluster = await loadCluster(clusterFile);
    const [service] = cluster.virtualServices;
    const [client] = cluster.clients;
    if (service === undefined || client === undefined) throw new Error(`${clusterFile} has no service or no client`);
    const fleet = connectFleet(cluster, { signal: abort.signal });
    try {
      const host = await fleet.host('director1');
      await prepare(service);
      const rows: BenchRow[] = [];
      const ratios: Record<string, number> = {};
      const idle = await busyShare(() => sleep(watchedMs / 3));
      let have = 0;
      for (const size of sizes) {
        const there = await fill(service, client.cip, have, size);
        if (there < size) {
          rows.push(rowOf(`${size} entries`, 'ours', '', [], `the table got ${there} of them`));
          break;
        }
        have = size;
        const measured = await measure(host, service, size, idle);
        rows.push(...measured.rows);
        for (const { what, who, median, unit, note } of measured.rows)
          process.stderr.write(`${what} (${who}): ${median ?? '-'} ${unit} ${note ?? ''}\n`);
        Object.assign(ratios, measured.ratios);
      }
      return { name: 'sampler', machine, rows, ratios };
    } finally {
      await fleet.close();
    }
  } finally {
    abort.abort();
    await ipvet('lab', 'down', '--name', lab);
  }
}

/** The service, and a backup that listens. */
async function prepare(service: VirtualService): Promise<void> {
  const vip = endpoint(service.vip, service.port);
  const destinations = service.destinations.map(
    ({ realServer, port }) => `ipvsadm -a -t ${vip} -r ${endpoint(realServer.rip, port)} -m`,
  );
  await onDirector(
    [`ipvsadm -A -t ${vip} -s rr`, ...destinations, 'ipvsadm --start-daemon backup --mcast-interface eth0'].join(
      ' && ',
    ),
  );
}

/** How many entries there are then. What a busy director did not take is sent again. */
async function fill(service: VirtualService, source: string, from: number, to: number): Promise<number> {
  let there = 0;
  const rips = service.destinations.map(({ realServer }) => realServer.rip);
  const words = [source, endpoint(service.vip, service.port), `${from}`, `${to}`, ...rips];
  for (let attempt = 0; attempt < 8 && there < to; attempt++) {
    await ipvet(
      'lab',
      'exec',
      '--name',
      lab,
      '--',
      process.execPath,
      '--import',
      'tsx',
      'bench/table-feed.ts',
      ...words,
    );
    await sleep(500);
    const sum = `awk '$1 == "->" { sum += $(NF - 1) + $NF } END { print sum + 0 }' /proc/net/ip_vs`;
    there = Number(await onDirector(sum));
  }
  return there;
}

async function measure(
  host: Host,
  service: VirtualService,
  size: number,
  idle: number,
): Promise<{ readonly rows: readonly BenchRow[]; readonly ratios: Readonly<Record<string, number>> }> {
  let sampling: Sampling | undefined;
  const busy = await busyShare(async () => {
    const sampler = await startSampler(host, service, { signal: new AbortController().signal });
    await sleep(watchedMs);
    sampling = await sampler.stop({ zeroAtMs: 0, settleMs: 0 });
  });
  if (sampling === undefined) throw new Error('the sampler gave nothing');
  const readings = [...sampling.samples, ...(sampling.partlyRead?.samples ?? [])];
  const read = readings.reduce((sum, { entries }) => sum + entries, 0);
  const cpuS = readings.reduce((sum, { costMs }) => sum + costMs, 0) / 1000;
  const listing = await listed();
  const entries = `${size} entries`;
  const share = (value: number) => Math.round(value * 10_000) / 10_000;
  const part = sampling.partlyRead;
  const rows = [
    rowOf(`${entries}, share of one CPU`, 'ours', '', [share(sampling.costShare)], resolution(sampling)),
    rowOf(`${entries}, busy beyond idle, with sshd`, 'ours', '', [share(Math.max(0, busy - idle))]),
    rowOf(
      `${entries}, read per CPU second`,
      'ours',
      '1/s',
      cpuS > 0 ? [Math.round(read / cpuS)] : [],
      part === undefined ? undefined : `in parts: all would take ${(part.wholeCostMs / 1000).toFixed(1)} s`,
    ),
    rowOf(
      `${entries}, read per CPU second`,
      'ipvsadm | awk',
      '1/s',
      [Math.round(listing.rows / listing.cpuS)],
      listing.rows < size ? `${listing.rows} in ${listingLimitS} s, then stopped` : undefined,
    ),
  ];
  const ours = rows[2]?.median ?? 0;
  const theirs = rows[3]?.median ?? 0;
  return {
    rows,
    ratios: {
      [`cpuShare@${size}`]: share(sampling.costShare),
      ...(ours > 0 && theirs > 0 ? { [`ours/ipvsadm@${size}`]: Math.round((ours / theirs) * 100) / 100 } : {}),
    },
  };
}

function resolution({ resolutionMs, levels, partlyRead }: Sampling): string {
  const whole =
    partlyRead === undefined
      ? `table every ${((resolutionMs?.median ?? NaN) / 1000).toFixed(1)} s`
      : `${partlyRead.samples.length} parts of the table`;
  return `${whole}, kernel's counters every ${((levels?.intervalMs ?? NaN) / 1000).toFixed(1)} s`;
}

/** `ipvsadm -Lnc | awk`, by destination and state; CPU of both. */
async function listed(): Promise<{ readonly rows: number; readonly cpuS: number }> {
  const line =
    `timeout ${listingLimitS} ipvsadm -Lnc | awk 'NR > 2 { count[$6 " " $3]++; rows++ } ` +
    `END { for (key in count) print key, count[key] > "/dev/null"; print "rows", rows + 0 }'; times`;
  const text = await onDirector(line);
  const rows = Number(/^rows (\d+)$/m.exec(text)?.[1]);
  const times = [...(text.trimEnd().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuS = times.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
  if (!(rows >= 0) || !(cpuS > 0)) throw new Error(`the listing cannot be read: ${text}`);
  return { rows, cpuS };
}

/** How much of the director's CPU was not idle meanwhile (proc(5), /proc/stat). */
async function busyShare(work: () => Promise<unknown>): Promise<number> {
  const before = await ticks();
  await work();
  const after = await ticks();
  return (after.busy - before.busy) / (after.all - before.all);
}

async function ticks(): Promise<{ readonly busy: number; readonly all: number }> {
  const columns = (await onDirector('head -n 1 /proc/stat')).trim().split(/\s+/).slice(1, 9).map(Number);
  const all = columns.reduce((sum, value) => sum + value, 0);
  return { busy: all - (columns[3] ?? 0) - (columns[4] ?? 0), all };
}
