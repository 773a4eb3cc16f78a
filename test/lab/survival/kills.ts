/** The runner is killed with -9: at random moments of `accept`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { MeasuredStage, Moment } from './moments.ts';
import { report } from './product-run.ts';
import { endingOf, Promises, type Strike } from './strike.ts';
import type { Testbed } from './testbed.ts';

/** Before the first line of the journal, and after the last stage. */
const STARTING = 'starting';

/** Measures a whole run that nobody disturbs. Throws when it does not pass and leave everything as found. */
export async function measure(bed: Testbed): Promise<readonly MeasuredStage[]> {
  const run = bed.accept();
  await run.until(({ type }) => type === 'run-started');
  const startingMs = performance.now() - run.startedAtMs;
  const ended = await run.ended;
  if (ended.code !== 0) throw new Error(`a run that nobody disturbed ended with ${endingOf(ended)}:\n${run.said}`);
  const { left } = await bed.equal(performance.now(), [run]);
  if (left.length > 0) throw new Error(`a run that nobody disturbed left:\n${left.join('\n')}`);
  const stages = run.events.flatMap((event) =>
    event.type === 'stage-ended' ? [{ name: event.name, durationMs: event.durationMs }] : [],
  );
  return [{ name: STARTING, durationMs: startingMs }, ...stages];
}

export const killPlan = (number: number) => ({ id: `kill-${number}`, title: 'kill -9 of the runner' });

export function killAt({ stage, afterMs }: Moment, number: number): Strike {
  const moment = `${stage}, ${(afterMs / 1000).toFixed(1)} s in`;
  return {
    ...killPlan(number),
    async act(bed) {
      const promises = new Promises();
      const run = bed.accept();
      if (stage !== STARTING) {
        await run.until((event) => event.type === 'stage-started' && event.name === stage);
      }
      const stop = new AbortController();
      const over =
        stage === STARTING
          ? run.until(({ type }) => type === 'stage-started')
          : run.until((event) => event.type === 'stage-ended' && event.name === stage);
      await Promise.race([sleep(afterMs, undefined, { signal: stop.signal }).catch(() => undefined), over]);
      stop.abort();
      run.kill('SIGKILL');
      const diedAtMs = performance.now();
      const ended = await run.ended;
      promises.keep(ended.signal === 'SIGKILL', `the run had ended before it was killed: ${endingOf(ended)}`);
      const equality = await bed.equal(diedAtMs, [run]);
      if (run.events.length > 0) await rendersFromJournal(run.folder ?? '', run.events, promises);
      return promises.outcome(moment, endingOf(ended), equality);
    },
  };
}

/** What is known of the run can still be read: which cluster, which hosts, and that it did not come to its end. */
async function rendersFromJournal(
  folder: string,
  events: readonly { readonly type: string }[],
  promises: Promises,
): Promise<void> {
  const rendered = await report(folder, 'html,text');
  promises.keep(rendered.code === 0, `ipvet report ended with ${endingOf(rendered)}: ${rendered.stderr.trim()}`);
  if (rendered.code !== 0) return;
  for (const file of ['index.html', 'summary.txt']) {
    const text = readFileSync(join(folder, file), 'utf8');
    promises.says(text, /ended before the run did|stopped before its end|killed/i, file);
    // The short text names a host only where something is to be said of it.
    if (file === 'summary.txt' || !events.some(({ type }) => type === 'verdict')) continue;
    for (const host of ['director1', 'rs1', 'rs2']) promises.says(text, new RegExp(host), file);
  }
}
