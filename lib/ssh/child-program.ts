/** A program of this machine. */
import { spawn } from 'node:child_process';
import { IpvetError } from '../errors.ts';
import type { Ending, Program } from './program.ts';

const killGraceMs = 1000;

/** A child in a session of its own, so that Ctrl-C at the terminal reaches ipvet alone, which then undoes its changes. */
export function childProgram(argv: readonly string[], host: string): Program {
  const [file = '', ...args] = argv;
  const requestedAtMs = performance.now();
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdin.on('error', () => undefined);
  let settle: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    settle = resolve;
  });
  child.on('error', (error) => {
    const missing = 'code' in error && error.code === 'ENOENT';
    // As the shell at the other end of ssh would say it.
    settle(
      missing
        ? { exitCode: 127 }
        : {
            exitCode: null,
            lost: new IpvetError('EXEC_FAILED', `${host}: ${file} cannot be started: ${error.message}`, {
              host,
              cause: error,
              hint: `Check that ${file} may be executed.`,
            }),
          },
    );
  });
  child.on('close', (exitCode, signal) => {
    settle(signal === null ? { exitCode } : { exitCode: null, signal });
  });
  const tell = (signal: NodeJS.Signals) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Ended just now, or root's: then the closed pipes have to do.
    }
  };
  let killed = false;
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    requestedAtMs,
    ended,
    kill() {
      if (killed) return;
      killed = true;
      tell('SIGTERM');
      const timer = setTimeout(() => {
        tell('SIGKILL');
        child.stdin.destroy();
        child.stdout.destroy();
        child.stderr.destroy();
        settle({ exitCode: null });
      }, killGraceMs);
      void ended.then(() => {
        clearTimeout(timer);
      });
    },
  };
}
