import { expect } from 'chai';

import type { RunEvent, RunEventBody } from '../../../lib/run/events.ts';
import { recordOf } from '../../../lib/run/record.ts';

const at = (bodies: readonly RunEventBody[]): RunEvent[] =>
  bodies.map((body, index) => ({ ...body, at: `2026-11-22T20:00:0${index}.000Z` }));
const started: RunEventBody = {
  type: 'run-started',
  id: 'run',
  command: 'accept',
  version: '0.1.0',
  cluster: { name: 'web', environment: 'lab', hosts: [], services: [] },
};
const plan = (check: string) =>
  ({ check, title: check, severity: 'mandatory', stage: 'pre', subject: { host: 'rs1' } }) as const;
const passed = (check: string): RunEventBody => ({
  type: 'verdict',
  verdict: { ...plan(check), outcome: 'pass', evidence: [], durationMs: 1 },
});
const registered: RunEventBody = {
  type: 'change-registered',
  change: 1,
  host: 'director1',
  what: 'add service',
  command: 'ipvsadm -A -t 192.0.2.1:80 -s rr',
  undo: 'ipvsadm -D -t 192.0.2.1:80',
};

describe('run/record', () => {
  it('has a verdict for every planned pair, in the order planned', () => {
    const record = recordOf(
      at([
        started,
        { type: 'planned', verdicts: [plan('a/b'), plan('a/c')] },
        passed('a/c'),
        passed('a/b'),
        { type: 'run-ended' },
      ]),
    );
    expect(record.verdicts.map(({ check }) => check)).to.deep.equal(['a/b', 'a/c']);
    expect(record).to.include({ verdict: 'pass', exitCode: 0, restored: true });
  });

  it('makes not-run of what was planned and not judged, and is then inconclusive', () => {
    const record = recordOf(
      at([started, { type: 'planned', verdicts: [plan('a/b'), plan('a/c')] }, passed('a/b'), { type: 'run-ended' }]),
    );
    expect(record.verdicts[1]).to.include({ check: 'a/c', outcome: 'not-run' });
    expect(record).to.include({ verdict: 'inconclusive', exitCode: 3 });
  });

  it('reads a journal without its end as that of a run that was killed, with its changes outstanding', () => {
    const record = recordOf(
      at([
        started,
        { type: 'planned', verdicts: [plan('a/b')] },
        passed('a/b'),
        registered,
        { type: 'change-made', change: 1 },
      ]),
    );
    expect(record).to.include({ interrupted: 'internal-error', restored: false, exitCode: 6 });
    expect(record.changes).to.deep.equal([
      {
        host: 'director1',
        what: 'add service',
        command: 'ipvsadm -A -t 192.0.2.1:80 -s rr',
        undo: 'ipvsadm -D -t 192.0.2.1:80',
        undone: false,
      },
    ]);
  });

  it('counts a registered change as outstanding even when it is not known to have been made', () => {
    const record = recordOf(at([started, registered]));
    expect(record.restored).to.equal(false);
  });

  it('forgets a change that was never made and closes one that was undone', () => {
    const undone = recordOf(
      at([
        started,
        registered,
        { type: 'change-made', change: 1 },
        { type: 'change-undone', change: 1 },
        { type: 'run-ended' },
      ]),
    );
    expect(undone.changes).to.have.length(1);
    expect(undone.restored).to.equal(true);
    const abandoned = recordOf(
      at([started, registered, { type: 'change-abandoned', change: 1, reason: 'refused' }, { type: 'run-ended' }]),
    );
    expect(abandoned.changes).to.deep.equal([]);
  });

  it('has ended although a problem was told after the end: run.json could not be written', () => {
    const full: RunEventBody = { type: 'problem', problem: { code: 'STORAGE', message: 'no space' } };
    const record = recordOf(
      at([started, { type: 'planned', verdicts: [plan('a/b')] }, passed('a/b'), { type: 'run-ended' }, full]),
    );
    expect(record).to.include({ verdict: 'inconclusive', exitCode: 3 });
    expect(record).to.not.have.property('interrupted');
  });

  it('refuses a journal that does not begin with its run', () => {
    expect(() => recordOf(at([{ type: 'run-ended' }]))).to.throw(RangeError);
  });
});
