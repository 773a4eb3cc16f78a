/** This machine as a host, without ssh; on Linux also one of its network namespaces. */
import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import type { ClusterHost } from '../model/cluster.ts';
import { IpvetError } from '../errors.ts';
import { afterSudo } from './become.ts';
import type { ExecOptions, ExecResult, Host, RemoteProcess } from './host.ts';
import { type Login, lineOf } from './line.ts';
import { localUser } from './logins.ts';
import { checkExit } from './outcome.ts';
import { converse, type Ending, type Program, runToEnd } from './program.ts';

const killGraceMs = 1000;

export class LocalHost implements Host {
  readonly declaration: ClusterHost;
  readonly user: string;
  readonly #signal: AbortSignal;
  readonly #login: Login;
  readonly #running = new Set<Program>();

  private constructor(declaration: ClusterHost, become: 'sudo' | 'none', signal: AbortSignal) {
    this.declaration = declaration;
    this.user = localUser();
    this.#login = { declaration, user: this.user, become };
    this.#signal = signal;
  }

  /** Throws CONFIG for `netns` off Linux, SSH_UNREACHABLE where there is no such namespace. */
  static async open(declaration: ClusterHost, become: 'sudo' | 'none', signal: AbortSignal): Promise<LocalHost> {
    const { name, netns } = declaration;
    if (netns !== undefined) {
      if (process.platform !== 'linux')
        throw new IpvetError('CONFIG', `${name}: netns works on Linux only, and this is ${process.platform}.`, {
          host: name,
          hint: `Run ipvet on Linux, or take netns: ${netns} out of the cluster file.`,
        });
      await access(`/run/netns/${netns}`).catch((cause: unknown) => {
        throw new IpvetError('SSH_UNREACHABLE', `${name}: this machine has no network namespace ${netns}.`, {
          host: name,
          cause,
          hint: 'ip netns list shows those there are; ip netns add makes one.',
        });
      });
    }
    return new LocalHost(declaration, become, signal);
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const signal = options.signal ?? this.#signal;
    const { argv: line, sudo } = lineOf(argv, this.#login, options.asRoot === true);
    const host = this.declaration.name;
    const result = await runToEnd(this.#start(line, signal), { host, argv, signal }, options);
    return checkExit(sudo ? afterSudo(result, host, this.user) : result, host, options.exitCodes);
  }

  spawn(argv: readonly string[], options: Pick<ExecOptions, 'asRoot' | 'signal'> = {}): Promise<RemoteProcess> {
    const signal = options.signal ?? this.#signal;
    return Promise.resolve().then(() => {
      const line = lineOf(argv, this.#login, options.asRoot === true);
      return converse(this.#start(line.argv, signal), signal);
    });
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#running].map((program) => {
        program.kill();
        return program.ended;
      }),
    );
  }

  #start(line: readonly string[], signal: AbortSignal): Program {
    const { name } = this.declaration;
    if (signal.aborted) throw new IpvetError('ABORTED', `${name}: interrupted.`, { host: name, cause: signal.reason });
    const program = childProgram(line, name);
    this.#running.add(program);
    void program.ended.then(() => this.#running.delete(program));
    return program;
  }
}

/** A child in a session of its own, so that Ctrl-C at the terminal reaches ipvet alone, which then undoes its changes. */
function childProgram(argv: readonly string[], host: string): Program {
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
