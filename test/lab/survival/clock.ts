/** The runner's clock jumps while a run goes on. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RunRecord } from '../../../lib/model/run-record.ts';
import { endingOf, Promises, type Strike, underLoad } from './strike.ts';

/**
 * From the moment a file is there the process believes in another time of day. Its monotonic clock, and timers with it, go on as they
 * did: as when an administrator sets the clock, or a laptop asks NTP after a long sleep. For `node --import`, which the
 * programs that the run starts inherit.
 */
const JUMP = String.raw`
import { existsSync } from 'node:fs';
const [jumpMs, file] = process.env.IPVET_CLOCK_JUMP.split(',');
const OwnDate = Date;
let jumped = false;
const now = () => OwnDate.now() + ((jumped ||= existsSync(file)) ? Number(jumpMs) : 0);
globalThis.Date = new Proxy(OwnDate, {
  construct: (target, words, self) => Reflect.construct(target, words.length > 0 ? words : [now()], self),
  apply: () => new OwnDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});`;
const preload = `data:text/javascript,${encodeURIComponent(JUMP)}`;

export function clockJump(words: string, jumpMs: number): Strike {
  return {
    id: `clock${words.replaceAll(' ', '-')}`,
    title: `the runner's clock jumps by ${words}`,
    async act(bed) {
      const promises = new Promises();
      const trigger = join(bed.out, `jump-${randomUUID()}`);
      const run = bed.accept(['--json'], {
        environment: {
          NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${preload}`.trim(),
          IPVET_CLOCK_JUMP: `${jumpMs},${trigger}`,
        },
      });
      promises.keep(await underLoad(run), 'the run ended before the load began');
      writeFileSync(trigger, '');
      const ended = await run.ended;
      const endedAtMs = performance.now();
      promises.exits(ended, 0);
      if (ended.code === 0) {
        harmless(JSON.parse(ended.stdout) as RunRecord, jumpMs, endedAtMs - run.startedAtMs, promises);
      }
      return promises.outcome('load', endingOf(ended), await bed.equal(endedAtMs, [run]));
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
    // Samples begin before the first connection, which they are counted from.
    promises.keep(
      ms >= (name === 'atMs' ? -tookMs : 0) && ms <= tookMs,
      `${name} is ${ms} in a run of ${Math.round(tookMs)} ms`,
    );
  }
  promises.keep(record.restored, 'the record does not say that the cluster is restored');
}
