/** What went wrong with a connection, as one sentence that names the host, and what to do next. */
import { type ErrorCode, IpvetError } from '../errors.ts';
import type { ClientConfig } from './config.ts';
import type { Dialled } from './host.ts';
import { quoteWord } from './quote.ts';
import type { HostKeyVerdict } from './known-hosts.ts';

/** Who is connected to, for messages. */
export interface Target {
  /** As the cluster file calls it; for a hop of ProxyJump, as the ssh configuration does. */
  readonly label: string;
  readonly config: ClientConfig;
  /** Label of the host it is reached through. */
  readonly via?: string;
  /** The ssh command line that shows the same, such as `ssh -F conf rs1`. */
  readonly command: string;
}

export function placeOf({ config, via }: Target): string {
  return `${config.hostname} port ${config.port}${via === undefined ? '' : ` (through ${via})`}`;
}

function failure(target: Target, code: ErrorCode, what: string, hint: string, cause?: unknown): IpvetError {
  return new IpvetError(code, `${target.label}: ${what}`, { host: target.label, hint, cause });
}

/** Of a system call or of getaddrinfo; of the first address, where several were tried. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A TCP connection that did not come about. */
export function unreachable(target: Target, error: unknown): IpvetError {
  const place = placeOf(target);
  const tell = (what: string, hint: string, code: ErrorCode = 'SSH_UNREACHABLE') =>
    failure(target, code, what, hint, error);
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return tell(`${place} refuses connections.`, `Is sshd running there, on this port? Try: ${target.command}`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return tell(
        `the name ${target.config.hostname} is not known.`,
        'Correct its host: in the cluster file, or add the name to DNS, /etc/hosts or the ssh configuration.',
      );
    case 'ETIMEDOUT':
      return tell(
        `${place} does not answer.`,
        `Is the host up, and port ${target.config.port} let through? Try: ${target.command}`,
        'SSH_TIMEOUT',
      );
    default:
      return tell(
        `${place} cannot be reached: ${error instanceof Error ? error.message : String(error)}`,
        `Is there a route to it from this machine? A host behind another one needs jump: in the cluster file. Try: ${target.command}`,
      );
  }
}

/** What OpenSSH's sshd says where it could not connect is strerror(3) of it, with reason 2 (RFC 4254, 5.1). */
export function notDialled(error: Error & { readonly reason?: unknown }): Dialled {
  const said = error.reason === 2 ? error.message : '';
  if (/refused/i.test(said)) return { refused: 'refused' };
  if (/no route|unreachable/i.test(said)) return { refused: 'unreachable' };
  return /timed out/i.test(said) ? { refused: 'timeout' } : { untried: error.message };
}

/** The jump host did not open the way; `reason` is of RFC 4254, 5.1. */
export function forwardRefused(target: Target, error: Error & { readonly reason?: unknown }): IpvetError {
  const via = target.via ?? 'its jump host';
  if (error.reason === 1)
    return failure(
      target,
      'SSH_UNREACHABLE',
      `${via} does not forward connections.`,
      `Set AllowTcpForwarding yes in sshd_config on ${via}.`,
      error,
    );
  const words = error.message.replace(/^\(SSH\) Channel open failure: /, '');
  return failure(
    target,
    'SSH_UNREACHABLE',
    `${placeOf(target)} cannot be reached: ${words === '' ? 'open failed' : words}.`,
    `On ${via}, try: nc -vz ${target.config.hostname} ${target.config.port}`,
    error,
  );
}

export function proxyFailed(target: Target, command: string, said: string, cause: unknown): IpvetError {
  return failure(
    target,
    'SSH_UNREACHABLE',
    `its ProxyCommand ended before there was a connection${said === '' ? '.' : `: ${said.split('\n').at(-1) ?? ''}`}`,
    `Try it by hand: ${command}`,
    cause,
  );
}

export type Stage = 'connect' | 'handshake' | 'login';

export function tooSlow(target: Target, stage: Stage, timeoutMs: number): IpvetError {
  const what = {
    connect: 'did not accept a connection',
    handshake: 'accepted the connection and then did not speak ssh',
    login: 'did not finish the login',
  }[stage];
  return failure(
    target,
    'SSH_TIMEOUT',
    `${placeOf(target)} ${what} within ${timeoutMs / 1000} s.`,
    stage === 'connect'
      ? `Is the host up, and port ${target.config.port} let through? Try: ${target.command}`
      : `Is it sshd that listens there, and is the host overloaded? Try: ${target.command} -v`,
  );
}

