/** The operator, his terminal and his laptop: signals, a window that is closed, a lid that is closed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RunRecord } from '../../../lib/model/run-record.ts';
import type { ProductRun } from './product-run.ts';
import { changed, endingOf, Promises, restoring, type Strike, underLoad } from './strike.ts';
import { PROMISE_MS } from './testbed.ts';

type Reached = (run: ProductRun) => Promise<boolean>;

function signalled(
  signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP',
  code: number,
  [moment, reached]: readonly [string, Reached],
): Strike {
  return {
    id: `${signal.toLowerCase()}-${moment.replaceAll(' ', '-')}`,
    title: `${signal}: ${moment}`,
    async act(bed) {
      const promises = new Promises();
      const run = bed.accept();
      promises.keep(await reached(run), 'the run ended before');
      run.kill(signal);
      const ended = await run.ended;
      const endedAtMs = performance.now();
      promises.exits(ended, code);
      promises.says(ended.stdout, /restored|nothing was changed/, 'the summary');
      return promises.outcome(moment, endingOf(ended), await bed.equal(endedAtMs, [run]));
    },
  };
}

export const signals: readonly Strike[] = [
  signalled('SIGINT', 130, ['rules just changed', changed]),
  signalled('SIGTERM', 143, ['under load', underLoad]),
  signalled('SIGHUP', 129, ['under load', underLoad]),
  signalled('SIGINT', 130, ['while restoring', restoring]),
];

export const twice: Strike = {
  id: 'sigint-twice',
  title: 'Ctrl-C under load, and again while restoring',
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept();
    promises.keep(await underLoad(run), 'the run ended before the load began');
    run.kill('SIGINT');
    promises.keep(await restoring(run), 'the run ended before it restored');
    run.kill('SIGINT');
    const ended = await run.ended;
    const endedAtMs = performance.now();
    promises.exits(ended, 6, 130);
    // Everything may have been undone in the moment between.
    if (ended.code === 6) promises.says(ended.stderr, /director1: ipvsadm/);
    return promises.outcome('load, restore', endingOf(ended), await bed.equal(endedAtMs, [run]));
  },
};

export const terminalClosed: Strike = {
  id: 'terminal-closed',
  title: 'the terminal window is closed under load',
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept([], { through: (command) => ['script', '-qec', `exec ${command}`, '/dev/null'] });
    promises.keep(await underLoad(run), 'the run ended before the load began');
    const { pid } = run;
    // Who holds the terminal dies with -9: the kernel hangs up on who runs in it.
    run.kill('SIGKILL');
    promises.keep(pid !== undefined, 'the run was not found in its terminal');
    promises.keep(await run.gone(), 'the run goes on without its terminal');
    const equality = await bed.equal(performance.now(), [run]);
    const record = JSON.parse(readFileSync(join(run.folder ?? '', 'run.json'), 'utf8')) as RunRecord;
    promises.keep(record.exitCode === 129, `the record says exit ${record.exitCode}, not 129`);
    promises.keep(record.restored, 'the record does not say that the cluster is restored');
    return promises.outcome('load', `exit ${record.exitCode}`, equality);
  },
};

export const suspended: Strike = {
  id: 'suspended',
  title: 'the laptop sleeps (SIGSTOP) until the guard has fired, and wakes up',
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept();
    promises.keep(await changed(run), 'the run ended before it changed anything');
    run.kill('SIGSTOP');
    const asleepAtMs = performance.now();
    // Its connections stay, and what runs in them on the hosts: the run sleeps and is not gone.
    const equality = await bed.equal(asleepAtMs, [], { but: /process / });
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, asleepAtMs + PROMISE_MS - performance.now())));
    run.kill('SIGCONT');
    const ended = await run.ended;
    promises.exits(ended, 3, 6);
    promises.says(run.said, /director1 .{1,60}(taken|took) .{1,40} back/);
    const after = await bed.equal(performance.now(), [run]);
    return promises.outcome('rules just changed', endingOf(ended), {
      ...equality,
      left: [...equality.left, ...after.left],
    });
  },
};
