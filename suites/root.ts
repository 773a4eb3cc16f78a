/** Root of the operator's mocha run: ends the run when mocha opened it, and says where the record is. */
import { finishOwnRun } from '../lib/run/current.ts';

export async function mochaGlobalTeardown(): Promise<void> {
  const run = await finishOwnRun();
  if (run === undefined) return;
  const record = await run.finish();
  process.stderr.write(
    `${record.verdict.toUpperCase()}: ${run.directory}/run.json; for a report: ipvet report ${run.directory}\n`,
  );
  process.exitCode = record.exitCode;
}
