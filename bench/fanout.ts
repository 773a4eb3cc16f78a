/**
 * `ipvet check` of 20 and of 100 hosts, the whole catalogue, as a process of its own; beside the floor, as many parallel
 * `ssh HOST true` of OpenSSH, and beside ten equal checks of pytest-testinfra and Ansible. Hosts and who asks share
 * this machine's cores. In turns, each run on fresh connections. Needs root on Linux.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import type { RunRecord } from '../lib/model/run-record.ts';
import { clusterText } from './fanout-cluster.ts';
import { folderIn, SshdHosts } from './fanout-hosts.ts';
import { packedIn } from './packed.ts';
import { ansibleArgv, testinfraArgv } from './fanout-peers.ts';
import { type BenchResult, type BenchRow, ratioOf, rowOf, thisMachine } from './result.ts';

const unit = 's';
/** The peers take long at 100 hosts and say nothing new there. */
const sizes = [
  { count: 20, rounds: 5, peers: true },
  { count: 100, rounds: 3, peers: false },
] as const;

/** `only`: one of the sizes instead of all. */
export async function fanoutBench(only?: number): Promise<BenchResult> {
  const machine = thisMachine();
  const rows: BenchRow[] = [];
  const ratios: Record<string, number> = {};
  for (const size of sizes.filter(({ count }) => only === undefined || count === only)) {
    const measured = await measuredAt(size);
    rows.push(...measured);
    const row = (who: string) => measured.find((one) => one.who === who);
    const at = size.count === 20 ? '' : `@${size.count}`;
    const pairs = [
      ['ours', 'floor'],
      ['testinfra', 'ours'],
      ['ansible', 'ours'],
    ] as const;
    for (const [over, under] of pairs) {
      const ratio = ratioOf(row(over), row(under));
      if (ratio !== undefined) ratios[`${over}/${under}${at}`] = ratio;
    }
  }
  return { name: 'fanout', machine, rows, ratios };
}

async function measuredAt({ count, rounds, peers }: (typeof sizes)[number]): Promise<readonly BenchRow[]> {
  const hosts = await SshdHosts.start(count);
  try {
    const program = await packedIn(folderIn(hosts.dir, 'product'));
    const checked = await ours(hosts, program);
    const ssh = (...options: readonly string[]) =>
      Promise.all(
        hosts.names.map((name) => ended(hosts.from('ssh', '-F', hosts.configFile, ...options, name, 'true'))),
      );
    const measures = [
      { what: `${count} x ssh HOST true`, who: 'floor', measure: () => ssh() },
      // ssh2 has no post-quantum key exchange, OpenSSH takes one by default: this is what that costs.
      {
        what: `${count} x ssh HOST true, with the key exchange we use`,
        who: 'floor curve25519',
        measure: () => ssh('-o', 'KexAlgorithms=curve25519-sha256'),
      },
      { what: `${count} hosts, ${checked} verdicts`, who: 'ours', measure: () => ours(hosts, program) },
      ...(peers && existsSync('/usr/bin/py.test-3')
        ? [peer(`${count} hosts, 10 checks`, 'testinfra', () => hosts.from(...testinfraArgv(hosts, cpus().length)))]
        : []),
      ...(peers && existsSync('/usr/bin/ansible-playbook')
        ? [peer(`${count} hosts, 10 checks`, 'ansible', () => hosts.from(...ansibleArgv(hosts)))]
        : []),
    ];
    const runs = measures.map((): number[] => []);
    // The first turn warms the file cache and is not counted; the peers, which take most of a minute, are asked once.
    for (let round = -1; round < rounds; round++)
      for (const [index, { measure, who }] of measures.entries()) {
        if (round !== rounds - 1 && (who === 'testinfra' || who === 'ansible')) continue;
        const startedAtMs = performance.now();
        await measure();
        const seconds = (performance.now() - startedAtMs) / 1000;
        if (round >= 0) runs[index]?.push(seconds);
        process.stderr.write(`${count} hosts, ${who}: ${seconds.toFixed(2)} s${round < 0 ? ', to warm up' : ''}\n`);
      }
    const rows = measures.map(({ what, who }, index) => rowOf(what, who, unit, runs[index] ?? []));
    const absent = peers ? ['testinfra', 'ansible'].filter((name) => !measures.some(({ who }) => who === name)) : [];
    const install = 'not installed: apt-get install python3-testinfra python3-pytest-xdist ansible-core';
    return [...rows, ...absent.map((who) => rowOf(`${count} hosts, 10 checks`, who, unit, [], install))];
  } finally {
    await hosts.close();
  }
}

function peer(what: string, who: string, argv: () => readonly string[]) {
  return { what, who, measure: () => ended(argv()) };
}

/** Checks every host; how many verdicts that gave. Throws where a host was not reached or a verdict is not there. */
async function ours(hosts: SshdHosts, program: string): Promise<number> {
  const out = folderIn(hosts.dir, 'runs');
  const clusterFile = path.join(hosts.dir, 'cluster.yaml');
  const record = path.join(hosts.dir, 'record.json');
  writeFileSync(clusterFile, clusterText(hosts));
  const line = hosts.from('sh', '-c', 'exec "$@" >"$0"', record, process.execPath, program);
  // These hosts are no cluster: that the verdicts are there is what counts here.
  await ended([...line, 'check', 'all', '-i', clusterFile, '-o', out, '--json', '-q'], [0, 1, 3]);
  const { verdicts, hosts: asked } = JSON.parse(readFileSync(record, 'utf8')) as RunRecord;
  rmSync(out, { recursive: true });
  const unreached = hosts.names.filter((name) => !asked.some((host) => host.name === name && host.reachable));
  if (unreached.length > 0) throw new Error(`ipvet did not reach ${unreached.join(', ')}`);
  return verdicts.length;
}

async function ended([file = '', ...argv]: readonly string[], good: readonly number[] = [0]): Promise<void> {
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ANSIBLE_NOCOLOR: '1' } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  if (exitCode === null || !good.includes(exitCode))
    throw new Error(`${file} ${argv.join(' ')} ended with exit code ${exitCode ?? 'none'}: ${said.slice(-2000)}`);
}
