/** One ssh connection: transport, host key, login, and the programs that run over it. */
import { connect as connectTcp, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type Client, type ClientChannel } from 'ssh2';
import { IpvetError } from '../errors.ts';
import { onAbort } from './abort.ts';
import { algorithmsFor } from './algorithms.ts';
import {
  closedEarly,
  forwardRefused,
  hostKeyRefused,
  loginRefused,
  lostConnection,
  proxyFailed,
  type Stage,
  type Target,
  tooSlow,
  unreachable,
} from './failures.ts';
import { type Identities, Login } from './identities.ts';
import { fingerprint, hostKeyName, judgeHostKey, type KnownHost, keyTypeOf, knownKeyTypes } from './known-hosts.ts';
import type { Program } from './program.ts';
import { ProxySocket } from './proxy.ts';
import { Slots } from './slots.ts';
import { sshProgram } from './ssh-program.ts';

/** sshd's MaxSessions is 10 by default, and counts programs, not forwarded connections (sshd_config(5)). */
const programsPerConnection = 8;
const keepaliveIntervalMs = 10_000;
const keepaliveCountMax = 3;
const closeGraceMs = 500;

/** How the bytes get there. */
export type Way =
  | { readonly kind: 'tcp' }
  | { readonly kind: 'jump'; readonly through: Connection }
  | { readonly kind: 'command'; readonly command: string };

