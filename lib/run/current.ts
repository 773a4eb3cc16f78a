/** The run the suites belong to: opened by the CLI, or, under plain mocha, from the environment. */
import { resolve } from 'node:path';

import { loadCluster } from '../config/load.ts';
import type { RunRecord } from '../model/run-record.ts';
import { version } from '../version.ts';
import { Run } from './run.ts';
import type { RunOptions } from './run-options.ts';

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
export async function currentRun(checkIds: readonly string[]): Promise<Run> {
  if (current !== undefined) return current;
  const cluster = await loadCluster(resolve(process.env['IPVET_INVENTORY'] ?? 'cluster.yaml'), {
    checkIds: () => Promise.resolve(checkIds),
  });
  const allowed = new Set((process.env['IPVET_ALLOW'] ?? '').split(','));
  const lab = cluster.environment === 'lab';
  // Loading is for those who have suites: it takes a compiler.
  const { suites } = cluster.checks;
  const options: RunOptions = {
    cluster,
    command: 'mocha',
    version,
    outDirectory: resolve(process.env['IPVET_OUT'] ?? 'runs'),
    allow: { traffic: lab || allowed.has('traffic'), change: lab || allowed.has('change') },
    ...(suites === undefined ? {} : { suiteChecks: await (await import('./suites.ts')).loadSuites(suites) }),
    stages: ['pre', 'post', 'traffic'],
    failOn: 'fail',
  };
  current = new Run(options);
  own = true;
  // The tests left then end at once as not-run, and the teardown restores.
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => current?.interrupt(signal));
  return current;
}

/** The record of a run that plain mocha opened; undefined for one of the CLI, which finishes its own. */
export function finishOwnRun(): Promise<RunRecord | undefined> {
  return own && current !== undefined ? current.finish() : Promise.resolve(undefined);
}
