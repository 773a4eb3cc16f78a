/**
 * A machine ipvet can run programs on: over ssh, or this one. Everything above lib/ssh knows only this interface.
 * Shapes of arguments: argv arrays, quoted here; there is no string form.
 */
import type { Duplex } from 'node:stream';
import type { ClusterHost } from '../model/cluster.ts';

export interface ExecOptions {
  /** Written to the program's standard input, which is then closed. Default: empty. */
  readonly stdin?: string;
  /** Longest the program may run. Default 30 s; the error is EXEC_TIMEOUT. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Exit codes that are answers; every other one raises EXEC_FAILED. Default `[0]`. */
  readonly exitCodes?: readonly number[] | 'any';
  /** Run as root: as is when logged in as root, else through the cluster's `become`. Default false. */
  readonly asRoot?: boolean;
  /** Each stream is drained, and kept up to this many bytes. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Called with each piece of standard output as it arrives; `atMs` is performance.now(). */
  readonly onStdout?: (piece: Buffer, atMs: number) => void;
}

export interface ExecResult {
  readonly argv: readonly string[];
  /** Null when a signal ended the program. */
  readonly exitCode: number | null;
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether either stream was longer than `maxBytes`. */
  readonly truncated: boolean;
  readonly durationMs: number;
  /** performance.now() when the program was asked for (the exec request was sent). */
  readonly requestedAtMs: number;
}

/** A program that goes on until it is closed; its input stays open as long as it is wanted. */
export interface RemoteProcess {
  /** Standard output by lines, without the newline; a line longer than 1 MiB is cut. Ends with the program. */
  readonly lines: AsyncIterable<{ readonly text: string; readonly atMs: number }>;
  /** Settles when the program has ended or the connection is lost; never rejects. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stderr: string; readonly lost: boolean }>;
  write(text: string): void;
  /** Closes its input and, after a short grace, the channel. Idempotent. */
  close(): Promise<void>;
}

/** A TCP connection, or why there is none: the network's answer, or `untried`, where sshd was not asked or would not try. */
export type Dialled =
  | { readonly stream: Duplex }
  | { readonly refused: 'refused' | 'unreachable' | 'timeout' }
  | { readonly untried: string };

export interface Host {
  readonly declaration: ClusterHost;
  /** Login user. */
  readonly user: string;
  /** Throws IpvetError: SSH_*, EXEC_*, PERMISSION, ABORTED. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  spawn(argv: readonly string[], options?: Pick<ExecOptions, 'asRoot' | 'signal'>): Promise<RemoteProcess>;
  /** A TCP connection from the host to an address. Absent where no sshd is there to make it. Never rejects. */
  readonly dial?: (
    address: string,
    port: number,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<Dialled>;
}

/** The connections of one run: one per host, made when first asked for and kept until `close`. */
export interface Fleet {
  /** Rejects with the same error again when the host could not be reached the first time. */
  host(name: string): Promise<Host>;
  close(): Promise<void>;
}
