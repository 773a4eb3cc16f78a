import { expect } from 'chai';
import { customCheck } from '../../../checks/custom.ts';
import type { Judgement } from '../../../lib/model/check.ts';
import type { CommandAnswer, CustomCheck } from '../../../lib/model/custom-check.ts';
import { aCluster, hostNamed } from '../../builders.ts';
import { finding } from '../../judgement.ts';

const cluster = aCluster();
const host = hostNamed(cluster, 'rs1');
const evidence = { host: 'rs1', command: 'df', output: '' };

function judged(change: Partial<CustomCheck>, answer?: Partial<CommandAnswer>): Judgement {
  const check = customCheck({
    id: 'custom/disk',
    title: 'There is room',
    hosts: ['rs1'],
    stage: 'pre',
    severity: 'mandatory',
    command: { argv: ['df'], timeoutMs: 1000 },
    expect: { exit: 0 },
    ...change,
  });
  const streams = { stdout: '', stderr: '', ...answer };
  const whole: CommandAnswer = {
    exitCode: 0,
    cut: false,
    evidence,
    find: (stream, pattern) => new RegExp(pattern, 'm').exec(streams[stream]) ?? undefined,
    ...streams,
    ...answer,
  };
  const context = { everyone: new Map(), evidence: () => evidence, ...(answer === undefined ? {} : { answer: whole }) };
  return check.evaluate({} as never, { cluster, host }, context);
}

describe('checks of the cluster file', () => {
  it('pass with what was printed, cut to what a report can show', () => {
    const judgement = judged({ expect: { exit: 0, stdout: '^ok$' } }, { stdout: `fine\nok\n${'x'.repeat(1000)}` });
    expect(judgement).to.include({ outcome: 'pass' });
    expect(JSON.stringify(judgement)).to.have.length.below(1000);
  });

  it('fail for each part that does not hold, with the remedy and the reason it matters', () => {
    const remedy = { summary: 'Clean up', commands: ['journalctl --vacuum-size=1G'] };
    const expectation = { exit: 0, stdout: 'ok', stderr: 'quiet', max: 90 };
    const found = finding(
      judged(
        { expect: expectation, why: 'Full disks stop logs.', remedy },
        { exitCode: 3, stdout: '97 %', stderr: 'no' },
      ),
    );
    expect(found.reason).to.equal(
      'rs1: exit code 3 and not 0: no; no `ok` in its standard output; no `quiet` in its standard error; 97 is more than 90. Full disks stop logs.',
    );
    expect(found.remedy).to.deep.equal({ host: 'rs1', ...remedy });
    expect(found.found).to.deep.equal({ exitCode: 3, number: 97, stdout: '97 %', stderr: 'no' });
  });

  it('take the first group of stdout for the number, and hold it against both limits', () => {
    const expectation = { exit: 0, stdout: 'free: (\\S+)', max: 2.5, min: -1 };
    const numbers = (text: string) => judged({ expect: expectation }, { stdout: `7 disks, free: ${text}` });
    expect(numbers('-0.5').outcome).to.equal('pass');
    expect(finding(numbers('-2')).reason).to.include('-2 is less than -1');
    expect(finding(numbers('1e3')).reason).to.include('1000 is more than 2.5');
    expect(numbers('plenty')).to.include({ outcome: 'error', reason: 'rs1: it printed no number' });
  });

  it('may want another exit code', () => {
    expect(judged({ expect: { exit: 1 } }, { exitCode: 1 }).outcome).to.equal('pass');
    expect(finding(judged({ expect: { exit: 1 } }, { exitCode: 0 })).reason).to.equal('rs1: exit code 0 and not 1');
    expect(judged({ expect: { exit: 127 } }, { exitCode: 127 }).outcome).to.equal('pass');
  });

  it('cannot tell where the program is not there, the text was cut, or the search is too slow', () => {
    for (const [answer, says] of [
      [{ exitCode: 127, stderr: 'sh: 1: df: not found' }, /cannot be run \(exit code 127\): sh: 1: df: not found/],
      [{ exitCode: 126 }, /cannot be run/],
      [{ cut: true }, /more than 1 MiB/],
      [{ find: () => 'too-slow' as const }, /longer than a second/],
      [undefined, /left no answer/],
    ] as const) {
      const judgement = judged({ expect: { exit: 0, stdout: 'ok' } }, answer);
      expect(judgement.outcome, String(says)).to.equal('error');
      expect(judgement).to.have.property('reason').that.matches(says);
    }
  });
});
