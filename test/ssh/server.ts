/**
 * A real ssh server in this process, on a port of its own of 127.0.0.1. What a test expects to happen there is declared
 * with `expect`, and `close` fails when it did not.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel, type ServerConfig } from 'ssh2';
import type { KeyPair } from './workspace.ts';

export interface Request {
  readonly command: string;
  readonly channel: ServerChannel;
  readonly connection: Connection;
}

export interface ServerOptions {
  readonly hostKeys: readonly KeyPair[];
  /** Keys that may log in. */
  readonly authorized?: readonly KeyPair[];
  readonly onExec?: (request: Request) => void;
  /** Programs at the same time on one connection; more are refused, as with sshd's MaxSessions. */
  readonly maxSessions?: number;
  /** `false` refuses every direct-tcpip, as with AllowTcpForwarding no. */
  readonly forwarding?: boolean;
  readonly banner?: string;
  readonly config?: Partial<ServerConfig>;
}

export class TestServer {
  readonly connections = new Set<Connection>();
  /** Connections ever made. */
  accepted = 0;
  /** Keys offered, in order, as `type base64`. */
  readonly offered: string[] = [];
  readonly commands: string[] = [];
  readonly forwarded: string[] = [];
  readonly #server: ssh2.Server;
  readonly #sockets = new Set<Socket>();
  readonly #expected: { readonly what: string; readonly happened: () => boolean }[] = [];

  private constructor(options: ServerOptions) {
    const { hostKeys, banner, config } = options;
    this.#server = new ssh2.Server(
      {
        hostKeys: hostKeys.map((key) => key.privateText),
        ...(banner === undefined ? {} : { banner }),
        ...config,
      },
      (connection) => {
        this.#serve(connection, options);
      },
    );
  }

  static async start(options: ServerOptions): Promise<TestServer> {
    const server = new TestServer(options);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  onConnection(callback: (connection: Connection) => void): void {
    this.#server.on('connection', callback);
  }

  /** The connection there is, or the next one. */
  async connection(): Promise<Connection> {
    for (const connection of this.connections) return connection;
    return new Promise((resolve) => {
      this.#server.once('connection', resolve);
    });
  }

  /** `close` fails unless this is called exactly so often. */
  expect<A extends unknown[]>(what: string, callback: (...args: A) => void, times = 1): (...args: A) => void {
    let calls = 0;
    this.#expected.push({ what: `${what} x ${times}`, happened: () => calls === times });
    return (...args) => {
      calls++;
      callback(...args);
    };
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.end();
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
    const missing = this.#expected.filter(({ happened }) => !happened()).map(({ what }) => what);
    if (missing.length > 0) throw new Error(`did not happen as expected: ${missing.join(', ')}`);
  }

  #serve(connection: Connection, options: ServerOptions): void {
    this.accepted++;
    this.connections.add(connection);
    let sessions = 0;
    // A client that leaves in the middle of a test is part of that test.
    connection.on('error', () => undefined);
    connection.on('close', () => this.connections.delete(connection));
    connection.on('authentication', (context) => {
      if (context.method !== 'publickey') {
        context.reject(['publickey']);
        return;
      }
      const offered = `${context.key.algo} ${context.key.data.toString('base64')}`;
      if (context.signature === undefined) this.offered.push(offered);
      const blob = context.key.data.toString('base64');
      const authorized = options.authorized?.find((key) => key.publicText.endsWith(` ${blob}`));
      const parsed = authorized === undefined ? undefined : ssh2.utils.parseKey(authorized.publicText);
      if (parsed === undefined || parsed instanceof Error) context.reject(['publickey']);
      else if (context.signature === undefined || context.blob === undefined) context.accept();
      else if (parsed.verify(context.blob, context.signature, context.hashAlgo)) context.accept();
      else context.reject(['publickey']);
    });
    connection.on('session', (accept, reject) => {
      if (sessions >= (options.maxSessions ?? Infinity)) {
        reject();
        return;
      }
      sessions++;
      const session = accept();
      session.on('close', () => sessions--);
      session.on('exec', (acceptExec, _rejectExec, info) => {
        this.commands.push(info.command);
        const channel = acceptExec();
        channel.on('error', () => undefined);
        options.onExec?.({ command: info.command, channel, connection });
      });
    });
    connection.on('tcpip', (accept, reject, info) => {
      if (options.forwarding === false) {
        reject();
        return;
      }
      this.forwarded.push(`${info.destIP}:${info.destPort}`);
      const socket = connect(info.destPort, info.destIP);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.once('error', () => {
        reject();
      });
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        socket.on('error', () => undefined);
        const channel = accept();
        channel.on('error', () => undefined);
        channel.on('close', () => socket.destroy());
        channel.pipe(socket).pipe(channel);
      });
    });
  }
}

/** A program that says `stdout` and `stderr`, and ends with `exitCode`. */
export function says(stdout: string, exitCode = 0, stderr = ''): (request: Request) => void {
  return ({ channel }) => {
    channel.stderr.write(stderr);
    channel.write(stdout);
    channel.exit(exitCode);
    channel.end();
  };
}

/**
 * Writes `bytes` to standard output and as many to standard error, by turns and as fast as the client takes them. By
 * turns, because an ssh2 server whose two streams both wait for the client wakes only one of them.
 */
export async function flood({ channel }: Request, bytes: number): Promise<void> {
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let sent = 0; sent < bytes; sent += piece.length)
    for (const stream of [channel, channel.stderr])
      await new Promise<void>((resolve) => {
        stream.write(piece.subarray(0, bytes - sent), () => {
          resolve();
        });
      });
}

/** Resolves when the client has closed the channel. */
export async function clientClosed({ channel }: Request): Promise<void> {
  // A channel nobody reads from is never seen to close.
  channel.resume();
  await once(channel, 'close');
}