export interface ConnectOptions {
  readonly target: Target;
  readonly way: Way;
  readonly identities: Identities;
  readonly knownHosts: readonly KnownHost[];
  /** For the transport, for the handshake and for the login, each. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onBanner?: (text: string) => void;
}

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
    const transport = await openTransport(options);
    try {
      return await logIn(transport, options, (client) => new Connection(target, client, transport));
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
    const channel = await this.#answer<ClientChannel>(
      timeoutMs,
      signal,
      `start ${commandLine.slice(0, 60)}`,
      (done) => {
        this.#client.exec(commandLine, execOptions(sent), (error, opened) => {
          if (error === undefined) done(undefined, opened);
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
    );
    return sshProgram(channel, this, sent.atMs);
  }

  /** A TCP connection from there to somewhere else. Throws SSH_UNREACHABLE, SSH_TIMEOUT, SSH_CLOSED, ABORTED. */
  async forward(target: Target, timeoutMs: number, signal: AbortSignal): Promise<Duplex> {
    const { hostname, port } = target.config;
    return this.#answer<ClientChannel>(
      timeoutMs,
      signal,
      undefined,
      (done) => {
        this.#client.forwardOut('127.0.0.1', 0, hostname, port, (error, channel) => {
          if (error === undefined) done(undefined, channel);
          else done(this.#lost ?? forwardRefused(target, error));
        });
      },
      () => tooSlow(target, 'connect', timeoutMs),
    );
  }

  /** One request to the server, with a deadline; a channel that comes too late is closed. */
  #answer<T extends ClientChannel>(
    timeoutMs: number,
    signal: AbortSignal,
    what: string | undefined,
    ask: (done: (error: Error | undefined, channel?: T) => void) => void,
    late: () => IpvetError = () =>
      new IpvetError(
        'EXEC_TIMEOUT',
        `${this.target.label}: sshd there did not ${what ?? 'answer'} within ${timeoutMs / 1000} s.`,
        {
          host: this.target.label,
          hint: 'Is the host overloaded? Look at its console.',
        },
      ),
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
        ask((error, channel) => {
          if (settled) channel?.close();
          else if (channel === undefined) fail(error ?? new Error('no channel'));
          else
            settle(() => {
              resolve(channel);
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

function interrupted(target: Target, signal: AbortSignal): IpvetError {
  return new IpvetError('ABORTED', `${target.label}: interrupted.`, { host: target.label, cause: signal.reason });
}

async function openTransport({ target, way, timeoutMs, signal }: ConnectOptions): Promise<Duplex> {
  if (signal.aborted) throw interrupted(target, signal);
  if (way.kind === 'jump') return way.through.forward(target, timeoutMs, signal);
  if (way.kind === 'command') return new ProxySocket(way.command);
  const { hostname, port, addressFamily, bindAddress } = target.config;
  const socket = connectTcp({
    host: hostname,
    port,
    noDelay: true,
    // Node's 250 ms is too short for a host far away that has two addresses.
    autoSelectFamilyAttemptTimeout: 2000,
    ...(addressFamily === undefined ? {} : { family: addressFamily }),
    ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
  });
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      disarm();
      socket.off('connect', connected);
      socket.off('error', failed);
    };
    const fail = (error: IpvetError) => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const abort = () => {
      fail(interrupted(target, signal));
    };
    const timer = setTimeout(() => {
      fail(tooSlow(target, 'connect', timeoutMs));
    }, timeoutMs);
    const disarm = onAbort(signal, abort);
    const connected = () => {
      settle();
      resolve(socket);
    };
    const failed = (error: Error) => {
      fail(unreachable(target, error));
    };
    socket.once('connect', connected);
    socket.once('error', failed);
  });
}

/** Handshake, host key and login over `transport`; `adopt` takes the client over before its next event. */
async function logIn<T>(transport: Duplex, options: ConnectOptions, adopt: (client: Client) => T): Promise<T> {
  const { target, way, identities, knownHosts, timeoutMs, signal, onBanner } = options;
  const { config } = target;
  const name = hostKeyName(config.hostname, config.port, config.hostKeyAlias);
  const login = await Login.prepare(config, identities);
  const client = new ssh2.Client();
  let stage: Stage = 'handshake';
  let refusal: IpvetError | undefined;

  const judge = (key: Buffer): boolean => {
    const verdict = judgeHostKey(knownHosts, name, key);
    if (verdict.status === 'known') return true;
    if (verdict.status === 'unknown' && config.hostKeyChecking === 'accept-new') return true;
    refusal = hostKeyRefused(target, verdict, name.name, { type: keyTypeOf(key), fingerprint: fingerprint(key) });
    return false;
  };

  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const deadline = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        fail(tooSlow(target, stage, timeoutMs));
      }, timeoutMs);
    };
    const settle = () => {
      clearTimeout(timer);
      disarm();
    };
    const fail = (error: IpvetError) => {
      settle();
      client.removeAllListeners();
      client.on('error', () => undefined);
      client.end();
      transport.destroy();
      reject(error);
    };
    const abort = () => {
      fail(interrupted(target, signal));
    };
    const closed = (cause: unknown) => {
      if (refusal !== undefined) fail(refusal);
      else if (
        stage === 'handshake' &&
        transport instanceof ProxySocket &&
        way.kind === 'command' &&
        !String(cause).includes('no matching')
      )
        fail(proxyFailed(target, way.command, transport.said, cause));
      else if (stage === 'login' && cause instanceof Error && /authentication/i.test(cause.message))
        fail(loginRefused(target, login.tried, login.notes, cause));
      else fail(closedEarly(target, stage, cause));
    };

    const disarm = onAbort(signal, abort);
    deadline();
    if (transport instanceof Socket) transport.setNoDelay(true);
    if (onBanner !== undefined) client.on('banner', onBanner);
    client.once('handshake', () => {
      stage = 'login';
      deadline();
    });
    client.once('ready', () => {
      settle();
      client.removeAllListeners();
      resolve(adopt(client));
    });
    client.on('error', (error: Error & { readonly level?: string }) => {
      // The agent could not sign, or a key could not: ssh2 says so and goes on with the next.
      if (stage === 'login' && (error.level === 'agent' || error.level === 'client-authentication'))
        login.notes.push(error.message);
      else closed(error);
    });
    client.once('close', () => {
      closed(undefined);
    });

    client.connect({
      sock: transport,
      host: config.hostname,
      port: config.port,
      username: config.user,
      readyTimeout: 0,
      keepaliveInterval: config.keepaliveIntervalMs ?? keepaliveIntervalMs,
      keepaliveCountMax: config.keepaliveCountMax ?? keepaliveCountMax,
      algorithms: algorithmsFor(config, knownKeyTypes(knownHosts, name)),
      hostVerifier: judge,
      authHandler: (_left, _partial, next) => {
        // A question at the terminal has no deadline.
        clearTimeout(timer);
        void login.next().then((method: AnyAuthMethod | undefined) => {
          if (method === undefined) fail(loginRefused(target, login.tried, login.notes));
          else {
            deadline();
            next(method);
          }
        }, fail);
      },
    });
    if (signal.aborted) abort();
  });
}
