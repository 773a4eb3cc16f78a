/** Two runs at once, a lock that a dead run left behind, a guard that is gone. */
import { changed, changing, endingOf, Promises, type Strike } from './strike.ts';
import type { Testbed } from './testbed.ts';

export const race: Strike = {
  id: 'race',
  title: 'two runs racing for the lock',
  async act(bed) {
    const promises = new Promises();
    const runs = [bed.accept(), bed.accept()];
    const ended = await Promise.all(runs.map((run) => run.ended));
    const endedAtMs = performance.now();
    const codes = ended.map(({ code }) => code ?? -1).toSorted();
    promises.keep(codes.join() === '0,5', `they ended with ${codes.join(' and ')}, not 0 and 5`);
    const loser = runs[ended.findIndex(({ code }) => code === 5)];
    if (loser !== undefined) {
      promises.says(loser.said, /director1 is being changed by \S+@\S+ \(accept/);
      const touched = loser.events.filter(({ type }) => type === 'change-registered' || type === 'load').length;
      promises.keep(touched === 0, `the one that did not get the lock did ${touched} things`);
    }
    const ending = `exit ${codes.join(' and ')}`;
    return promises.outcome('from the start', ending, await bed.equal(endedAtMs, runs));
  },
};

/** The guard's own process, by the pid it wrote down. */
async function killGuard(bed: Testbed): Promise<boolean> {
  const script = String.raw`read -r pid </var/tmp/ipvet/armed && case $(tr '\0' ' ' </proc/$pid/cmdline) in *guard*) kill -9 "$pid" && echo killed ;; esac`;
  return (await bed.root('director1', script)).includes('killed');
}

export const staleLock: Strike = {
  id: 'stale-lock',
  title: 'kill -9 of the runner and of its guard; the lock they leave is stolen',
  async act(bed) {
    const promises = new Promises();
    const dead = bed.accept();
    promises.keep(await changed(dead), 'the run ended before it changed anything');
    // First the run, which would arm the guard again; the guard waits before it fires.
    dead.kill('SIGKILL');
    await dead.ended;
    promises.keep(await killGuard(bed), 'there was no guard to kill');
    const orphaned = await bed.differencesOn('director1');
    promises.keep(
      orphaned?.lines.some((line) => line.includes(' rule ')) === true,
      'the rules are as found although nobody could put them back: this test shows nothing',
    );
    const refused = bed.accept();
    promises.exits(await refused.ended, 5);
    promises.says(refused.said, /director1 has a stale lock of \S+@\S+ \(accept.{1,200}undo step/);
    promises.says(refused.said, /--steal-lock/);
    const thief = bed.accept(['--steal-lock', '--yes']);
    const ended = await thief.ended;
    const endedAtMs = performance.now();
    promises.exits(ended, 0);
    return promises.outcome('rules just changed', endingOf(ended), await bed.equal(endedAtMs, [dead, refused, thief]));
  },
};

export const guardKilled: Strike = {
  id: 'guard-killed',
  title: 'kill -9 of the guard on the director while the run goes on',
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept();
    promises.keep(await changing(run), 'the run ended before it changed anything');
    promises.keep(await killGuard(bed), 'there was no guard to kill');
    const ended = await run.ended;
    const endedAtMs = performance.now();
    // Armed again, or else stopped: going on without one is what must not be.
    promises.exits(ended, 0, 3);
    if (ended.code === 3) promises.says(run.said, /guard/);
    return promises.outcome('first change registered', endingOf(ended), await bed.equal(endedAtMs, [run]));
  },
};
