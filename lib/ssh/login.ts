/** From an open transport to a client that is logged in. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type Client } from 'ssh2';
import type { IpvetError } from '../errors.ts';
import { onAbort } from './abort.ts';
import { algorithmsFor } from './algorithms.ts';
import {
  closedEarly,
  hostKeyRefused,
  interrupted,
  loginRefused,
  proxyFailed,
  type Stage,
  tooSlow,
} from './failures.ts';
import type { Identities, Login } from './identities.ts';
import { fingerprint, hostKeyName, judgeHostKey, type KnownHost, keyTypeOf, knownKeyTypes } from './known-hosts.ts';
import { ProxySocket } from './proxy.ts';
import type { TransportOptions } from './transport.ts';

const keepaliveIntervalMs = 10_000;
const keepaliveCountMax = 3;

/** `timeoutMs` is for the transport and for the handshake, each. */
export interface ConnectOptions extends TransportOptions {
  readonly loginTimeoutMs: number;
  readonly identities: Identities;
  readonly knownHosts: readonly KnownHost[];
  readonly onBanner?: (text: string) => void;
}

/** Handshake, host key and login over `transport`; `adopt` takes the client over before its next event. */
export function logIn<T>(
  transport: Duplex,
  login: Login,
  options: ConnectOptions,
  adopt: (client: Client) => T,
): Promise<T> {
  const { target, way, knownHosts, timeoutMs, loginTimeoutMs, signal, onBanner } = options;
  const { config } = target;
  const name = hostKeyName(config.hostname, config.port, config.hostKeyAlias);
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
      const limitMs = stage === 'login' ? loginTimeoutMs : timeoutMs;
      timer = setTimeout(() => {
        fail(tooSlow(target, stage, limitMs));
      }, limitMs);
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
