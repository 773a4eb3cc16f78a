/** Turns checks into mocha tests: one test a planned pair of check and subject. No hook comes before
 * them, so none can hide them. */
import type { Check, Subject } from '../lib/model/check.ts';
import { currentRun, finishOwnRun } from '../lib/run/current.ts';
import { speak } from '../lib/run/speak.ts';
import { subjectsOf } from './subjects.ts';

const run = await currentRun();

// Of the root suite: after the last test of the last file. The CLI finishes its own run.
after('diagnose, restore and record', async () => {
  const record = await finishOwnRun();
  if (record === undefined) return;
  process.stderr.write(`${record.verdict.toUpperCase()}: for a report: ipvet report ${run.directory}\n`);
});

export function describeChecks(title: string, checks: readonly Check[]): void {
  const pairs = checks.flatMap((check) =>
    subjectsOf(run.options.cluster, check)
      .filter((subject) => run.plan(check, subject))
      .map((subject) => ({ check, subject })),
  );
  if (pairs.length === 0) return;
  describe(title, () => {
    for (const { check, subject } of pairs) {
      it(testTitle(check, subject), async function () {
        speak(await run.judge(check, subject), this);
      });
    }
  });
}

function testTitle(check: Check, subject: Subject): string {
  const service = 'service' in subject ? `, service ${subject.service.name}` : '';
  return `${check.title} [${subject.host.name}${service}]`;
}
