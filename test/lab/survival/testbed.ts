/** A lab that runs are struck on: rules were found on its director, and everything about it is known beforehand. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { consoleConfigOf } from '../../../lab/access.ts';
import { downLab, upLab } from '../../../lab/lab.ts';
import { mend, powerOn } from '../../../lab/power.ts';
import { differences, look } from './fingerprint.ts';
import { ProductRun, type StartOptions } from './product-run.ts';

/** What the guard promises: everything as found at most so long after the run's death. */
export const PROMISE_MS = 30_000;

/**
 * The run edits this (scheduler, a weight), adds to it (rs2) and removes from it (a destination nobody declares), and
 * leaves alone what is not its own: thresholds, a service of another port, a firewall mark.
 */
const FOUND_RULES = `-A -t 192.168.122.100:80 -s wrr
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 3 -x 2000 -y 1000
-a -t 192.168.122.100:80 -r 10.10.10.99:80 -m -w 2
-A -t 192.168.122.100:8080 -s lc -p 60
-a -t 192.168.122.100:8080 -r 10.10.10.20:8080 -m -w 1
-A -f 7 -s sh
-a -f 7 -r 10.10.10.10:0 -m -w 5 -x 300
`;

export interface Equality {
  /** Since the moment given, until the last host was seen as it was before. Absent when it did not come to that. */
  readonly afterMs?: number;
  /** What was different at the last look. */
  readonly left: readonly string[];
}

export class Testbed {
  readonly name: string;
  readonly out: string;
  readonly hosts: readonly string[] = ['director1', 'rs1', 'rs2'];
  #clusterFile = '';
  #runs = 0;
  readonly #before = new Map<string, readonly string[]>();

  private constructor(name: string, out: string) {
    this.name = name;
    this.out = out;
  }

  /** `out` is where its runs are kept. */
  static async up(name: string, out: string): Promise<Testbed> {
    const bed = new Testbed(name, join(out, name));
    mkdirSync(bed.out, { recursive: true });
    const { clusterFile } = await upLab({ name, realServers: 2 });
    const text = await readFile(clusterFile, 'utf8');
    bed.#clusterFile = join(bed.out, 'cluster.yaml');
    await writeFile(
      bed.#clusterFile,
      text
        .replace('config: ./', `config: ${dirname(clusterFile)}/`)
        .replace('requests: 2000', 'requests: 600')
        .replace('concurrency: 50', 'concurrency: 20'),
    );
    await bed.layRules();
    await bed.#takeIn();
    return bed;
  }

  async down(): Promise<void> {
    await downLab({ name: this.name });
  }

  /** `accept` of its cluster, in a folder of its own; with patience, for these hosts share two processors. */
  accept(flags: readonly string[] = [], options: Omit<StartOptions, 'out'> = {}): ProductRun {
    const out = join(this.out, String(++this.#runs));
    return new ProductRun(['accept', '-v', '--timeout', '60', '-i', this.#clusterFile, ...flags], { ...options, out });
  }

  /** The system bus runs from the boot on any host but a lab's, where the first question to systemd starts it. */
  async startBus(): Promise<void> {
    await Promise.all(this.hosts.map((host) => this.root(host, 'systemctl start dbus')));
  }

  /** Ends the sessions of the login user at once, by pid; their names, one a line. */
  endSessions(host: string): Promise<string> {
    const each = 'case $args in "sshd: ops"*) kill -9 "$pid" && echo "$args" ;; esac';
    return this.root(host, `ps -eo pid=,args= | while read -r pid args; do ${each}; done`);
  }

  /** Puts the rules there that every run finds, and takes away what a run that was struck may have left. */
  async layRules(): Promise<void> {
    await this.startBus();
    await this.root('director1', `ipvsadm -C; rm -rf /var/tmp/ipvet*; ipvsadm -R <<'END'\n${FOUND_RULES}END\n`);
  }

  async #takeIn(): Promise<void> {
    for (const host of this.hosts) {
      const sight = await look(consoleConfigOf(this.name), host);
      if (sight === undefined) throw new Error(`${host} of ${this.name} cannot be looked at`);
      this.#before.set(host, sight.lines);
    }
  }

  /** After a strike that left something: later ones are not to suffer from it. */
  async recover(): Promise<void> {
    for (const host of [...this.hosts, 'client1']) {
      await mend(this.name, host);
      await powerOn(this.name, host, { onProgress: () => undefined });
    }
    for (const host of this.hosts) await this.endSessions(host);
    await this.layRules();
  }

  /** What a host is like now beside how it was; undefined when it does not answer. */
  async differencesOn(
    host: string,
    waitS = 0,
  ): Promise<{ readonly atMs: number; readonly lines: readonly string[] } | undefined> {
    const sight = await look(consoleConfigOf(this.name), host, waitS);
    if (sight === undefined) return undefined;
    return { atMs: sight.atMs, lines: differences(this.#before.get(host) ?? [], sight.lines) };
  }

  /**
   * Looks at all hosts, and at what the runs left on this machine, until nothing is different any more or the time is
   * over. `but` leaves out lines (`HOST: LINE`) that are not asked about.
   */
  async equal(
    sinceMs: number,
    runs: readonly ProductRun[],
    { limitMs = PROMISE_MS, but }: { readonly limitMs?: number; readonly but?: RegExp } = {},
  ): Promise<Equality> {
    let open = this.hosts;
    let lastMs = sinceMs;
    for (;;) {
      const askedMs = performance.now();
      const waitS = Math.max(0, Math.floor((limitMs - (askedMs - sinceMs)) / 1000));
      const looks = await Promise.all(open.map((host) => this.differencesOn(host, waitS)));
      const here = runs.flatMap((run) => run.leftovers());
      const left = looks.flatMap((sight, index) => {
        const host = open[index] ?? '';
        if (sight === undefined) return but?.test(`${host}: `) === true ? [] : [`${host}: does not answer`];
        return sight.lines.map((line) => `${host}: ${line}`).filter((line) => but?.test(line) !== true);
      });
      open = open.filter((host) => left.some((line) => line.startsWith(`${host}: `)));
      lastMs = Math.max(lastMs, ...looks.map((sight) => sight?.atMs ?? 0));
      if (left.length === 0 && here.length === 0) return { afterMs: lastMs - sinceMs, left: [] };
      // A look that began within the time counts, however long it took.
      if (askedMs - sinceMs > limitMs) return { left: [...left, ...here] };
      await sleep(300);
    }
  }

  /** Runs sh on a host as root, from the console; what it printed. */
  root(host: string, script: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const ssh = spawn('ssh', ['-F', consoleConfigOf(this.name), '-o', 'BatchMode=yes', `root@${host}`, 'sh -s'], {
        stdio: ['pipe', 'pipe', 'pipe'],
        timeout: 60_000,
      });
      let stdout = '';
      let stderr = '';
      ssh.stdin.on('error', () => undefined);
      ssh.stdin.end(script);
      ssh.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
      ssh.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
      ssh.once('error', reject);
      ssh.once('close', (code) => {
        if (code === 0) resolve(stdout);
        else reject(new Error(`${script.slice(0, 60)} on ${host}: ${stderr.trim()}`));
      });
    });
  }
}
