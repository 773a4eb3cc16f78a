/**
 * The guard of one host: it holds the lock, keeps the undo steps on the host, and runs them there when the run is gone.
 * A sign of life every few seconds keeps it waiting; a lost connection is made anew in the background.
 */
import { asIpvetError, IpvetError } from '../errors.ts';
import type { ClusterHost } from '../model/cluster.ts';
import { isRootCommand, poolCommands, type RootCommand } from '../privileges/index.ts';
import { afterSudo } from '../ssh/become.ts';
import type { ExecResult, Host } from '../ssh/host.ts';
import { checkExit } from '../ssh/outcome.ts';
import { Channel, type EarlierUndo, type Holder } from './channel.ts';
import {
  changeArgv,
  changeInput,
  changeRefusal,
  detachArgv,
  type GuardPlace,
  guardPlace,
  undoProgram,
} from './guard-program.ts';
import type { UndoStep } from './undo-step.ts';

const beatMs = 3000;
const reconnectPauseMs = 1000;
/** Longest a step may take when the run itself undoes it. */
export const undoLimitMs = 25_000;
/** Longest wait for a lost connection to come back before something is asked of the guard. */
const recoveryLimitMs = 20_000;

export interface GuardOptions {
  readonly holder: Holder;
  /** Ends everything at once, without undoing: the guard on the host then does it. */
  readonly signal: AbortSignal;
  /** Asked about a lock that is held, in one sentence; true takes it, and what its holder changed is undone first. */
  readonly stealLock?: (held: string) => Promise<boolean>;
  /** Told once, when the changes of this run have been undone without it, or can no longer be guarded. */
  readonly onLost?: (error: IpvetError, undone: EarlierUndo | undefined) => void;
  readonly place?: GuardPlace;
  /** What may be run as root on a host besides, by the cluster file. */
  readonly commands?: (host: ClusterHost) => readonly RootCommand[];
}

export class Guard {
  readonly host: Host;
  /** What the guard of a run before this one has undone on the host since it was cut off. */
  readonly earlier: EarlierUndo | undefined;
  readonly #options: GuardOptions;
  readonly #place: GuardPlace;
  readonly #bootId: string;
  readonly #steps = new Map<number, UndoStep>();
  #channel: Channel | undefined;
  #recovery: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lost: IpvetError | undefined;
  #closed = false;
  #restarted = false;
  /** The host has no lock of this run any more. */
  #unlocked = false;
  #next = 1;

  /** Use `openGuard` of open-guard.ts. */
  constructor(
    host: Host,
    channel: Channel,
    options: GuardOptions,
    { earlier, bootId }: { readonly earlier: EarlierUndo | undefined; readonly bootId: string },
  ) {
    this.host = host;
    this.earlier = earlier;
    this.#bootId = bootId;
    this.#channel = channel;
    this.#options = options;
    this.#place = options.place ?? guardPlace;
    this.#timer = setInterval(() => void this.#beat(), beatMs);
    this.#timer.unref();
  }

  /** The host was restarted since the lock was taken: what was in its kernel only is gone. */
  get restarted(): boolean {
    return this.#restarted;
  }

  /**
   * Puts the step on the host; only then may its change be made. Resolves with its number. Throws UNGUARDED when it
   * could not be kept there, or when this run's changes have been undone meanwhile.
   */
  async register(step: UndoStep): Promise<number> {
    const number = this.#next++;
    const answer = await this.#talk((channel) => channel.step(number, step));
    if (answer !== 'ok') throw this.#noLonger(answer);
    this.#steps.set(number, step);
    return number;
  }

