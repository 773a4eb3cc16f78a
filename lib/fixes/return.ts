/** Fixes that stayed, taken back: all of them, or none, and only where the host is still as they left it. */
import type { GuardOptions } from '../changes/guard.ts';
import { Guards } from '../changes/guards.ts';
import { asIpvetError, IpvetError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';
import type { FixDocument } from './document.ts';
import { Fates } from './fates.ts';
import { HostFix, nameOf } from './host-fix.ts';
import { Progress } from './progress.ts';
import { toTakeBack } from './record-file.ts';

export interface ReturnOptions {
  readonly document: FixDocument;
  readonly folder: string;
  /** Of every fix that is to be taken back. */
  readonly hosts: readonly Host[];
  readonly guard: GuardOptions;
  readonly signal: AbortSignal;
  /** Take back what is still there, although somebody has changed it since. */
  readonly force: boolean;
  /** Whether each host lets us in over a new connection; throws what that throws. */
  readonly reach: (hosts: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly tell: (line: string) => void;
}

export interface Returned {
  readonly document: FixDocument;
  readonly error?: IpvetError;
  /** With an error: hosts that may be neither as the fixes left them nor as they were before. */
  readonly unsure: readonly string[];
}

const undoDeadlineMs = 30_000;
const fateLimitMs = 60_000;

/** Throws LOCKED, UNGUARDED, and what `Host` throws, with nothing changed; REFUSED is in the answer, everything put back. */
export async function takeBackFixes(options: ReturnOptions): Promise<Returned> {
  const { document, folder, hosts, guard, signal, force, reach, tell } = options;
  const progress = new Progress(folder, document);
  const fates = new Fates();
  const guards = await Guards.open(hosts, { ...guard, onLost: fates.tell });
  const done: { readonly work: HostFix; readonly step: number }[] = [];
  try {
    const fixes = toTakeBack(document);
    // Of one host the last one first; hosts do not wait for each other.
    const tried = await Promise.allSettled(
      hosts.map(async ({ declaration: { name } }) => {
        for (const fix of fixes.filter(({ host }) => host === name)) {
          signal.throwIfAborted();
          const work = new HostFix(fix, guards.of(name), { place: { id: document.id }, runId: guard.holder.runId });
          done.push({ work, step: await work.guard.register(work.again) });
          const answer = await work.back(force, signal);
          if (answer === 'nothing-kept' && fix.state !== 'kept')
            tell(`${name}: ${nameOf(fix)}: was taken back already`);
          else if (answer === 'back') tell(`${name}: ${nameOf(fix)}: taken back`);
          else throw notAsLeft(name, nameOf(fix), answer);
        }
      }),
    );
    for (const outcome of tried) if (outcome.status === 'rejected') throw outcome.reason;
    signal.throwIfAborted();
    await reach([...new Set(done.map(({ work }) => work.fix.host))], signal);
    signal.throwIfAborted();
    for (const { work, step } of done) await work.guard.keep(step);
    await progress.set(
      done.map(({ work }) => work.fix),
      'taken-back',
    );
    // What is kept on the host for it is of no use now; a host that cannot be told keeps a few files.
    await Promise.all(
      hosts.map(async ({ declaration: { name } }) => {
        for (const { work } of done.filter(({ work: { fix } }) => fix.host === name))
          await work.forget(AbortSignal.timeout(undoDeadlineMs)).catch(() => undefined);
      }),
    );
    return { document: progress.document, unsure: [] };
  } catch (error) {
    const failure = signal.aborted
      ? new IpvetError('ABORTED', 'stopped before everything was taken back', { cause: error })
      : asIpvetError(error, 'INTERNAL', 'fix undo');
    const unsure: string[] = [];
    for (const { work, step } of done.toReversed()) {
      const { host } = work.fix;
      tell(`${host}: ${nameOf(work.fix)}: putting it in place again`);
      const again = await work.guard.undo(step, AbortSignal.timeout(undoDeadlineMs)).then(
        () => true,
        () => false,
      );
      const fate = again ? undefined : await fates.within(host, fateLimitMs);
      if (!again && fate?.undone === undefined) unsure.push(host);
    }
    return { document: progress.document, error: failure, unsure: [...new Set(unsure)] };
  } finally {
    await guards.release();
  }
}

function notAsLeft(host: string, name: string, answer: 'nothing-kept' | readonly string[]): IpvetError {
  if (answer === 'nothing-kept')
    return new IpvetError('REFUSED', `${host} keeps nothing of the fix of ${name}, so how it was before is not known`, {
      host,
      hint: '--force runs the undo commands of the fix all the same',
    });
  const more = answer.length > 6 ? `; ${answer.length - 6} more` : '';
  return new IpvetError(
    'REFUSED',
    `${host} is no longer as the fix of ${name} left it: ${answer.slice(0, 6).join('; ')}${more}`,
    { host, hint: 'someone else has changed it since, or it was restarted; --force takes back what is still there' },
  );
}
