/** Asks `ssh -G`, for many hosts at a time. */
import { randomBytes } from 'node:crypto';
import { IpvetError } from '../errors.ts';
import { childProgram } from './child-program.ts';
import { type ClientConfig, type ConfigQuestion, defaultConfig, parseConfig } from './config.ts';
import { runToEnd } from './program.ts';
import { quoteArgv } from './quote.ts';

/**
 * To start a program costs node a few times what ssh takes to answer, so a shell asks for several; not for all of them, as
 * a `Match exec` may take its time.
 */
const perShell = 5;
const defaultTimeoutMs = 10_000;
/** Exit code of a shell that finds no such program. */
const notFound = 127;

interface Waiting {
  readonly argv: readonly string[];
  readonly settle: (answer: Answer) => void;
}

/** `text` is standard output where `exitCode` is 0, else what ssh said. Null: it did not end in time. */
interface Answer {
  readonly exitCode: number | null;
  readonly text: string;
}

export class ConfigReader {
  readonly #signal: AbortSignal;
  readonly #timeoutMs: number;
  #waiting: Waiting[] = [];

  /** `timeoutMs`: longest time for one shell. */
  constructor(signal: AbortSignal, timeoutMs = defaultTimeoutMs) {
    this.#signal = signal;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * The configuration the operator's own ssh would use. Questions of one turn of the event loop go together. Throws
   * SSH_CONFIG when ssh does not accept its configuration, ABORTED.
   */
  async ask(question: ConfigQuestion): Promise<ClientConfig> {
    const argv = [
      ...['ssh', '-G'],
      ...(question.configFile === undefined ? [] : ['-F', question.configFile]),
      ...(question.user === undefined ? [] : ['-l', question.user]),
      ...(question.port === undefined ? [] : ['-p', String(question.port)]),
      ...['--', question.alias],
    ];
    const { exitCode, text } = await new Promise<Answer>((settle) => {
      if (this.#waiting.push({ argv, settle }) === 1) setImmediate(() => void this.#askAll());
    });
    if (this.#signal.aborted)
      throw new IpvetError('ABORTED', 'Interrupted while reading the ssh configuration.', {
        cause: this.#signal.reason,
      });
    if (exitCode === 0) return parseConfig(text, question.alias);
    if (exitCode === notFound) return defaultConfig(question);
    const said = exitCode === null ? `it did not answer within ${this.#timeoutMs / 1000} s` : text.trim();
    throw new IpvetError('SSH_CONFIG', `ssh does not accept its configuration for ${question.alias}: ${said}`, {
      hint: `Correct it; \`${quoteArgv(argv)}\` shows the same.`,
    });
  }

  async #askAll(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    const shells = Array.from({ length: Math.ceil(waiting.length / perShell) }, (_, index) =>
      waiting.slice(index * perShell, (index + 1) * perShell),
    );
    await Promise.all(shells.map((some) => this.#askSome(some)));
  }

  /** One after the other, each answer told as it comes; one that hangs is given up, and those behind it are asked anew. */
  async #askSome(waiting: readonly Waiting[]): Promise<void> {
    const mark = `@${randomBytes(9).toString('hex')}`;
    // Standard error apart from the answer, in which a line of it could be taken for a keyword.
    const lines = waiting.map(
      ({ argv }) => `{ e=$(${quoteArgv(argv)} 2>&1 >&3); } 3>&1; printf '${mark} %s\\n%s\\n${mark}\\n' "$?" "$e"`,
    );
    const argv = ['sh', '-c', lines.join('\n')];
    // Latin 1 holds bytes as they are: pieces end anywhere.
    const complete = new RegExp(`^([^]*?)${mark} (\\d+)\\n([^]*?)\\n${mark}\\n`);
    let unread = '';
    let answered = 0;
    const take = (piece: Buffer) => {
      unread += piece.toString('latin1');
      for (let found = complete.exec(unread); found !== null; found = complete.exec(unread)) {
        const [all, answer = '', exitCode, said = ''] = found;
        unread = unread.slice(all.length);
        const text = Buffer.from(exitCode === '0' ? answer : said, 'latin1').toString();
        waiting[answered++]?.settle({ exitCode: Number(exitCode), text });
      }
    };
    const asked = { host: 'this machine', argv, signal: this.#signal };
    try {
      await runToEnd(childProgram(argv, asked.host), asked, {
        timeoutMs: this.#timeoutMs,
        exitCodes: 'any',
        onStdout: take,
      });
    } catch {
      // Interrupted, or one of them hangs: those that came are answers all the same.
    }
    const left = waiting.slice(answered);
    const givenUp = this.#signal.aborted ? left.length : 1;
    for (const { settle } of left.slice(0, givenUp)) settle({ exitCode: null, text: '' });
    if (left.length > givenUp) await this.#askSome(left.slice(givenUp));
  }
}
