/** The open connections, by where they lead. Two names for the same login share one. */
import { asIpvetError, IpvetError } from '../errors.ts';
import { visible } from '../model/visible-text.ts';
import { Connection } from './connection.ts';
import type { FleetEvent } from './fleet.ts';
import type { Identities } from './identities.ts';
import { type KnownHost, readKnownHosts } from './known-hosts.ts';
import type { Route } from './routes.ts';
import { Slots } from './slots.ts';
import type { Way } from './transport.ts';

const defaultConnectTimeoutMs = 10_000;
/** Enough to see what it is; nothing here depends on it. */
const keptBannerChars = 2000;

export interface PoolOptions {
  /** Connections in the making at the same time. */
  readonly parallel: number;
  readonly identities: Identities;
  readonly connectTimeoutMs?: number;
  readonly reachTimeoutMs?: number;
  readonly onEvent: (event: FleetEvent) => void;
}

export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #slots: Slots;
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #open = new Set<Connection>();
  /** Routes that have worked once: a failure to reconnect is not held against them. */
  readonly #worked = new Set<string>();
  readonly #knownHosts = new Map<string, Promise<readonly KnownHost[]>>();
  readonly #closing = new AbortController();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#slots = new Slots(options.parallel);
  }

  /** The one connection of the route; the first failure is the answer to everyone who asks again. */
  async open(route: Route, signal: AbortSignal): Promise<Connection> {
    const existing = this.#connections.get(route.key);
    if (existing !== undefined) {
      const connection = await existing;
      if (connection.lost === undefined) return connection;
      // Whoever comes first makes the new one.
      if (this.#connections.get(route.key) === existing) this.#connections.delete(route.key);
      return this.open(route, signal);
    }
    const made = this.#make(route, AbortSignal.any([signal, this.#closing.signal]));
    this.#connections.set(route.key, made);
    try {
      const connection = await made;
      this.#worked.add(route.key);
      return connection;
    } catch (error) {
      if (this.#worked.has(route.key)) this.#connections.delete(route.key);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#connections.values());
    // Those behind a jump host first, so that they can still say goodbye.
    const open = [...this.#open].sort(
      (a, b) => Number(b.target.via !== undefined) - Number(a.target.via !== undefined),
    );
    await Promise.all(open.map((connection) => connection.close()));
  }

  async #make(route: Route, signal: AbortSignal): Promise<Connection> {
    const { onEvent, identities, reachTimeoutMs = Infinity } = this.#options;
    const limitMs = this.#options.connectTimeoutMs ?? route.config.connectTimeoutMs ?? defaultConnectTimeoutMs;
    try {
      const way = await this.#way(route, signal);
      const knownHosts = await this.#entries(route.config.knownHostsFiles);
      const release = await this.#slots.take(signal);
      try {
        const startedAtMs = performance.now();
        const connection = await Connection.open({
          target: route,
          way,
          identities,
          knownHosts,
          timeoutMs: Math.min(reachTimeoutMs, limitMs),
          loginTimeoutMs: limitMs,
          signal,
          onBanner: (text) => {
            onEvent({ kind: 'banner', host: route.label, text: visible(text.slice(0, keptBannerChars)).trimEnd() });
          },
        });
        this.#open.add(connection);
        connection.onLost((error) => {
          this.#open.delete(connection);
          if (!this.#closing.signal.aborted) onEvent({ kind: 'lost', host: route.label, error });
        });
        onEvent({ kind: 'connected', host: route.label, durationMs: performance.now() - startedAtMs });
        return connection;
      } finally {
        release();
      }
    } catch (error) {
      if (error instanceof IpvetError && error.host !== undefined) throw error;
      const known = asIpvetError(error, 'SSH_UNREACHABLE', `${route.label}: cannot be connected`);
      throw new IpvetError(known.code, known.message, {
        host: route.label,
        cause: known.cause ?? known,
        ...(known.hint === undefined ? {} : { hint: known.hint }),
      });
    }
  }

  async #way(route: Route, signal: AbortSignal): Promise<Way> {
    if (route.through !== undefined) return { kind: 'jump', through: await this.open(route.through, signal) };
    return route.proxyCommand === undefined ? { kind: 'tcp' } : { kind: 'command', command: route.proxyCommand };
  }

  async #entries(files: readonly string[]): Promise<readonly KnownHost[]> {
    const lists = await Promise.all(
      files.map((file) => {
        let found = this.#knownHosts.get(file);
        if (found === undefined) this.#knownHosts.set(file, (found = readKnownHosts([file])));
        return found;
      }),
    );
    return lists.flat();
  }
}