  /**
   * Makes a change whose undo step is registered: runs `command` as root with `text` on its input, whatever its exit code.
   * It starts once all of the text is on the host, or never. Throws UNGUARDED when the lock is no longer this run's or the
   * change is being taken back, PERMISSION, and what `Host.exec` throws; only then may it have been made.
   */
  async make(
    number: number,
    { argv }: Pick<RootCommand, 'argv'>,
    text: string,
    signal: AbortSignal,
  ): Promise<ExecResult> {
    const { name } = this.host.declaration;
    const { declaration } = this.host;
    const own = [...poolCommands(declaration), ...(this.#options.commands?.(declaration) ?? [])];
    if (!isRootCommand(argv, this.host.user, own))
      throw new IpvetError('INTERNAL', `${name}: not among what ipvet may run as root: ${argv.join(' ')}`, {
        host: name,
      });
    const made = await this.#begin(changeArgv(argv, this.#place), { number, text, signal });
    const result = { ...made, argv };
    return this.host.user === 'root' ? result : afterSudo(result, name, this.host.user);
  }

  /**
   * Starts a program of ours that goes on when the connection is gone, as a change whose undo step is registered. `program`:
   * lines of sh, run as the login user half a second later, with `root CMD…` and the guard's folder in $d. Resolves when
   * it was started. Throws as `make` does, and EXEC_FAILED.
   */
  async start(number: number, program: string, signal: AbortSignal): Promise<void> {
    const started = await this.#begin(detachArgv(this.#place), { number, text: program, signal });
    checkExit({ ...started, argv: ['sh', `program.${number}`] }, this.host.declaration.name);
  }

  async #begin(
    argv: readonly string[],
    { number, text, signal }: { readonly number: number; readonly text: string; readonly signal: AbortSignal },
  ): Promise<ExecResult> {
    const { runId } = this.#options.holder;
    const made = await this.host.exec(argv, {
      stdin: changeInput({ runId, number, text }),
      exitCodes: 'any',
      signal,
    });
    const refusal = changeRefusal(made.exitCode, made.stderr);
    if (refusal !== undefined) throw this.#noLonger(refusal);
    return made;
  }

  /** Takes one change back. Throws EXEC_FAILED with what was said when the host is not as it was found. */
  async undo(number: number, signal: AbortSignal): Promise<void> {
    const step = this.#steps.get(number);
    if (step === undefined) return;
    const { name } = this.host.declaration;
    const { exitCode, stderr } = await this.host.exec(['sh', '-s'], {
      stdin: undoProgram(number, step.script, this.#place),
      exitCodes: 'any',
      timeoutMs: undoLimitMs,
      signal,
    });
    // What was in its kernel only went with the restart, and so did what was found: nothing is left to take back.
    const gone = this.#restarted && step.lasting !== true;
    if (exitCode !== 0 && !gone) {
      const said = stderr.trim().split('\n').at(-1) ?? '';
      throw new IpvetError('EXEC_FAILED', `${name} is not as it was found${said === '' ? '' : `: ${said}`}`, {
        host: name,
      });
    }
    this.#steps.delete(number);
    // The guard would find it undone and do no harm: that it does not hear of it is no failure.
    await this.#channel?.done(number).catch(() => undefined);
  }

  /** The change is to stay: its undo step will not be run. */
  async keep(number: number): Promise<void> {
    const answer = await this.#talk((channel) => channel.done(number));
    if (answer !== 'ok') throw this.#noLonger(answer);
    this.#steps.delete(number);
  }

  /**
   * Gives the lock back. Undo steps that are left stay with the guard, which then runs them: so nothing is released
   * while there are any. Never rejects; false when the guard could not be told, and will find out by itself.
   */
  async release(): Promise<boolean> {
    try {
      if (this.#steps.size > 0) return false;
      if (this.#unlocked) return true;
      // A guard that is lost to this run may still be told, as after a restart of the host.
      const left = this.#lost === undefined ? undefined : this.#channel;
      const answer = await (left?.release() ?? this.#talk((channel) => channel.release()));
      return answer === 'released';
    } catch {
      return false;
    } finally {
      await this.#close();
    }
  }

  #ended(): boolean {
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#channel?.close();
  }

  /** Asks again where the connection turns out to be lost: everything that is said may be said twice. */
  async #talk(words: (channel: Channel) => Promise<string>): Promise<string> {
    const channel = await this.#live();
    try {
      return await words(channel);
    } catch {
      this.#recover(channel);
      return words(await this.#live());
    }
  }

  /** The channel, made anew first when it was lost. */
  async #live(): Promise<Channel> {
    if (this.#recovery !== undefined) await within(this.#recovery, recoveryLimitMs);
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#channel !== undefined) return this.#channel;
    const { name } = this.host.declaration;
    throw new IpvetError('UNGUARDED', `${name}: the connection to the guard was lost and does not come back`, {
      host: name,
      hint: `it undoes this run's changes ${this.#place.holdS} s after its last sign of life`,
    });
  }

  async #beat(): Promise<void> {
    const channel = this.#channel;
    if (channel === undefined || this.#closed) return;
    try {
      const answer = await channel.beat();
      if (answer === 'unarmed') this.#lose(this.#noLonger(answer));
      // What became of the lock is asked anew: the answer then comes with what was undone.
      else if (answer === 'gone') this.#recover(channel);
    } catch {
      this.#recover(channel);
    }
  }

  #recover(broken: Channel): void {
    if (this.#closed || this.#recovery !== undefined || this.#channel !== broken) return;
    this.#channel = undefined;
    void broken.close();
    this.#recovery = this.#resume().finally(() => {
      this.#recovery = undefined;
    });
  }

  async #resume(): Promise<void> {
    const { holder, signal } = this.#options;
    const where = { signal, place: this.#place };
    while (!this.#closed && !signal.aborted && this.#lost === undefined) {
      try {
        const resumed = await Channel.open(this.host, 'resume', holder, where);
        const { opening } = resumed;
        const keeps = opening.kind === 'armed' || opening.kind === 'restarted';
        // `release` may have come meanwhile.
        if (keeps && !this.#ended()) this.#channel = resumed.channel;
        else await resumed.channel.close();
        if (opening.kind === 'armed') return;
        this.#restarted =
          opening.kind === 'restarted' || (opening.kind === 'absent' && opening.bootId !== this.#bootId);
        this.#unlocked = ['absent', 'fired', 'held'].includes(opening.kind);
        this.#lose(this.#noLonger(this.#restarted ? 'restarted' : opening.kind), resumed.earlier);
      } catch (error) {
        if (asIpvetError(error, 'INTERNAL', 'guard').code === 'ABORTED') return;
        await new Promise((resolve) => setTimeout(resolve, reconnectPauseMs));
      }
    }
  }

  #noLonger(answer: string): IpvetError {
    const { name } = this.host.declaration;
    const { holdS } = this.#place;
    const known: Readonly<Record<string, string>> = {
      fired: `${name} heard nothing of this run for ${holdS} s and has taken its changes back`,
      absent: `${name} has taken the changes of this run back for another run, which has ended`,
      restarted: `${name} was restarted while it was being changed`,
      held: `${name} has taken the changes of this run back, and another run has the lock now`,
      gone: `${name} has taken the changes of this run back, or is about to: nothing more is changed there`,
      cut: `${name} did not get all of a change, so none of it was made`,
      unarmed: `${name}: the guard that undoes when this run is gone has ended and cannot be started again`,
    };
    return new IpvetError('UNGUARDED', known[answer] ?? `${name}: the guard on the host said: ${answer}`, {
      host: name,
      hint: 'start the run again; a laptop that slept, or a network that was gone for that long, is the usual reason',
    });
  }

  #lose(error: IpvetError, undone?: EarlierUndo): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    clearInterval(this.#timer);
    this.#options.onLost?.(error, undone);
  }
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
