/** A director made of files: this machine, with a connection table and an ipvsadm of the test's own. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import type { Director, VirtualService } from '../../../lib/model/cluster.ts';
import type { Host } from '../../../lib/ssh/host.ts';
import { LocalHost } from '../../../lib/ssh/local-host.ts';

const declaration: Director = {
  role: 'director',
  name: 'director1',
  host: 'localhost',
  dip: '10.10.10.1',
  interface: 'eth1',
  vipInterface: 'eth0',
};

export function aService(service: Partial<VirtualService> = {}): VirtualService {
  return {
    name: 'web',
    vip: '192.168.122.100',
    port: 80,
    protocol: 'tcp',
    forwarding: 'nat',
    scheduler: 'rr',
    persistenceS: 0,
    destinations: [],
    health: { httpPath: '/', expectStatus: 200 },
    identifyBy: { kind: 'none' },
    ...service,
  };
}

export const tableHead = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';

/** A row as ip_vs_conn_seq_show prints it. */
export function row(port: number, destination: string, state: string, expiresS: number): string {
  const from = port.toString(16).padStart(4, '0').toUpperCase();
  return `TCP C0A87A01 ${from} C0A87A64 0050 ${destination} 0050 ${state.padEnd(11)} ${String(expiresS).padStart(7)}\n`;
}

export const syncedHead = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n';

/** A row as ip_vs_conn_sync_seq_show prints it. */
export function originRow(origin: 'LOCAL' | 'SYNC', ...columns: Parameters<typeof row>): string {
  return row(...columns).replace(/(\s*\d+)\n$/, ` ${origin.padEnd(6)}$1\n`);
}

/** /proc/net/ip_vs with these lines. */
export function services(lines: string): string {
  return `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
${lines}`;
}

export interface TestDirector {
  readonly host: Host;
  /** Its /proc, and the connection table in it. */
  readonly proc: string;
  readonly table: string;
  setTable(rows: string): void;
  removeTable(): void;
  /** Another file of /proc/net. */
  setFile(name: string, text: string): void;
  /** Timers of the table stand still unless a test sets them, and so does the director's clock. */
  setUptime(seconds: number): void;
  /** As if it had been started anew. */
  setBootId(id: string): void;
  /** What ipvsadm prints from now on, and its exit code. */
  setCounters(text: string, exitCode?: number): void;
  /** What ipvsadm prints, reading by reading; the last of them for ever. */
  setCountersInTurn(texts: readonly string[]): void;
  /** Uses this implementation of awk. */
  useAwk(file: string): void;
  close(): Promise<void>;
}

export async function testDirector(): Promise<TestDirector> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ipvet-director-'));
  const proc = path.join(folder, 'proc');
  mkdirSync(path.join(proc, 'net'), { recursive: true });
  mkdirSync(path.join(proc, 'sys/kernel/random'), { recursive: true });
  const table = path.join(proc, 'net/ip_vs_conn');
  const abort = new AbortController();
  const local = await LocalHost.open(declaration, 'none', abort.signal);
  const here = (argv: readonly string[]) => ['env', `PATH=${folder}:${process.env['PATH'] ?? ''}`, ...argv];
  // Files of the test need no root.
  const host: Host = {
    declaration,
    user: local.user,
    exec: (argv, options) => local.exec(here(argv), { ...options, asRoot: false }),
    spawn: (argv, options) => local.spawn(here(argv), { ...options, asRoot: false }),
  };
  const director: TestDirector = {
    host,
    proc,
    table,
    setTable: (rows) => {
      writeFileSync(table, tableHead + rows);
      if (!existsSync(path.join(proc, 'net/ip_vs'))) director.setFile('ip_vs', services(''));
    },
    removeTable: () => {
      rmSync(table);
      rmSync(path.join(proc, 'net/ip_vs'));
    },
    setFile: (name, text) => {
      writeFileSync(path.join(proc, 'net', name), text);
    },
    setUptime: (seconds) => {
      writeFileSync(path.join(proc, 'uptime'), `${seconds.toFixed(2)} 500.00\n`);
    },
    setBootId: (id) => {
      writeFileSync(path.join(proc, 'sys/kernel/random/boot_id'), `${id}\n`);
    },
    setCounters: (text, exitCode = 0) => {
      const program = path.join(folder, 'ipvsadm');
      writeFileSync(program, `#!/bin/sh\ncat <<'END'\n${text}\nEND\nexit ${exitCode}\n`);
      chmodSync(program, 0o755);
    },
    setCountersInTurn: (texts) => {
      for (const [index, text] of texts.entries()) writeFileSync(path.join(folder, `counters.${index}`), text);
      const program = path.join(folder, 'ipvsadm');
      const words = `cd '${folder}'; n=0; while [ -e counters.$n.read ] && [ -e counters.$((n + 1)) ]; do n=$((n + 1)); done`;
      writeFileSync(program, `#!/bin/sh\n${words}; : >counters.$n.read; cat counters.$n\n`);
      chmodSync(program, 0o755);
    },
    useAwk: (file) => {
      symlinkSync(file, path.join(folder, 'awk'));
    },
    close: async () => {
      await local.close();
      rmSync(folder, { recursive: true });
    },
  };
  director.setTable('');
  director.setUptime(1000);
  director.setBootId('5a2e7e3c-0000-4000-8000-000000000001');
  director.setCounters(counters([]));
  return director;
}

export function counters(rows: readonly (readonly [string, number, number, number, number, number])[]): string {
  return `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  192.168.122.100:80                  0        0        0        0        0
${rows.map((figures) => `  -> ${figures.join('  ')}`).join('\n')}`;
}

/** Every awk of this machine: what the director has is not known beforehand. */
export function awks(): string[] {
  const found = ['mawk', 'gawk', 'original-awk', 'busybox', 'awk'].flatMap((name) => {
    try {
      return [execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()];
    } catch {
      return [];
    }
  });
  return found;
}
