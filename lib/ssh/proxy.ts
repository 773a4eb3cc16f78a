/** ProxyCommand: a program's standard input and output in place of a TCP connection. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';

const keptStderrBytes = 4096;

export class ProxySocket extends Duplex {
  readonly command: string;
  readonly #child: ChildProcess;
  #stderr = '';

  /** `command` goes to /bin/sh, as OpenSSH gives it to the user's shell. */
  constructor(command: string) {
    super();
    this.command = command;
    // A session of its own: Ctrl-C at the terminal must not cut the connection the undo needs.
    const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    child.stdout.on('data', (piece: Buffer) => {
      if (!this.push(piece)) child.stdout.pause();
    });
    child.stderr.on('data', (piece: Buffer) => {
      this.#stderr = (this.#stderr + piece.toString('utf8')).slice(-keptStderrBytes);
    });
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => this.destroy(error));
    child.on('close', () => {
      this.push(null);
      this.destroy();
    });
  }

  /** What it said on standard error, the end of it. */
  get said(): string {
    return this.#stderr.trim();
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { stdin } = this.#child;
    if (!stdin?.writable) done();
    else if (stdin.write(piece)) done();
    else stdin.once('drain', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { pid } = this.#child;
    if (pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      try {
        process.kill(-pid, 'SIGTERM');
      } catch {
        // It has ended just now.
      }
    }
    done(error);
  }
}
