/** Mocha's spec reporter, and the outcome into the file that IPVET_TEST_OUTCOME names. */
import { writeFileSync } from 'node:fs';

import Mocha from 'mocha';

/** What a mocha process tells the one that started it. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Each failed test, or hook, with its reason. */
  readonly failures: readonly string[];
  /** The skipped ones by title. */
  readonly skips: readonly string[];
}

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env['IPVET_TEST_OUTCOME'];
    if (file === undefined) return;
    const failures: string[] = [];
    const skips: string[] = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error: Error) => {
      failures.push(`${test.fullTitle()}\n${(error.stack ?? String(error)).slice(0, 3000)}`);
    });
    runner.on(Mocha.Runner.constants.EVENT_TEST_PENDING, (test) => {
      skips.push(test.fullTitle());
    });
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const outcome: Outcome = {
        passed: this.stats.passes,
        failed: this.stats.failures,
        skipped: this.stats.pending,
        failures,
        skips,
      };
      writeFileSync(file, JSON.stringify(outcome));
    });
  }
}