export function closedEarly(target: Target, stage: Stage, cause: unknown): IpvetError {
  const said = cause instanceof Error ? cause.message : '';
  if (stage !== 'login' && /^Handshake failed: no matching/i.test(said))
    return failure(
      target,
      'SSH_CONFIG',
      `no algorithm in common: ${said.replace(/^Handshake failed: /, '')}.`,
      'Allow one the host has with HostKeyAlgorithms, KexAlgorithms, Ciphers or MACs in the ssh configuration.',
      cause,
    );
  return failure(
    target,
    'SSH_CLOSED',
    `${placeOf(target)} closed the connection during the ${stage === 'login' ? 'login' : 'ssh handshake'}${said === '' || said.includes('before handshake') ? '.' : `: ${said}`}`,
    `Look at sshd's log there (MaxStartups, AllowUsers, fail2ban, an address that is not let in). Try: ${target.command} -v`,
    cause,
  );
}

export function loginRefused(
  target: Target,
  tried: readonly string[],
  notes: readonly string[],
  cause?: unknown,
): IpvetError {
  const { user } = target.config;
  const offered = tried.length === 0 ? 'there was no key to offer' : `tried ${tried.join(', ')}`;
  const rest = notes.length === 0 ? '' : `; ${notes.join('; ')}`;
  const tooMany = cause instanceof Error && /too many authentication failures/i.test(cause.message);
  return failure(
    target,
    'SSH_AUTH',
    `${placeOf(target)} does not let ${user} in: ${offered}${rest}.`,
    tooMany
      ? 'Too many keys were offered before the right one: name it with IdentityFile, and set IdentitiesOnly yes.'
      : `Put a public key of yours into ~${user}/.ssh/authorized_keys there, load its key into the agent (ssh-add), or name it with IdentityFile. Try: ${target.command}`,
    cause,
  );
}

export function lostConnection(target: Target, cause: unknown): IpvetError {
  const said = cause instanceof Error ? `: ${cause.message}` : '';
  return failure(
    target,
    'SSH_CLOSED',
    `the connection to ${placeOf(target)} was lost${said}.`,
    'Has the host restarted, or the network changed? Nothing is known of what ran there at that moment.',
    cause,
  );
}

export function hostKeyRefused(
  target: Target,
  verdict: Exclude<HostKeyVerdict, { status: 'known' }>,
  name: string,
  key: { readonly type: string; readonly fingerprint: string },
): IpvetError {
  const shown = `${key.type} ${key.fingerprint}`;
  const { hostname, port } = target.config;
  const scan = `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${quoteWord(hostname)}`;
  const tell = (what: string, hint: string) => failure(target, 'SSH_HOST_KEY', what, hint);
  switch (verdict.status) {
    case 'unknown':
      return tell(
        `the host key of ${placeOf(target)} is not known (${shown}).`,
        target.via === undefined
          ? `Compare that fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: ${scan} >> ~/.ssh/known_hosts`
          : `Compare that fingerprint with the host's own, then log in once by hand and accept it: ${target.command}`,
      );
    case 'changed':
      return tell(
        `the host key of ${placeOf(target)} is not the one in ${verdict.entry.file}:${verdict.entry.line} (it shows ${shown}).`,
        `Somebody may be in between. If the host was installed anew: ssh-keygen -f ${quoteWord(verdict.entry.file)} -R ${quoteWord(name)}, then add the new key.`,
      );
    case 'other-type':
      return tell(
        `${placeOf(target)} shows ${shown}, and ${verdict.entry.file}:${verdict.entry.line} knows it by ${verdict.entry.keyType} only.`,
        `If both keys are the host's own, add this one too: ${scan}`,
      );
    case 'revoked':
      return tell(
        `the host key of ${placeOf(target)} is revoked in ${verdict.entry.file}:${verdict.entry.line} (${shown}).`,
        'Do not log in. Give the host a new key (ssh-keygen -A), and distribute that.',
      );
    case 'authority':
      return tell(
        `${placeOf(target)} is known through the certificate authority in ${verdict.entry.file}:${verdict.entry.line} only, and ipvet cannot check host certificates (${shown}).`,
        `Add its plain key beside that line: ${scan}`,
      );
  }
}

export function interrupted({ label }: Target, signal: AbortSignal): IpvetError {
  return new IpvetError('ABORTED', `${label}: interrupted.`, { host: label, cause: signal.reason });
}
