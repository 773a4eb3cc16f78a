/** This machine as a host, without ssh; on Linux also one of its network namespaces. */
import { access } from 'node:fs/promises';
import type { ClusterHost } from '../model/cluster.ts';
import { IpvetError } from '../errors.ts';
import { afterSudo } from './become.ts';
import { childProgram } from './child-program.ts';
import type { ExecOptions, ExecResult, Host, RemoteProcess } from './host.ts';
import { type Login, lineOf } from './line.ts';
import { localUser } from './logins.ts';
import { checkExit } from './outcome.ts';
import { converse, type Program, runToEnd } from './program.ts';

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
