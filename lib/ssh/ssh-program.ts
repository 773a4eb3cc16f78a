/** A program behind an ssh channel. */
import type { ClientChannel } from 'ssh2';
import { IpvetError } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { Ending, Program } from './program.ts';

/** How long the server may take to confirm that a channel is closed. */
const killGraceMs = 1000;

export function sshProgram(channel: ClientChannel, connection: Connection, requestedAtMs: number): Program {
  let exit: { readonly exitCode: number | null; readonly signal?: string } | undefined;
  let settle: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    settle = resolve;
  });
  const { label } = connection.target;
  const forget = connection.onLost((lost) => {
    settle({ exitCode: null, lost });
  });
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = code === null ? { exitCode: null, ...(signal === undefined ? {} : { signal }) } : { exitCode: code };
  });
  // A write to a program that has ended already.
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);

  let open = 2;
  const drained = () => {
    if (--open > 0) return;
    forget();
    settle(
      exit ?? {
        exitCode: null,
        lost:
          connection.lost ??
          new IpvetError('SSH_CLOSED', `${label}: sshd there ended the program without telling how.`, {
            host: label,
            hint: 'Was its session ended on the host (kill, oom-killer, logind)? Look at its log.',
          }),
      },
    );
  };
  channel.once('close', drained);
  channel.stderr.once('close', drained);

  let killed = false;
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    requestedAtMs,
    ended,
    kill() {
      if (killed) return;
      killed = true;
      // Whoever wanted the output has left; the channel closes once it is drained.
      channel.resume();
      channel.stderr.resume();
      sendSignal(channel, 'TERM');
      channel.close();
      const timer = setTimeout(() => {
        forget();
        settle({ exitCode: null });
      }, killGraceMs);
      void ended.then(() => {
        clearTimeout(timer);
      });
    },
  };
}

interface SignalSender {
  readonly outgoing?: { readonly id?: number; readonly state?: string };
  readonly _client?: { readonly _protocol?: { readonly signal?: (id: number, name: string) => void } };
}

/**
 * ssh2's own Channel.signal() is silent once our side of standard input is closed, although RFC 4254 (5.3) allows
 * requests after EOF; and every program we run has its input closed.
 */
function sendSignal(channel: ClientChannel, name: string): void {
  const inner = channel as unknown as SignalSender;
  const id = inner.outgoing?.id;
  if (id === undefined || (inner.outgoing?.state !== 'open' && inner.outgoing?.state !== 'eof')) return;
  inner._client?._protocol?.signal?.(id, name);
}
