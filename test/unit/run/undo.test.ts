import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { IpvetError } from '../../../lib/errors.ts';
import { Journal } from '../../../lib/run/journal.ts';
import { UndoStack } from '../../../lib/run/undo.ts';

const plan = (what: string) => ({ host: 'director1', what, command: `do ${what}`, undo: `undo ${what}` });
const never = () => false;

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

  it('has the undo in the journal before the change is made', async () => {
    let seen: string[] = [];
    await undo.change(
      plan('a'),
      () => {
        seen = journal.events.map(({ type }) => type);
        return Promise.resolve();
      },
      () => Promise.resolve(),
      never,
    );
    expect(seen).to.deep.equal(['change-registered']);
  });

  it('undoes in reverse order, and goes on after a failed undo', async () => {
    const done: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      await undo.change(
        plan(name),
        () => Promise.resolve(),
        () => {
          done.push(name);
          return name === 'b' ? Promise.reject(new Error('lost')) : Promise.resolve();
        },
        never,
      );
    }
    await undo.undoAll();
    expect(done).to.deep.equal(['c', 'b', 'a']);
    expect(journal.events.filter(({ type }) => type === 'undo-failed')).to.have.length(1);
    expect(undo.outstanding).to.deep.equal([]);
  });

  it('keeps the undo of a change whose answer was lost, and drops that of one that was refused', async () => {
    const done: string[] = [];
    const attempt = (name: string, error: IpvetError) =>
      undo
        .change(
          plan(name),
          () => Promise.reject(error),
          () => {
            done.push(name);
            return Promise.resolve();
          },
          ({ code }) => code === 'EXEC_FAILED',
        )
        .catch((failure: unknown) => failure);
    expect(await attempt('lost', new IpvetError('SSH_CLOSED', 'gone'))).to.include({ code: 'SSH_CLOSED' });
    expect(await attempt('refused', new IpvetError('EXEC_FAILED', 'no'))).to.include({ code: 'EXEC_FAILED' });
    await undo.undoAll();
    expect(done).to.deep.equal(['lost']);
  });
});
