/** The runner's clock jumps while a run goes on. */
import { endingOf, Promises, type Strike } from './strike.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';

/**
 * From a moment on the process believes in another time of day. Its monotonic clock, and timers with it, go on as they
 * did: as when an administrator sets the clock, or a laptop asks NTP after a long sleep. For `node --import`, which the
 * programs that the run starts inherit.
 */
const JUMP = String.raw`
const [atMs, jumpMs] = process.env.IPVET_CLOCK_JUMP.split(',').map(Number);
const OwnDate = Date;
const now = () => OwnDate.now() + (OwnDate.now() >= atMs ? jumpMs : 0);
globalThis.Date = new Proxy(OwnDate, {
  construct: (target, words, self) => Reflect.construct(target, words.length > 0 ? words : [now()], self),
  apply: () => new OwnDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});`;
const preload = `data:text/javascript,${encodeURIComponent(JUMP)}`;

/** From the start of the run: somewhere under way, wherever that is on a busy machine. */
const AFTER_MS = 4000;

export function clockJump(words: string, jumpMs: number): Strike {
  return {
    id: `clock${words.replaceAll(' ', '-')}`,
    title: `the runner's clock jumps by ${words}`,
    async act(bed) {
      const promises = new Promises();
      const run = bed.accept(['--json'], {
        environment: {
          NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${preload}`.trim(),
          IPVET_CLOCK_JUMP: `${Date.now() + AFTER_MS},${jumpMs}`,
        },
      });
      const ended = await run.ended;
      const endedAtMs = performance.now();
      promises.exits(ended, 0);
      if (ended.code === 0)
        harmless(JSON.parse(ended.stdout) as RunRecord, jumpMs, endedAtMs - run.startedAtMs, promises);
      return promises.outcome(`${AFTER_MS / 1000} s in`, endingOf(ended), await bed.equal(endedAtMs, [run]));
    },
  };
}

/** The clock did jump, and nothing but times of day shows it: no duration is longer than the run took, none negative. */
function harmless(record: RunRecord, jumpMs: number, tookMs: number, promises: Promises): void {
  const wallMs = Date.parse(record.endedAt) - Date.parse(record.startedAt);
  promises.keep(
    Math.abs(wallMs - jumpMs) < tookMs,
    `the clock did not jump during the run: ${wallMs} ms from start to end`,
  );
  const durations = JSON.stringify(record).matchAll(/"([a-zA-Z]*(?:duration|elapsed|took|at)Ms)":(-?[\d.]+)/gi);
  for (const [, name = '', value] of durations) {
    const ms = Number(value);
    promises.keep(ms >= 0 && ms <= tookMs, `${name} is ${ms} in a run of ${Math.round(tookMs)} ms`);
  }
  promises.keep(record.restored, 'the record does not say that the cluster is restored');
}
