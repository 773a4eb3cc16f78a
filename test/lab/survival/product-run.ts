/** One run of the product as a child process: its journal as it grows, its end, and what it leaves on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { RunEvent } from '../../../lib/run/events.ts';

const ipvet = fileURLToPath(new URL('../../../bin/ipvet', import.meta.url));
/** All that a run starts on this machine inherits it. */
const MARK = 'IPVET_SURVIVAL_RUN';
/** Nothing here takes longer, also on a machine that is busy with other things. */
const LIMIT_MS = 180_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** Where its run folder goes; made for this run alone. */
  readonly out: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Through these words, for a run on a terminal: `script -qc COMMAND`. */
  readonly through?: (command: string) => readonly string[];
}

export class ProductRun {
  readonly out: string;
  readonly startedAtMs = performance.now();
  readonly ended: Promise<Ended>;
  readonly #mark = randomUUID();
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #over = false;

  constructor(args: readonly string[], { out, environment = {}, through }: StartOptions) {
    this.out = out;
    mkdirSync(out, { recursive: true });
    const words = [process.execPath, ipvet, ...args, '-o', out];
    const [program = '', ...rest] = through === undefined ? words : through(words.map((word) => `'${word}'`).join(' '));
    this.#child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment, [MARK]: this.#mark },
    });
    this.#child.stdout?.on('data', (piece: Buffer) => (this.#stdout += piece.toString()));
    this.#child.stderr?.on('data', (piece: Buffer) => (this.#stderr += piece.toString()));
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), LIMIT_MS);
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        clearTimeout(limit);
        this.#over = true;
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get over(): boolean {
    return this.#over;
  }

  /** What it said so far, both streams. */
  get said(): string {
    return `${this.#stdout}${this.#stderr}`;
  }

  /** The process that was started: the product itself, or what it runs through. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The run's folder, once it has one. */
  get folder(): string | undefined {
    const [name] = readdirSync(this.out);
    return name === undefined ? undefined : join(this.out, name);
  }

  /** The journal so far, without a line that is half written. */
  get events(): readonly RunEvent[] {
    const { folder } = this;
    if (folder === undefined) return [];
    let text = '';
    try {
      text = readFileSync(join(folder, 'events.ndjson'), 'utf8');
    } catch {
      // The folder is there a moment before its journal.
    }
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as RunEvent);
  }

  /** Resolves as soon as the journal has it; false when the run has ended without. */
  async until(seen: (event: RunEvent) => boolean): Promise<boolean> {
    for (;;) {
      // Before the journal is read: what was written at the very end is seen too.
      const { over } = this;
      if (this.events.some(seen)) return true;
      if (over) return false;
      await sleep(15);
    }
  }

  /** Pids of what is left of it on this machine, itself included, with their command lines. */
  leftovers(): string[] {
    return processes()
      .filter(({ environment }) => environment.includes(`${MARK}=${this.#mark}`))
      .map(({ pid, command }) => `+ process ${pid} ${command}`);
  }

  /** Waits until nothing of it is left on this machine, also when it outlived what it ran through. */
  async gone(): Promise<boolean> {
    const deadline = this.startedAtMs + LIMIT_MS;
    while (this.leftovers().length > 0) {
      if (performance.now() > deadline) return false;
      await sleep(200);
    }
    return true;
  }

  /** Pid of the product, also when it runs through another program. */
  get pid(): number | undefined {
    return processes().find(
      ({ environment, words }) => environment.includes(`${MARK}=${this.#mark}`) && words[1] === ipvet,
    )?.pid;
  }
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // A zombie has neither.
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return words[0] === '' ? [] : [{ pid: Number(pid), words, command: words.join(' ').trim(), environment }];
      } catch {
        return [];
      }
    });
}

/** Runs `ipvet report` on a stored run. */
export function report(folder: string, formats: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [ipvet, 'report', folder, '--format', formats], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
}
