/** Turns checks into mocha tests: one test a planned pair of check and subject. No hook comes before
 * them, so none can hide them. */
import type { Check, Stage, Subject } from '../lib/model/check.ts';
import { currentRun, finishOwnRun } from '../lib/run/current.ts';
import { speak } from '../lib/run/speak.ts';
import { checks, pairsOf } from './catalogue.ts';

const run = await currentRun(checks.map(({ id }) => id));

// Of the root suite: after the last test of the last file. The CLI finishes its own run.
after('diagnose, restore and record', async () => {
  const record = await finishOwnRun();
  if (record === undefined) return;
  process.stderr.write(`${record.verdict.toUpperCase()}: for a report: ipvet report ${run.directory}\n`);
});

/** The checks of a stage, each on all it judges. */
export function describeChecks(title: string, stage: Stage): void {
  const { cluster, suiteChecks } = run.options;
  const pairs = pairsOf(cluster, suiteChecks).filter(
    ({ check, subject }) => check.stage === stage && run.plan(check, subject),
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
