/** A host's power, by commands of the cluster file that run on this machine. */
import { spawn } from 'node:child_process';
import type { UndoStep } from '../../changes/undo-step.ts';
import { IpvetError } from '../../errors.ts';
import type { PowerSwitch } from '../../model/cluster.ts';
import { commandText } from '../../model/custom-check.ts';
import { within } from '../../ssh/abort.ts';

/** Longest a command may take; some wait until the host has booted. */
const limitMs = 120_000;
const keptBytes = 16 << 10;

/** Throws EXEC_FAILED with what the command said last, EXEC_TIMEOUT. */
export async function runPower(host: string, argv: readonly string[], signal: AbortSignal): Promise<void> {
  const [program = '', ...args] = argv;
  let said = '';
  const ending = await new Promise<{ readonly code?: number | null; readonly failure?: Error }>((resolve) => {
    // In a group of its own: Ctrl-C at the terminal is for this process, which then puts everything back.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, signal });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => {
        said = (said + piece).slice(-keptBytes);
      });
    child.on('error', (failure) => {
      resolve({ failure });
    });
    child.on('close', (code) => {
      resolve({ code });
    });
  });
  if (ending.code === 0) return;
  const last = said.trim().split('\n').at(-1) ?? '';
  const how = ending.failure?.message ?? `exit code ${ending.code ?? 'none'}`;
  throw new IpvetError(
    signal.aborted ? 'EXEC_TIMEOUT' : 'EXEC_FAILED',
    `${host}: the command for its power failed (${how})${last === '' ? '' : `: ${last}`}`,
    { host, hint: `on this machine: ${commandText(argv)}` },
  );
}

/**
 * Stands where a host's guard stands for other changes: the host cannot put its own power back. A program of this machine
 * waits for its input to end: when this process is gone before it has put the power back, that program does.
 */
export class PowerGuard {
  readonly undoLimitMs = limitMs;
  readonly #host: string;
  readonly #power: PowerSwitch;
  #release: () => void = () => undefined;

  constructor(host: string, power: PowerSwitch) {
    this.#host = host;
    this.#power = power;
  }

  /** Throws UNGUARDED. */
  async register(step: UndoStep): Promise<number> {
    const watcher = spawn(
      '/bin/sh',
      ['-c', 'read -r word; if [ "$word" != kept ]; then exec "$@"; fi', 'ipvet-power', ...this.#power.on],
      { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
    );
    await new Promise<void>((resolve, reject) => {
      watcher.once('spawn', resolve);
      watcher.once('error', (cause) => {
        const message = `${step.host}: nothing that would put its power back can be started: ${cause.message}`;
        reject(new IpvetError('UNGUARDED', message, { host: step.host, cause }));
      });
    });
    watcher.stdin.on('error', () => undefined);
    watcher.unref();
    this.#release = () => {
      watcher.stdin.end('kept\n');
    };
    return 1;
  }

  async cut(signal: AbortSignal): Promise<void> {
    await within(limitMs, signal, (bounded) => runPower(this.#host, this.#power.off, bounded));
  }

  async undo(_step: number, signal: AbortSignal): Promise<void> {
    try {
      await runPower(this.#host, this.#power.on, signal);
    } finally {
      this.#release();
    }
  }

  keep(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }
}
