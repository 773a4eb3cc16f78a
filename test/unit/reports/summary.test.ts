import { expect } from 'chai';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import {
  byReason,
  keyOf,
  outcomeCounts,
  guardNotes,
  restoredText,
  sentence,
  unevaluated,
  unexplained,
} from '../../../reports/summary.ts';
import { caseNamed } from '../../golden/cases.ts';

const healthy = () => caseNamed('healthy');
const faulty = () => caseNamed('nat-rs-gateway');

describe('what every report says alike', () => {
  it('counts verdicts by outcome, all of them', () => {
    const counts = outcomeCounts(faulty());
    expect(counts).to.deep.equal({
      fail: 4,
      error: 0,
      'not-run': 0,
      warn: 1,
      waived: 1,
      pass: 37,
      'not-applicable': 3,
    });
    expect(Object.values(counts).reduce((sum, n) => sum + n)).to.equal(faulty().verdicts.length);
  });

  it('tells failures that a diagnosis accounts for from those none does', () => {
    expect(unexplained(faulty(), 'fail').map(keyOf)).to.deep.equal(['director/ip-forward@director1']);
    expect(unexplained({ ...faulty(), diagnoses: [] }, 'fail')).to.have.length(4);
    expect(unexplained(faulty(), 'warn').map(keyOf)).to.deep.equal(['network/ssh-trust@rs3']);
  });

  it('groups by reason what has one cause', () => {
    const open = unevaluated(caseNamed('unreachable'));
    expect(open).to.have.length(9);
    expect(byReason(open)).to.have.length(1);
  });

  const sentences: [string, RunRecord, string][] = [
    ['a pass', healthy(), 'All 43 checks that apply passed.'],
    [
      'a diagnosed failure',
      faulty(),
      "The gateway of rs2 towards the client is 10.10.10.254, not the director's 10.10.10.1, so its replies never pass the director.",
    ],
    [
      'an undiagnosed failure',
      { ...faulty(), diagnoses: [] },
      'director1 forwards now, and will not after a reboot: no file sets net.ipv4.ip_forward (and 3 more failed checks).',
    ],
    ['a failure no check accounts for', { ...healthy(), verdict: 'fail' }, 'The run failed; no check says why.'],
    [
      'an unreachable host',
      caseNamed('unreachable'),
      '9 checks of 41 were not evaluated: rs3 (10.10.10.30:22) did not answer within 5 s.',
    ],
    [
      'an interrupted run',
      caseNamed('interrupted'),
      'The run was stopped before its end. 4 checks of 46 were not evaluated.',
    ],
    ['an empty run', caseNamed('empty'), 'ipvet itself ended before the run did. Nothing was evaluated.'],
    [
      'a problem of the run itself',
      { ...healthy(), verdict: 'inconclusive', problems: [{ code: 'LOAD', message: 'no source port was left' }] },
      'The run has no verdict: no source port was left.',
    ],
    [
      'a cluster that was not restored',
      { ...healthy(), restored: false },
      'The cluster is NOT as it was found. All 43 checks that apply passed.',
    ],
  ];
  for (const [what, record, expected] of sentences) {
    it(`says why in one sentence: ${what}`, () => {
      expect(sentence(record)).to.equal(expected);
    });
  }

  it('says whether the cluster is as it was found', () => {
    const [change] = healthy().changes;
    if (change === undefined) throw new RangeError('the healthy run changes something');
    expect(restoredText(healthy())).to.equal('restored: 1 change made and taken back');
    expect(restoredText({ ...healthy(), changes: [] })).to.equal('nothing was changed');
    expect(restoredText({ ...healthy(), restored: false, changes: [change, { ...change, undone: false }] })).to.equal(
      'NOT restored: 1 change still on the cluster',
    );
    const open = { ...change, undone: false };
    const killed: RunRecord = {
      ...{ ...healthy(), restored: false, interrupted: 'internal-error', verdict: 'inconclusive', changes: [open] },
      guards: [{ host: open.host, released: false, undid: [] }],
    };
    expect(restoredText(killed)).to.equal(`not known here: 1 change left to the guard on ${open.host}`);
    expect(sentence(killed)).to.match(/^Whether the cluster is as it was found is not known here/);
    expect(restoredText({ ...killed, changes: [{ ...open, undoError: 'no answer' }] })).to.match(/^NOT restored/);
    expect(restoredText({ ...killed, problems: [{ code: 'RESTORE', message: '' }] })).to.match(/^NOT restored/);
    expect(restoredText({ ...killed, guards: [] })).to.match(/^NOT restored/);
  });

  it('names the hosts that were compared, and what guards did by themselves', () => {
    const guard = { host: 'director1', released: true, undid: [], before: 'abc', after: 'abc' };
    expect(restoredText({ ...healthy(), guards: [guard] })).to.match(/taken back; director1 compared, as found$/);
    expect(restoredText({ ...healthy(), guards: [{ ...guard, after: 'def' }] })).to.match(/taken back$/);
    expect(guardNotes({ ...healthy(), guards: [guard] })).to.deep.equal([]);
    const undid = [{ runId: 'earlier', log: ['at 10:00', 'undone IPVS rules of director1'] }];
    const [undone, ...others] = guardNotes({ ...healthy(), guards: [{ ...guard, undid }] });
    expect(undone?.text).to.include('run earlier, which was cut off').and.include('undone IPVS rules');
    expect(others).to.deep.equal([]);
    expect(guardNotes({ ...healthy(), guards: [{ ...guard, released: false }] })[0]?.text).to.include('still locked');
  });
});
