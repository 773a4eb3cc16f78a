import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import type { UndoStep } from '../../../lib/changes/undo-step.ts';
import { IpvetError } from '../../../lib/errors.ts';
import { Journal } from '../../../lib/run/journal.ts';
import { UndoStack } from '../../../lib/run/undo.ts';

const group = (what: string) => ({
  changes: [
    { host: 'director1', what: `${what} 1`, command: `do ${what} 1`, undo: `undo ${what} 1` },
    { host: 'director1', what: `${what} 2`, command: `do ${what} 2`, undo: `undo ${what} 2` },
  ],
  undo: { host: 'director1', what, script: `undo ${what}` },
});
const never = () => false;

/** A host's guard that notes what it is asked; the step named `failing` cannot be undone. */
function aGuard(failing?: string) {
  const steps: string[] = [];
  const undone: string[] = [];
  const kept: string[] = [];
  return {
    undone,
    kept,
    register: (step: UndoStep) => Promise.resolve(steps.push(step.what) - 1),
    undo: (step: number) => {
      undone.push(steps[step] ?? '');
      return steps[step] === failing ? Promise.reject(new IpvetError('SSH_CLOSED', 'lost')) : Promise.resolve();
    },
    keep: (step: number) => {
      kept.push(steps[step] ?? '');
      return Promise.resolve();
    },
  };
}

describe('run/undo', () => {
  let directory: string;
  let journal: Journal;
  let undo: UndoStack;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ipvet-undo-'));
    journal = new Journal(join(directory, 'run'));
    undo = new UndoStack(journal);
  });
  afterEach(async () => {
    journal.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('has the undo with the guard and in the journal before the change is made', async () => {
    const order: string[] = [];
    const guard = aGuard();
    journal.onEvent(({ type }) => order.push(type));
    await undo.change(
      {
        ...guard,
        register: (step) => {
          order.push('guard');
          return guard.register(step);
        },
      },
      group('a'),
      () => {
        order.push('made');
        return Promise.resolve();
      },
      never,
    );
    const [registered, made] = ['change-registered', 'change-made'];
    expect(order).to.deep.equal(['guard', registered, registered, 'made', made, made]);
  });

  it('makes no change that no guard would undo', async () => {
    const refused = new IpvetError('UNGUARDED', 'no');
    const failure: unknown = await undo
      .change({ ...aGuard(), register: () => Promise.reject(refused) }, group('a'), () => expect.fail('made'), never)
      .catch((error: unknown) => error);
    expect(failure).to.equal(refused);
    expect(undo.outstanding).to.deep.equal([]);
    expect(journal.events).to.deep.equal([]);
  });

  it('undoes in reverse order, and goes on after a failed undo', async () => {
    const guard = aGuard('b');
    for (const name of ['a', 'b', 'c']) await undo.change(guard, group(name), () => Promise.resolve(), never);
    expect(undo.outstanding.map(({ undo: command }) => command).slice(0, 3)).to.deep.equal([
      'undo c 2',
      'undo c 1',
      'undo b 2',
    ]);
    expect(await undo.undoAll()).to.equal(false);
    expect(guard.undone).to.deep.equal(['c', 'b', 'a']);
    expect(journal.events.filter(({ type }) => type === 'undo-failed')).to.have.length(2);
    expect(journal.events.filter(({ type }) => type === 'change-undone')).to.have.length(4);
    expect(undo.outstanding).to.deep.equal([]);
  });

  it('keeps the undo of a change whose answer was lost, and drops that of one that was refused', async () => {
    const guard = aGuard();
    const attempt = (name: string, error: IpvetError) =>
      undo
        .change(
          guard,
          group(name),
          () => Promise.reject(error),
          ({ code }) => code === 'PERMISSION',
        )
        .catch((failure: unknown) => failure);
    expect(await attempt('lost', new IpvetError('SSH_CLOSED', 'gone'))).to.include({ code: 'SSH_CLOSED' });
    expect(await attempt('refused', new IpvetError('PERMISSION', 'no'))).to.include({ code: 'PERMISSION' });
    expect(await undo.undoAll()).to.equal(true);
    expect(guard.undone).to.deep.equal(['lost']);
    expect(guard.kept).to.deep.equal(['refused']);
  });
});
