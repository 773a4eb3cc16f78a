/** Makes the steps of a drill, each with its undo where it belongs before. */
import type { Guards } from '../../changes/guards.ts';
import { checkExit } from '../../ssh/outcome.ts';
import type { UndoStack } from '../undo.ts';
import { epoch } from './pace.ts';
import type { DrillStep } from './steps.ts';

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
  { guards, undo, signal }: Making,
  steps: readonly DrillStep[],
): Promise<readonly Pick<Moment, 'fromMs' | 'toMs'>[]> {
  const moments: Pick<Moment, 'fromMs' | 'toMs'>[] = [];
  for (const { host, what, command, input = '', text = command.argv.join(' '), undo: step, undoText } of steps)
    await undo.change(
      guards.of(host),
      { undo: step, changes: [{ host, what, command: text, undo: undoText }] },
      async (number) => {
        const fromMs = epoch();
        checkExit(await guards.of(host).make(number, command, input, signal), host);
        moments.push({ fromMs, toMs: epoch() });
      },
      (error) => error.code === 'PERMISSION',
    );
  return moments;
}
