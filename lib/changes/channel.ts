/** The conversation with the keeper on a host: one question at a time, one line of answer each. */
import { IpvetError } from '../errors.ts';
import type { Host, RemoteProcess } from '../ssh/host.ts';
import { type GuardPlace, keeperArgv } from './guard-program.ts';
import type { UndoStep } from './undo-step.ts';

/** Who changes the host, and what for. Shown to whoever finds the lock taken. */
export interface Holder {
  readonly runId: string;
  /** `alice@laptop`. */
  readonly owner: string;
  /** The command: `accept`, `rules apply`. */
  readonly purpose: string;
  /** ISO 8601, UTC, of this machine. */
  readonly since: string;
}

/** What a lock says that somebody else holds. */
export interface HeldLock extends Holder {
  /** Seconds since its holder's last sign of life; absent when the host could not tell. */
  readonly silentS?: number;
  /** Whether the guard that would undo still runs. */
  readonly guarded: boolean;
  /** Undo steps registered and not yet run. */
  readonly steps: number;
  /** Whether the folder belongs to the user we are logged in as. */
  readonly own: boolean;
  /** Steps the guard tried and could not do. */
  readonly failedSteps: string;
}

/** What the guard of an earlier run took back, told once. */
export interface EarlierUndo {
  readonly runId: string;
  /** `at TIME`, `undone WHAT`, one a line. */
  readonly log: readonly string[];
}

export type Opening =
  | { readonly kind: 'armed'; readonly how: string; readonly bootId: string }
  | { readonly kind: 'held'; readonly lock: HeldLock }
  /** The guard has undone everything. */
  | { readonly kind: 'fired' }
  /** The host knows nothing of the run: it was restarted, or somebody else has taken the lock and given it back. */
  | { readonly kind: 'absent'; readonly bootId: string }
  /** It was restarted; the lock and the undo steps are still there, and can be given back. */
  | { readonly kind: 'restarted' }
  | { readonly kind: 'failed'; readonly reason: string };

const answerLimitMs = 15_000;

export class Channel {
  readonly #process: RemoteProcess;
  readonly #lines: AsyncIterator<{ readonly text: string }>;
  readonly #host: string;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(process: RemoteProcess, host: string) {
    this.#process = process;
    this.#lines = process.lines[Symbol.asyncIterator]();
    this.#host = host;
  }

  /** Starts the keeper. Throws what `Host.spawn` throws, EXEC_TIMEOUT, EXEC_FAILED. */
  static async open(
    host: Host,
    mode: 'begin' | 'resume',
    holder: Holder,
    { signal, place }: { readonly signal: AbortSignal; readonly place: GuardPlace },
  ): Promise<{ channel: Channel; opening: Opening; earlier: EarlierUndo | undefined }> {
    const process = await host.spawn(keeperArgv(place), { signal });
    const channel = new Channel(process, host.declaration.name);
    try {
      const words = [`${mode} ${holder.runId}`, oneLine(holder.owner), oneLine(holder.purpose), holder.since];
      const { answer, earlier } = await channel.#begin(`${words.join('\n')}\n`);
      return { channel, opening: openingOf(answer), earlier };
    } catch (error) {
      await channel.close();
      throw error;
    }
  }

  /** `ok`, `rearmed`, `unarmed`, `gone`. Throws SSH_CLOSED and EXEC_TIMEOUT. */
  beat(): Promise<string> {
    return this.#ask('beat\n');
  }

  step(number: number, { what, script }: UndoStep): Promise<string> {
    return this.#ask(`step ${number}\n${oneLine(what)}\n${script.trimEnd()}\n@end\n`);
  }

  done(number: number): Promise<string> {
    return this.#ask(`done ${number}\n`);
  }

  release(): Promise<string> {
    return this.#ask('release\n');
  }

  close(): Promise<void> {
    return this.#process.close();
  }

  async #begin(words: string): Promise<{ answer: string; earlier: EarlierUndo | undefined }> {
    let runId: string | undefined;
    const log: string[] = [];
    let answer = await this.#ask(words);
    while (answer.startsWith('earlier ') || answer.startsWith('| ')) {
      if (answer.startsWith('| ')) log.push(answer.slice(2));
      else runId = answer.slice('earlier '.length);
      answer = await this.#ask('');
    }
    return { answer, earlier: runId === undefined ? undefined : { runId, log } };
  }

  #ask(words: string): Promise<string> {
    const answer = this.#turn.then(() => this.#answer(words));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #answer(words: string): Promise<string> {
    if (words !== '') this.#process.write(words);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => {
        resolve('late');
      }, answerLimitMs);
    });
    const next = await Promise.race([this.#lines.next(), late]);
    clearTimeout(timer);
    if (next === 'late') {
      void this.close();
      throw new IpvetError('EXEC_TIMEOUT', `${this.#host}: the guard did not answer within ${answerLimitMs / 1000} s`, {
        host: this.#host,
        hint: `see whether ${this.#host} still answers: ssh ${this.#host} uptime`,
      });
    }
    if (next.done !== true) return next.value.text;
    const { stderr, lost } = await this.#process.ended;
    throw new IpvetError(
      lost ? 'SSH_CLOSED' : 'EXEC_FAILED',
      `${this.#host}: the conversation with the guard has ended${lost ? ': connection lost' : `: ${stderr.trim()}`}`,
      { host: this.#host },
    );
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function openingOf(answer: string): Opening {
  const [word = '', ...rest] = answer.split(' ');
  switch (word.split('\t')[0]) {
    case 'armed':
      return { kind: 'armed', how: rest[0] ?? '', bootId: rest[1] ?? '' };
    case 'held':
      return { kind: 'held', lock: lockOf(answer.split('\t').slice(1)) };
    case 'fired':
      return { kind: 'fired' };
    case 'restarted':
      return { kind: 'restarted' };
    case 'absent':
      return { kind: 'absent', bootId: rest[0] ?? '' };
    case 'unarmed':
      return { kind: 'failed', reason: 'the guard program could not be started' };
    case 'failed':
      return { kind: 'failed', reason: `the guard could not run its undo steps ${rest.join(' ')}` };
    case 'unwritable':
      return { kind: 'failed', reason: rest.join(' ') };
    default:
      return { kind: 'failed', reason: `the guard said: ${answer.slice(0, 200)}` };
  }
}

function lockOf(fields: readonly string[]): HeldLock {
  const [runId = '', owner = '', purpose = '', since = '', age = '', guard, steps = '', own, failedSteps = ''] = fields;
  return {
    runId,
    owner,
    purpose,
    since,
    ...(/^\d+$/.test(age) ? { silentS: Number(age) } : {}),
    guarded: guard === 'alive',
    steps: Number(steps),
    own: own === 'own',
    failedSteps,
  };
}
