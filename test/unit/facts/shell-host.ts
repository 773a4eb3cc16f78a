/** This machine as a host, as little of it as collecting facts needs, with a way to put programs in front of its own. */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { IpvetError } from '../../../lib/errors.ts';
import type { ExecOptions, ExecResult, Host } from '../../../lib/ssh/host.ts';
import { aDirector } from '../../builders.ts';

export interface ShellHostOptions {
  /** Put before the program: `['bash', '-c', 'echo hello; exec "$@"', 'bash']`. */
  readonly prefix?: readonly string[];
  /** Programs found before the machine's own: name → text of a shell script. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Makes connections, as sshd does unless it is forbidden. */
  readonly dial?: Host['dial'];
}

export interface ShellHost extends Host {
  /** What ran, most recent last. */
  readonly ran: readonly (readonly string[])[];
  close(): Promise<void>;
}

export async function shellHost({ prefix = [], programs = {}, dial }: ShellHostOptions = {}): Promise<ShellHost> {
  const folder = await mkdtemp(join(tmpdir(), 'ipvet-facts-'));
  await chmod(folder, 0o755);
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  const ran: (readonly string[])[] = [];
  const path = `${folder}:${process.env['PATH'] ?? ''}`;
  const exec = (argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> => {
    ran.push(argv);
    return run([...prefix, ...argv], path, options);
  };
  return {
    declaration: aDirector({ name: 'lb1', host: 'lb1' }),
    user: 'ops',
    ran,
    exec,
    spawn: () => Promise.reject(new IpvetError('INTERNAL', 'not part of this host')),
    ...(dial === undefined ? {} : { dial }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function run(argv: readonly string[], path: string, options: ExecOptions): Promise<ExecResult> {
  const [file = '', ...args] = argv;
  const requestedAtMs = performance.now();
  const child = spawn(file, args, { env: { ...process.env, PATH: path }, detached: true });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece.toString();
    options.onStdout?.(piece, performance.now());
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString();
  });
  // A script that has ended before it read its input is no failure of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    let ended = false;
    const stop = (error: IpvetError): void => {
      // A signal may outlive what it was meant for.
      if (ended) return;
      // Its own group, made by `detached`.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      reject(error);
    };
    const timer = setTimeout(() => {
      stop(new IpvetError('EXEC_TIMEOUT', 'lb1: sh took too long'));
    }, options.timeoutMs ?? 30_000);
    options.signal?.addEventListener('abort', () => {
      stop(new IpvetError('ABORTED', 'interrupted'));
    });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      ended = true;
      clearTimeout(timer);
      const durationMs = performance.now() - requestedAtMs;
      resolve({ argv, exitCode, stdout, stderr, truncated: false, durationMs, requestedAtMs });
    });
  });
}
