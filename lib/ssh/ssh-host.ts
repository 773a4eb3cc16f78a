import type { ClusterHost } from '../model/cluster.ts';
import { afterSudo } from './become.ts';
import type { Connection } from './connection.ts';
import type { Dialled, ExecOptions, ExecResult, Host, RemoteProcess } from './host.ts';
import { lineOf, type Login } from './line.ts';
import { checkExit } from './outcome.ts';
import { converse, defaultTimeoutMs, runToEnd } from './program.ts';
import { quoteArgv } from './quote.ts';

export interface SshHostOptions extends Login {
  /** For programs that bring no signal of their own. */
  readonly signal: AbortSignal;
  /** The connection kept for the run; a new one where that was lost. */
  readonly connection: (signal: AbortSignal) => Promise<Connection>;
}

/** A host behind ssh. */
export class SshHost implements Host {
  readonly declaration: ClusterHost;
  readonly user: string;
  readonly #options: SshHostOptions;

  constructor(options: SshHostOptions) {
    this.declaration = options.declaration;
    this.user = options.user;
    this.#options = options;
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const host = this.declaration.name;
    const signal = options.signal ?? this.#options.signal;
    const line = lineOf(argv, this.#options, options.asRoot === true);
    const connection = await this.#options.connection(signal);
    const program = await connection.start(quoteArgv(line.argv), options.timeoutMs ?? defaultTimeoutMs, signal);
    const result = await runToEnd(program, { host, argv, signal }, options);
    return checkExit(line.sudo ? afterSudo(result, host, this.user) : result, host, options.exitCodes);
  }

  async spawn(argv: readonly string[], options: Pick<ExecOptions, 'asRoot' | 'signal'> = {}): Promise<RemoteProcess> {
    const signal = options.signal ?? this.#options.signal;
    const line = lineOf(argv, this.#options, options.asRoot === true);
    const connection = await this.#options.connection(signal);
    return converse(await connection.start(quoteArgv(line.argv), defaultTimeoutMs, signal), signal);
  }

  readonly dial = async (
    address: string,
    port: number,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<Dialled> => {
    try {
      const connection = await this.#options.connection(signal);
      return await connection.dial(address, port, timeoutMs, signal);
    } catch (error) {
      return { untried: error instanceof Error ? error.message : String(error) };
    }
  };
}
