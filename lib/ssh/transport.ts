/** The way the bytes of an ssh connection go. */
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import type { IpvetError } from '../errors.ts';
import { onAbort } from './abort.ts';
import type { Connection } from './connection.ts';
import { interrupted, type Target, tooSlow, unreachable } from './failures.ts';
import { ProxySocket } from './proxy.ts';

/** How the bytes get there. */
export type Way =
  | { readonly kind: 'tcp' }
  | { readonly kind: 'jump'; readonly through: Connection }
  | { readonly kind: 'command'; readonly command: string };

export interface TransportOptions {
  readonly target: Target;
  readonly way: Way;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Throws SSH_UNREACHABLE, SSH_TIMEOUT, ABORTED; what is wrong with a ProxyCommand shows in the handshake only. */
export async function openTransport({ target, way, timeoutMs, signal }: TransportOptions): Promise<Duplex> {
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
