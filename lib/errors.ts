/**
 * Errors that cross a folder border. `code` is stable and machine-readable, `message` one sentence naming file, host or
 * line, `hint` what to do next. The CLI prints message and hint, and nothing else unless -v.
 */
export type ErrorCode =
  | 'CONFIG' // the cluster file, a flag or an argument; no host was touched
  | 'USAGE'
  | 'REFUSED' // safety: consent missing, rules that belong to somebody else
  | 'LOCKED' // another run changes the cluster, or one left its lock behind
  | 'UNGUARDED' // the host could not, or can no longer, undo without us
  | 'SSH_CONFIG' // ssh -G failed, ssh configuration unusable
  | 'SSH_UNREACHABLE' // refused, no route, name unknown
  | 'SSH_TIMEOUT' // connect, handshake or authentication took too long
  | 'SSH_HOST_KEY' // unknown, changed or revoked host key
  | 'SSH_AUTH'
  | 'SSH_CLOSED' // connection lost in the middle
  | 'EXEC_TIMEOUT'
  | 'EXEC_FAILED' // an exit code that was not named as an answer
  | 'PERMISSION' // no sudo
  | 'BUNDLE' // a case file that is not whole, was changed, or is none
  | 'STORAGE' // the run folder cannot be written
  | 'LOAD' // the load generator itself failed
  | 'LAB'
  | 'UNDIAGNOSED' // traffic failed and no rule knows why
  | 'ABORTED' // the run's signal fired
  | 'INTERNAL';

export interface ErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
  /** Host the error is about, as the cluster file names it. */
  readonly host?: string;
}

export class IpvetError extends Error {
  override readonly name: string = 'IpvetError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly host: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.host = details.host;
  }
}

/** The error itself when it is ours, else one that says where the foreign one came from. */
export function asIpvetError(error: unknown, code: ErrorCode, context: string): IpvetError {
  if (error instanceof IpvetError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new IpvetError(code, `${context}: ${message}`, { cause: error });
}
