/**
 * `ipvet diagnose` while a fault is live, as a process of its own from the packed build, until it has named the fault;
 * beside the commands an operator types on each host to see what it is, by OpenSSH, one host after the other, without the time to read
 * them. A wrong name ends the benchmark. Labs of three real servers. Needs root on Linux.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RunRecord } from '../lib/model/run-record.ts';
import { packedIn } from './packed.ts';
import { type BenchResult, type BenchRow, ratioOf, rowOf, thisMachine } from './result.ts';

const run = promisify(execFile);
const rounds = 3;
const position = 'rs2';
const ofEvery = ['rs-service-down', 'rs-firewall-drop', 'rs-host-down'];
const faultsOf: Readonly<Record<string, readonly string[]>> = {
  nat: ['nat-rs-gateway-not-director', ...ofEvery],
  dr: ['rs-vip-missing', ...ofEvery],
};

const hosts = ['director1', 'rs1', 'rs2', 'rs3'];
/** What is looked at by hand: addresses, ways, neighbours, ARP, filters, listeners, rules and connections. */
const looks = [
  'ip -br addr; ip rule; ip route; ip neigh',
  'sysctl -a 2>/dev/null | grep -E "arp_ignore|arp_announce|rp_filter|ip_forward"',
  'sudo -n nft list ruleset; ss -ltn',
  'if command -v ipvsadm; then sudo -n ipvsadm -Ln; sudo -n ipvsadm -Lnc; fi',
  'true',
].join('\n');

export async function diagnoseBench(): Promise<BenchResult> {
  const machine = thisMachine();
  const folder = mkdtempSync(path.join(tmpdir(), 'ipvet-bench-'));
  try {
    const program = await packedIn(folder);
    const rows: BenchRow[] = [];
    const ratios: Record<string, number> = {};
    for (const [topology, faults] of Object.entries(faultsOf))
      for (const pair of await measuredOn(topology, faults, program, path.join(folder, 'runs'))) {
        rows.push(...pair);
        const ratio = ratioOf(...pair);
        if (ratio !== undefined) ratios[`ours/ssh, ${pair[0].what}`] = ratio;
      }
    return { name: 'diagnose', machine, rows, ratios };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measuredOn(
  topology: string,
  faults: readonly string[],
  program: string,
  out: string,
): Promise<readonly (readonly [BenchRow, BenchRow])[]> {
  const name = `bench-${topology}`;
  const ipvet = (...args: readonly string[]) => run(process.execPath, [program, ...args], { maxBuffer: 64 << 20 });
  const { stdout } = await ipvet('lab', 'up', '--name', name, '--topology', topology);
  try {
    const clusterFile = stdout.trimEnd().split('\n').at(-1) ?? '';
    const ofRun = ['-i', clusterFile, '-o', out];
    for (const command of ['apply', 'save']) await ipvet('rules', command, ...ofRun, '--yes');
    const pairs: [BenchRow, BenchRow][] = [];
    for (const fault of faults) {
      const ours: number[] = [];
      const byHand: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const of = [fault, '--on', position, '--name', name];
        await ipvet('lab', 'fault', 'apply', ...of);
        await sleep(3000);
        const walkedAtMs = performance.now();
        await walk(path.dirname(clusterFile), fault === 'rs-host-down' ? position : undefined);
        byHand.push((performance.now() - walkedAtMs) / 1000);
        ours.push(await named(fault, program, ofRun));
        process.stderr.write(
          `${topology}, ${fault}: ${ours.at(-1)?.toFixed(2)} s, by hand ${byHand.at(-1)?.toFixed(2)} s\n`,
        );
        await ipvet('lab', 'fault', 'revert', ...of);
        await sleep(5000);
      }
      const what = `${topology}, ${fault}`;
      pairs.push([rowOf(what, 'ours', 's', ours), rowOf(what, 'ssh by hand', 's', byHand)]);
    }
    return pairs;
  } finally {
    await ipvet('lab', 'down', '--name', name);
  }
}

/** Seconds until it is named. Throws where something else is. */
async function named(fault: string, program: string, ofRun: readonly string[]): Promise<number> {
  const startedAtMs = performance.now();
  const said = await run(process.execPath, [program, 'diagnose', ...ofRun, '--json'], {
    maxBuffer: 64 << 20,
  }).catch((error: unknown) => error as { readonly stdout: string });
  const seconds = (performance.now() - startedAtMs) / 1000;
  const [first] = (JSON.parse(said.stdout) as RunRecord).diagnoses;
  if (first?.cause !== fault || first.host !== position)
    throw new Error(
      `${fault} on ${position} was taken for ${first?.cause ?? 'nothing'} on ${first?.host ?? 'no host'}`,
    );
  return seconds;
}

/** `down` costs its wait for a connection, as it would by hand. Throws where another host was not reached. */
async function walk(labFolder: string, down: string | undefined): Promise<void> {
  for (const host of hosts)
    await run('ssh', ['-F', 'ssh_config', '-o', 'ConnectTimeout=5', host, looks], { cwd: labFolder }).catch(
      (error: unknown) => {
        if (host !== down) throw error;
      },
    );
}
