/** One fix on its host: the file that root runs is written under the lock, and run in words that never change. */
import type { Guard } from '../changes/guard.ts';
import type { UndoStep } from '../changes/undo-step.ts';
import { IpvetError } from '../errors.ts';
import {
  fixFile,
  fixUndoFile,
  type RootCommand,
  runFix,
  runFixUndo,
  sudoersCommands,
  sudoersRule,
} from '../privileges/index.ts';
import type { ExecResult, Host } from '../ssh/host.ts';
import { quoteArgv } from '../ssh/quote.ts';
import { findingName, type Fix } from './plan.ts';
import {
  againProgram,
  applyProgram,
  backProgram,
  fixExit,
  type FixPlace,
  forgetProgram,
  undoProgram,
} from './program.ts';

/** A package manager at work. */
const fixLimitMs = 300_000;
const lookLimitMs = 30_000;

/**
 * REFUSED with the sudoers lines that are missing on the host, where root cannot be had; undefined where it can. sudo is
 * asked what it allows, which is no incident.
 */
export async function fixLacking(
  host: Host,
  become: 'sudo' | 'none',
  patch: string,
  signal: AbortSignal,
): Promise<IpvetError | undefined> {
  const { user, declaration } = host;
  const { name } = declaration;
  if (user === 'root') return undefined;
  const byHand = `or run ${patch} on ${name} as root yourself`;
  if (become === 'none')
    return new IpvetError(
      'REFUSED',
      `${name}: ${user} is not root, and the cluster file says become: none; nothing was changed`,
      {
        host: name,
        hint: `set ssh.become to sudo, ${byHand}`,
      },
    );
  const missing: RootCommand[] = [];
  for (const command of [runFix, runFixUndo]) {
    const question = ['sh', '-c', 'LC_ALL=C sudo -n -l "$@"', 'ipvet-may', ...command.argv];
    const asked = await host.exec(question, { exitCodes: 'any', signal });
    if (asked.exitCode !== 0) missing.push(command);
  }
  if (missing.length === 0) return undefined;
  const words = missing.map(({ argv }) => argv.join(' ')).join(' and ');
  const rule = sudoersRule(user, missing.flatMap(sudoersCommands));
  return new IpvetError('REFUSED', `${name}: sudo does not let ${user} run ${words}; nothing was changed`, {
    host: name,
    hint:
      `add to sudoers on ${name}, which is as much as root for ${user}: ${rule}\n` +
      `  (ipvet doctor sudoers --with-fix --host ${name} prints it all), ${byHand}`,
  });
}

/** What a run with the lock does to one fix. */
export class HostFix {
  readonly fix: Fix;
  readonly guard: Guard;
  readonly #place: FixPlace;
  readonly #runId: string;

  constructor(fix: Fix, guard: Guard, { place, runId }: { readonly place: FixPlace; readonly runId: string }) {
    this.fix = fix;
    this.guard = guard;
    this.#place = place;
    this.#runId = runId;
  }

  /** For the guard and for us: back to how it was found. */
  get undo(): UndoStep {
    return this.#step(`fix of ${nameOf(this.fix)}`, undoProgram(this.fix, this.#place));
  }

  /** For the guard while the fix is taken back: in place again. */
  get again(): UndoStep {
    return this.#step(`taking back the fix of ${nameOf(this.fix)}`, againProgram(this.fix, this.#place));
  }

  /** Throws EXEC_FAILED with what a line said that failed, UNGUARDED when the lock is gone. */
  async apply(signal: AbortSignal): Promise<void> {
    await this.#deposit(fixFile, applyProgram(this.fix, this.#place, this.#runId), signal);
    const { exitCode, stderr } = await this.#run(runFix, signal, fixLimitMs);
    if (exitCode === fixExit.unlocked) throw this.#unlocked();
    if (exitCode !== 0) throw this.#failed('a line of it failed', stderr);
  }

  /**
   * Takes it back where the host is as the fix left it, or in any case by force. Else nothing was done: lines that say what
   * has changed since, or that the host keeps nothing of the fix. Throws EXEC_FAILED with what is not as it was found.
   */
  async back(force: boolean, signal: AbortSignal): Promise<'back' | 'nothing-kept' | readonly string[]> {
    const program = backProgram(this.fix, this.#place, force);
    const { exitCode, stdout, stderr } = await this.#undoing(program, signal, fixLimitMs);
    if (exitCode === 0) return 'back';
    if (exitCode === fixExit.nothingKept) return 'nothing-kept';
    if (exitCode === fixExit.changedSince) return stdout.split('\n').filter((line) => line !== '');
    throw this.#failed('it is not as it was found', stderr);
  }

  /** Throws what `Host.exec` throws. */
  async forget(signal: AbortSignal): Promise<void> {
    await this.#undoing(forgetProgram(this.fix, this.#place), signal, lookLimitMs);
  }

  async #undoing(program: string, signal: AbortSignal, timeoutMs: number): Promise<ExecResult> {
    await this.#deposit(fixUndoFile, program, signal);
    return this.#run(runFixUndo, signal, timeoutMs);
  }

  #run({ argv }: RootCommand, signal: AbortSignal, timeoutMs: number): Promise<ExecResult> {
    return this.guard.host.exec(argv, { asRoot: true, exitCodes: 'any', signal, timeoutMs });
  }

  /** Throws UNGUARDED when the lock is not this run's, or the file is not there whole. */
  async #deposit(file: string, program: string, signal: AbortSignal): Promise<void> {
    const { host } = this.guard;
    const bytes = Buffer.byteLength(program);
    const script =
      'umask 077; IFS= read -r id <"$1/id" && [ "$id" = "$2" ] && cat >"$3.new" && [ "$(wc -c <"$3.new")" -eq "$4" ] && mv "$3.new" "$3"';
    const folder = file.slice(0, file.lastIndexOf('/'));
    const argv = ['sh', '-c', script, 'ipvet-deposit', folder, this.#runId, file, String(bytes)];
    const { exitCode, stderr } = await host.exec(argv, { stdin: program, exitCodes: 'any', signal });
    if (exitCode !== 0) throw this.#unlocked(stderr);
  }

  #step(what: string, program: string): UndoStep {
    const { name } = this.guard.host.declaration;
    let end = 'IPVET';
    while (program.includes(end)) end += '_';
    const script = [
      `umask 077; cat >${fixUndoFile} <<'${end}'`,
      `${program}${end}`,
      `root ${quoteArgv(runFixUndo.argv)} </dev/null`,
      '',
    ].join('\n');
    return { host: name, what, script, lasting: true };
  }

  #unlocked(said = ''): IpvetError {
    const { name } = this.guard.host.declaration;
    const more = said.trim() === '' ? '' : `: ${said.trim()}`;
    return new IpvetError('UNGUARDED', `${name}: the lock is not this run's any more${more}`, { host: name });
  }

  #failed(what: string, stderr: string): IpvetError {
    const { name } = this.guard.host.declaration;
    const said = stderr.trim().split('\n').slice(0, 6).join('; ');
    return new IpvetError(
      'EXEC_FAILED',
      `${name}: fix of ${nameOf(this.fix)}: ${what}${said === '' ? '' : `: ${said}`}`,
      {
        host: name,
      },
    );
  }
}

/** `director/ip-forward@director1` */
export function nameOf({ findings, summary }: Pick<Fix, 'findings' | 'summary'>): string {
  return findings.length === 0 ? summary : findings.map(findingName).join(', ');
}
