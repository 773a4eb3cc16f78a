/** Makes the steps of a drill, each with its undo where it belongs before. */
import type { Guards } from '../../changes/guards.ts';
import { IpvetError } from '../../errors.ts';
import type { Guard } from '../../changes/guard.ts';
import type { Host } from '../../ssh/host.ts';
import { checkExit } from '../../ssh/outcome.ts';
import type { UndoStack } from '../undo.ts';
import { epoch } from './pace.ts';
import { PowerGuard } from './power.ts';
import type { DrillStep, Means } from './steps.ts';

export interface Making {
  readonly guards: Guards;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

export interface Moment {
  /** When the first step took effect, at the earliest and at the latest. */
  readonly fromMs: number;
  readonly toMs: number;
  /** When the last one had. */
  readonly doneMs: number;
}

/** On all hosts at once, on each in order. Throws what `UndoStack.change` and `Guard.make` throw. */
export async function make(making: Making, steps: readonly DrillStep[]): Promise<Moment> {
  const hosts = [...new Set(steps.map(({ host }) => host))];
  const moments = await Promise.all(
    hosts.map((host) =>
      makeOn(
        making,
        steps.filter((step) => step.host === host),
      ),
    ),
  );
  const made = moments.flat();
  return {
    fromMs: Math.min(...made.map(({ fromMs }) => fromMs)),
    toMs: Math.min(...made.map(({ toMs }) => toMs)),
    doneMs: Math.max(...made.map(({ toMs }) => toMs)),
  };
}

async function makeOn(
  making: Making,
  steps: readonly DrillStep[],
): Promise<readonly Pick<Moment, 'fromMs' | 'toMs'>[]> {
  const moments: Pick<Moment, 'fromMs' | 'toMs'>[] = [];
  for (const step of steps) {
    const { host, what, text, means, undo, undoText } = step;
    const guard = means.kind === 'power' ? new PowerGuard(host, means.power) : making.guards.of(host);
    await making.undo.change(
      guard,
      { undo, changes: [{ host, what, command: text, undo: undoText }] },
      async (number) => {
        const fromMs = epoch();
        if (guard instanceof PowerGuard) await guard.cut(making.signal);
        else await begin(guard, number, means, making.signal);
        moments.push({ fromMs, toMs: epoch() });
      },
      (error) => error.code === 'PERMISSION',
    );
  }
  return moments;
}

async function begin(guard: Guard, number: number, means: Means, signal: AbortSignal): Promise<void> {
  const { host } = guard;
  if (means.kind === 'root')
    checkExit(await guard.make(number, means.command, means.input ?? '', signal), host.declaration.name);
  else if (means.kind === 'detached') {
    for (const { argv } of means.needs) await mustBeAllowed(host, argv, signal);
    await guard.start(number, means.program, signal);
  }
}

/** What runs by itself can tell nobody that sudo refuses it. Throws PERMISSION. */
async function mustBeAllowed(host: Host, argv: readonly string[], signal: AbortSignal): Promise<void> {
  if (host.user === 'root') return;
  const asking = ['sh', '-c', 'sudo -n -l "$@" >/dev/null 2>&1', 'ipvet-may', ...argv];
  const { exitCode } = await host.exec(asking, { exitCodes: 'any', signal });
  if (exitCode === 0) return;
  const { name } = host.declaration;
  throw new IpvetError('PERMISSION', `${name}: sudo does not allow ${host.user}: ${argv.join(' ')}`, {
    host: name,
    hint: `ipvet doctor sudoers --host ${name} --tier disrupt prints the rules`,
  });
}
