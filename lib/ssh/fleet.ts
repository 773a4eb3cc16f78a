/** The hosts of a cluster and the connections to them: one per host, made when first asked for, kept until `close`. */
import { setMaxListeners } from 'node:events';
import { IpvetError } from '../errors.ts';
import { type Cluster, type ClusterHost, hostsOf } from '../model/cluster.ts';
import type { Fleet, Host } from './host.ts';
import { Identities, type Prompt } from './identities.ts';
import { LocalHost } from './local-host.ts';
import { ConnectionPool } from './pool.ts';
import { type Route, Routes } from './routes.ts';
import { SshHost } from './ssh-host.ts';

export type FleetEvent =
  /** `host` as the cluster file calls it, or as ssh does for a hop that is none of its hosts. */
  | { readonly kind: 'connected'; readonly host: string; readonly durationMs: number }
  | { readonly kind: 'banner'; readonly host: string; readonly text: string }
  | { readonly kind: 'failed'; readonly host: string; readonly error: IpvetError }
  /** The connection was lost; the next program on the host makes a new one. */
  | { readonly kind: 'lost'; readonly host: string; readonly error: IpvetError };

export interface FleetOptions {
  /**
   * Stops connecting, and every program that was started without a signal of its own. Connections stay open until
   * `close`, so that an undo with its own signal still finds its host.
   */
  readonly signal: AbortSignal;
  /** For the transport, for the handshake and for the login, each. Default: ConnectTimeout of ssh's configuration, else 10 s. */
  readonly connectTimeoutMs?: number;
  /** For the transport and for the handshake, each, when it is less than that. */
  readonly reachTimeoutMs?: number;
  /** Asks for the passphrase of a key file; only on a terminal. Without it encrypted keys are left out. */
  readonly prompt?: Prompt;
  readonly onEvent?: (event: FleetEvent) => void;
}

export function connectFleet(cluster: Cluster, options: FleetOptions): Fleet {
  const { signal, onEvent = () => undefined } = options;
  // One listener for each host and program under way: more than ten are no leak.
  setMaxListeners(0, signal);
  const declared = new Map(hostsOf(cluster).map((host) => [host.name, host]));
  const routes = new Routes(cluster, signal);
  const pool = new ConnectionPool({
    parallel: cluster.ssh.parallel,
    identities: new Identities(options.prompt),
    ...(options.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: options.connectTimeoutMs }),
    ...(options.reachTimeoutMs === undefined ? {} : { reachTimeoutMs: options.reachTimeoutMs }),
    onEvent,
  });
  const hosts = new Map<string, Promise<Host>>();
  const local: LocalHost[] = [];

  const connect = async (declaration: ClusterHost): Promise<Host> => {
    if (declaration.host === 'localhost') {
      const host = await LocalHost.open(declaration, cluster.ssh.become, signal);
      local.push(host);
      return host;
    }
    const route = await aboutHost(declaration, undefined, routes.to(declaration));
    await aboutHost(declaration, route, pool.open(route, signal));
    return new SshHost({
      declaration,
      user: route.config.user,
      become: cluster.ssh.become,
      signal,
      connection: (wanted) => aboutHost(declaration, route, pool.open(route, wanted)),
    });
  };

  let closing: Promise<void> | undefined;
  return {
    host(name) {
      const known = hosts.get(name);
      if (known !== undefined) return known;
      const declaration = declared.get(name);
      if (declaration === undefined)
        return Promise.reject(
          new IpvetError('CONFIG', `The cluster file has no host ${name}.`, {
            hint: `It has ${[...declared.keys()].join(', ')}.`,
          }),
        );
      if (closing !== undefined)
        return Promise.reject(
          new IpvetError('SSH_CLOSED', `${name}: the connections of this run have been closed.`, { host: name }),
        );
      const host = connect(declaration);
      hosts.set(name, host);
      host.catch((error: unknown) => {
        if (error instanceof IpvetError) onEvent({ kind: 'failed', host: name, error });
      });
      return host;
    },
    close: () => (closing ??= Promise.all([pool.close(), ...local.map((host) => host.close())]).then(() => undefined)),
  };
}

/** The error of a jump host, or of a connection two names share, said of the host that was asked for. */
async function aboutHost<T>(declaration: ClusterHost, route: Route | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof IpvetError) || error.host === declaration.name || error.code === 'ABORTED') throw error;
    const said = error.host ?? '';
    const message =
      route !== undefined && leadsThrough(route, said) ? `its jump host ${error.message}` : withoutLabel(error);
    throw new IpvetError(error.code, `${declaration.name}: ${message}`, {
      host: declaration.name,
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function leadsThrough({ through }: Route, label: string): boolean {
  return through !== undefined && (through.label === label || leadsThrough(through, label));
}

/** The sentence alone, where it begins with the host it is about. */
function withoutLabel({ message, host }: IpvetError): string {
  return host !== undefined && message.startsWith(`${host}: `) ? message.slice(host.length + 2) : message;
}
