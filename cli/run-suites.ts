/** The suites of a run under mocha. */
import { fileURLToPath } from 'node:url';

import Mocha from 'mocha';

import { setCurrentRun } from '../lib/run/current.ts';
import type { Run } from '../lib/run/run.ts';
import { suiteFiles } from '../suites/index.ts';

export async function runSuites(run: Run): Promise<void> {
  setCurrentRun(run);
  const mocha = new Mocha({ timeout: 0, reporter: Quiet });
  for (const file of suiteFiles) mocha.addFile(fileURLToPath(file));
  await mocha.loadFilesAsync();
  await new Promise<void>((resolve) => {
    mocha.run(() => {
      resolve();
    });
  });
}

/** The run tells its listeners itself; mocha's own account is for plain mocha. */
class Quiet extends Mocha.reporters.Base {
  override epilogue(): void {
    // Nothing to add to the run's summary.
  }
}
