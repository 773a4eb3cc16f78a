import { expect } from 'chai';
import fc from 'fast-check';

import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { decide, type Ending, restoreProblem } from '../../../lib/run/outcome.ts';

const verdict = (outcome: Outcome): Verdict => ({
  check: 'director/vip',
  title: 'VIP is local',
  severity: 'mandatory',
  stage: 'pre',
  subject: { host: 'director1' },
  outcome,
  evidence: [],
  durationMs: 0,
});
const ending = (outcomes: readonly Outcome[], change: Partial<Ending> = {}): Ending => ({
  verdicts: outcomes.map(verdict),
  problems: [],
  changes: [],
  failOn: 'fail',
  ...change,
});
const change = { host: 'director1', what: 'service', command: 'ipvsadm -A', undo: 'ipvsadm -D' };

describe('run/outcome', () => {
  const cases: readonly (readonly [string, Ending, string, number])[] = [
    ['all passed', ending(['pass', 'not-applicable']), 'pass', 0],
    ['a warning', ending(['pass', 'warn']), 'pass', 0],
    ['a warning with --fail-on warn', ending(['pass', 'warn'], { failOn: 'warn' }), 'pass', 4],
    ['a waived failure', ending(['pass', 'waived']), 'pass', 0],
    ['one failure', ending(['pass', 'fail']), 'fail', 1],
    ['could not tell', ending(['pass', 'error']), 'inconclusive', 3],
    ['not run', ending(['pass', 'not-run']), 'inconclusive', 3],
    ['nothing judged', ending([]), 'inconclusive', 3],
    ['failure beside error', ending(['fail', 'error']), 'fail', 1],
    [
      'interrupted and restored',
      ending(['pass', 'not-run'], { interrupted: 'signal', signal: 'SIGINT' }),
      'inconclusive',
      130,
    ],
    ['terminated and restored', ending(['pass'], { interrupted: 'signal', signal: 'SIGTERM' }), 'inconclusive', 143],
    ['killed', ending(['pass'], { interrupted: 'internal-error' }), 'inconclusive', 70],
    ['an undo failed', ending(['pass'], { changes: [{ ...change, undone: false, undoError: 'lost' }] }), 'pass', 6],
    ['undone', ending(['pass'], { changes: [{ ...change, undone: true }] }), 'pass', 0],
    [
      'a host differs from how it was found',
      ending(['pass'], { problems: [{ code: restoreProblem, message: 'x' }] }),
      'inconclusive',
      6,
    ],
  ];
  for (const [name, input, expectedVerdict, exitCode] of cases) {
    it(`${name}: ${expectedVerdict}, ${exitCode}`, () => {
      const { verdict: found, exitCode: code } = decide(input);
      expect({ verdict: found, exitCode: code }).to.deep.equal({ verdict: expectedVerdict, exitCode });
    });
  }

  it('is never 0 when anything was not evaluated', () => {
    const outcome = fc.constantFrom<Outcome>('pass', 'warn', 'fail', 'not-applicable', 'waived', 'error', 'not-run');
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const decided = decide(ending(outcomes));
        if (outcomes.some((one) => one === 'error' || one === 'not-run') || outcomes.length === 0) {
          expect(decided.exitCode).to.not.equal(0);
          expect(decided.verdict).to.not.equal('pass');
        }
      }),
    );
  });
});
