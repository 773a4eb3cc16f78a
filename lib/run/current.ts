/** The run the suites belong to: opened by the CLI, or, under plain mocha, from the environment. */
import { resolve } from 'node:path';

import { loadCluster } from '../config/load.ts';
import { version } from '../version.ts';
import { Run, type RunOptions } from './run.ts';

let current: Run | undefined;
let own = false;

export function setCurrentRun(run: Run): void {
  current = run;
  own = false;
}

/**
 * Under plain mocha: IPVET_INVENTORY (default ./cluster.yaml), IPVET_OUT (default ./runs), IPVET_ALLOW (a list of
 * `traffic` and `change`; a lab allows both).
 */
export async function currentRun(): Promise<Run> {
  if (current !== undefined) return current;
  const cluster = await loadCluster(resolve(process.env['IPVET_INVENTORY'] ?? 'cluster.yaml'));
  const allowed = new Set((process.env['IPVET_ALLOW'] ?? '').split(','));
  const lab = cluster.environment === 'lab';
  const options: RunOptions = {
    cluster,
    command: 'mocha',
    version,
    outDirectory: resolve(process.env['IPVET_OUT'] ?? 'runs'),
    allow: { traffic: lab || allowed.has('traffic'), change: lab || allowed.has('change') },
    stages: ['pre', 'post', 'traffic'],
    failOn: 'fail',
  };
  current = new Run(options);
  own = true;
  return current;
}

/** Finishes the run if plain mocha opened it; the CLI finishes its own. */
export async function finishOwnRun(): Promise<Run | undefined> {
  if (!own || current === undefined) return undefined;
  await current.finish();
  return current;
}
