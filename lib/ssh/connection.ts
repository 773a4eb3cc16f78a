/** One ssh connection: transport, host key, login, and the programs that run over it. */
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { IpvetError } from '../errors.ts';
import { onAbort } from './abort.ts';
import { forwardRefused, interrupted, lostConnection, notDialled, type Target, tooSlow } from './failures.ts';
import type { Dialled } from './host.ts';
import { type ConnectOptions, logIn } from './login.ts';
import { Login } from './identities.ts';
import type { Program } from './program.ts';
import { Slots } from './slots.ts';
import { sshProgram } from './ssh-program.ts';
import { openTransport } from './transport.ts';

/** sshd's MaxSessions is 10 by default, and counts programs, not forwarded connections (sshd_config(5)). */
const programsPerConnection = 8;
const closeGraceMs = 500;

export class Connection {
  readonly target: Target;
  readonly #client: Client;
  readonly #transport: Duplex;
  readonly #slots = new Slots(programsPerConnection);
  readonly #onLost = new Set<(error: IpvetError) => void>();
  readonly #closed: Promise<void>;
  #lost: IpvetError | undefined;
  #closing = false;

  private constructor(target: Target, client: Client, transport: Duplex) {
    this.target = target;
    this.#client = client;
    this.#transport = transport;
    let cause: unknown;
    client.on('error', (error: Error) => {
      cause ??= error;
      this.#lose(cause);
    });
    client.on('end', () => {
      this.#lose(cause);
    });
    this.#closed = new Promise((resolve) => {
      client.once('close', () => {
        this.#lose(cause);
        resolve();
      });
    });
  }

  /** Throws SSH_UNREACHABLE, SSH_TIMEOUT, SSH_HOST_KEY, SSH_AUTH, SSH_CLOSED, SSH_CONFIG, ABORTED. */
  static async open(options: ConnectOptions): Promise<Connection> {
    const { target, signal } = options;
    const login = await Login.prepare(options.target.config, options.identities);
    // Nothing may be awaited between the transport and the client that listens to it.
    const transport = await openTransport(options);
    try {
      return await logIn(transport, login, options, (client) => new Connection(target, client, transport));
    } catch (error) {
      transport.destroy();
      if (signal.aborted && !(error instanceof IpvetError)) throw interrupted(target, signal);
      throw error;
    }
  }

  /** Why there is no connection any more. */
  get lost(): IpvetError | undefined {
    return this.#lost;
  }

  /** Calls back once, at once when it is lost already; the function returned takes it back. */
  onLost(callback: (error: IpvetError) => void): () => void {
    if (this.#lost === undefined) this.#onLost.add(callback);
    else callback(this.#lost);
    return () => this.#onLost.delete(callback);
  }

  /** Starts one program; waits for its turn. Throws SSH_CLOSED, EXEC_FAILED, EXEC_TIMEOUT, ABORTED. */
  async start(commandLine: string, timeoutMs: number, signal: AbortSignal): Promise<Program> {
    for (;;) {
      const release = await this.#slots.take(signal);
      try {
        const program = await this.#open(commandLine, timeoutMs, signal);
        void program.ended.then(release);
        return program;
      } catch (error) {
        release();
        // A server with a smaller MaxSessions refuses the channel: wait for one of ours to end, and ask again.
        if (!(error instanceof ChannelRefused)) throw error;
        const others = this.#slots.taken;
        if (others === 0)
          throw new IpvetError(
            'EXEC_FAILED',
            `${this.target.label}: sshd there does not start programs: ${error.message}`,
            {
              host: this.target.label,
              cause: error,
              hint: 'MaxSessions in its sshd_config must be at least 1, and no ForceCommand may stand in the way.',
            },
          );
        this.#slots.lower(others);
      }
    }
  }

  async #open(commandLine: string, timeoutMs: number, signal: AbortSignal): Promise<Program> {
    const { label } = this.target;
    const sent = { atMs: performance.now() };
    return this.#answer<Program>(
      timeoutMs,
      signal,
      (done) => {
        this.#client.exec(commandLine, execOptions(sent), (error, opened) => {
          // At once: the exit status may be in the same packet as the server's consent.
          if (error === undefined) done(undefined, sshProgram(opened, this, sent.atMs));
          else if ('reason' in error) done(new ChannelRefused(error.message));
          else
            done(
              this.#lost ??
                new IpvetError('EXEC_FAILED', `${label}: sshd there refuses to start a program: ${error.message}`, {
                  host: label,
                  cause: error,
                  hint: `Does its login shell exist, and is there no ForceCommand for ${this.target.config.user}?`,
                }),
            );
        });
      },
      () =>
        new IpvetError('EXEC_TIMEOUT', `${label}: sshd there did not start a program within ${timeoutMs / 1000} s.`, {
          host: label,
          hint: 'Is the host overloaded? Look at its console.',
        }),
      (program) => {
        program.kill();
      },
    );
  }

  /** A TCP connection from there to somewhere else. Throws SSH_UNREACHABLE, SSH_TIMEOUT, SSH_CLOSED, ABORTED. */
  forward(target: Target, timeoutMs: number, signal: AbortSignal): Promise<Duplex> {
    const { hostname, port } = target.config;
    return this.#connectFrom(hostname, port, {
      timeoutMs,
      signal,
      refused: (error) => forwardRefused(target, error),
      late: () => tooSlow(target, 'connect', timeoutMs),
    });
  }

  /** The same, where what the network says is the answer. Throws SSH_CLOSED, ABORTED. */
  async dial(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Dialled> {
    try {
      const said = { refused: (error: Error) => error, late: () => tooSlow(this.target, 'connect', timeoutMs) };
      return { stream: await this.#connectFrom(address, port, { timeoutMs, signal, ...said }) };
    } catch (error) {
      if (!(error instanceof IpvetError)) return notDialled(error as Error);
      if (error.code === 'SSH_TIMEOUT') return { refused: 'timeout' };
      throw error;
    }
  }

  #connectFrom(address: string, port: number, { timeoutMs, signal, refused, late }: ForwardOptions): Promise<Duplex> {
    return this.#answer<Duplex>(
      timeoutMs,
      signal,
      (done) => {
        this.#client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
          if (error === undefined) done(undefined, channel);
          else done(this.#lost ?? refused(error));
        });
      },
      late,
      (channel) => {
        channel.destroy();
      },
    );
  }

  /** One request to the server, with a deadline; what comes too late is discarded. */
  #answer<T>(
    timeoutMs: number,
    signal: AbortSignal,
    ask: (done: (error: Error | undefined, value?: T) => void) => void,
    late: () => IpvetError,
    discard: (value: T) => void,
  ): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    if (signal.aborted) return Promise.reject(interrupted(this.target, signal));
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (give: () => void) => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        disarm();
        forget();
        give();
      };
      const fail = (error: Error) => {
        settle(() => {
          reject(error);
        });
      };
      const abort = () => {
        fail(interrupted(this.target, signal));
      };
      const timer = setTimeout(() => {
        fail(late());
      }, timeoutMs);
      const disarm = onAbort(signal, abort);
      const forget = this.onLost(fail);
      try {
        ask((error, value) => {
          if (value === undefined) fail(error ?? lostConnection(this.target, error));
          else if (settled) discard(value);
          else
            settle(() => {
              resolve(value);
            });
        });
      } catch (error) {
        fail(this.#lost ?? lostConnection(this.target, error));
      }
    });
  }

  /** Ends the connection and everything on it. Idempotent; never rejects. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#client.end();
    const timer = setTimeout(() => {
      this.#transport.destroy();
      this.#client.emit('close');
    }, closeGraceMs);
    await this.#closed;
    clearTimeout(timer);
    this.#transport.destroy();
  }

  #lose(cause: unknown): void {
    if (this.#lost !== undefined) return;
    this.#lost = this.#closing
      ? new IpvetError('SSH_CLOSED', `${this.target.label}: the connection has been closed.`, {
          host: this.target.label,
        })
      : lostConnection(this.target, cause);
    // A peer that is gone does not answer a polite goodbye.
    if (!this.#closing) this.#transport.destroy();
    for (const callback of this.#onLost) callback(this.#lost);
    this.#onLost.clear();
  }
}

interface ForwardOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Of what the server said. */
  readonly refused: (error: Error) => Error;
  readonly late: () => IpvetError;
}

/** The server would not open one more channel. */
class ChannelRefused extends Error {}

/**
 * ssh2 opens the channel first and asks for the program one round trip later; it looks at `x11` in between, which is the
 * one place that tells when the request leaves.
 */
function execOptions(sent: { atMs: number }): { readonly x11?: never } {
  return {
    get x11(): never {
      sent.atMs = performance.now();
      return undefined as never;
    },
  };
}
