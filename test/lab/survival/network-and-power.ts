/** The network between runner and director, the connection to it, the director itself, a real server: gone while a run changes the cluster. */
import { setTimeout as sleep } from 'node:timers/promises';

import { cut, mend, powerOff, powerOn } from '../../../lab/power.ts';
import { changing, endingOf, Promises, type Strike, underLoad } from './strike.ts';

/** sshd cannot tell silence from a client that has nothing to say: its sessions, and what runs in them, end with the cut. */
const OPEN_CONNECTIONS = /process (sshd: ops|sh .*ipvet|sh -c|sudo |ipvsadm -R$|cat$)/;
/** Rules that nobody saved, and what the director would have had to tell the hosts it was the way to. */
const LOST_WITH_POWER = /: - (rule|threshold) |^rs\d: \+ process sshd: ops/;
const quiet = { onProgress: () => undefined };

export const networkGone: Strike = {
  id: 'network-gone',
  title: 'network cut between runner and director in the middle of apply, until the guard has fired',
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept();
    promises.keep(await changing(run), 'the run ended before it changed anything');
    await cut(bed.name, 'client1');
    const cutAtMs = performance.now();
    const during = await bed.equal(cutAtMs, [], { but: OPEN_CONNECTIONS });
    promises.keep(during.left.length === 0, `while the network was away: ${during.left.join('; ')}`);
    await mend(bed.name, 'client1');
    const ended = await run.ended;
    promises.exits(ended, 3, 6);
    promises.says(run.said, /director1/);
    const after = await bed.equal(performance.now(), [run]);
    return promises.outcome('first change registered', endingOf(ended), {
      ...after,
      ...(during.afterMs === undefined || after.afterMs === undefined ? {} : { afterMs: during.afterMs }),
    });
  },
};

export const networkBack: Strike = {
  id: 'network-back',
  title: 'network cut between runner and director in the middle of apply, back after 4 s',
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept();
    promises.keep(await changing(run), 'the run ended before it changed anything');
    await cut(bed.name, 'client1');
    await sleep(4000);
    await mend(bed.name, 'client1');
    const ended = await run.ended;
    const endedAtMs = performance.now();
    promises.exits(ended, 0);
    return promises.outcome('first change registered', endingOf(ended), await bed.equal(endedAtMs, [run]));
  },
};

export const connectionKilled: Strike = {
  id: 'connection-killed',
  title: "the director's sshd processes of the run killed in the middle of apply",
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept();
    promises.keep(await changing(run), 'the run ended before it changed anything');
    const killed = await bed.endSessions('director1');
    promises.keep(killed !== '', 'there was no connection to kill');
    const ended = await run.ended;
    const endedAtMs = performance.now();
    // What was under way is lost with the connection: the run may go on over a new one, or stop; not fall over.
    promises.exits(ended, 0, 1, 3);
    return promises.outcome('first change registered', endingOf(ended), await bed.equal(endedAtMs, [run]));
  },
};

export const directorReset: Strike = {
  id: 'director-reset',
  title: 'power reset of the director under load',
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept();
    promises.keep(await underLoad(run), 'the run ended before the load began');
    await powerOff(bed.name, 'director1');
    await powerOn(bed.name, 'director1', quiet);
    const ended = await run.ended;
    const endedAtMs = performance.now();
    promises.exits(ended, 1, 3, 6);
    promises.says(run.said, /director1.{1,60}(restarted|lost|closed|reached)/);
    if (ended.code === 6) promises.says(ended.stdout, /ipvsadm -/, 'the summary');
    await bed.startBus();
    // Loads the module, without which there are no settings of its own to compare.
    const rules = await bed.root('director1', 'ipvsadm -Sn');
    // A director keeps no rules over a restart unless they were saved: that these are gone is the power's doing.
    const equality = await bed.equal(endedAtMs, [run], { but: LOST_WITH_POWER });
    promises.keep(rules === '', `rules came from somewhere: ${rules}`);
    // Half a connection through a director that is no more: their kernels would find out after two hours.
    for (const host of ['rs1', 'rs2']) await bed.endSessions(host);
    await bed.layRules();
    return promises.outcome('load', endingOf(ended), equality);
  },
};

export const realServerOff: Strike = {
  id: 'real-server-off',
  title: 'power of a real server off under load',
  async act(bed) {
    const promises = new Promises();
    const run = bed.accept();
    promises.keep(await underLoad(run), 'the run ended before the load began');
    await powerOff(bed.name, 'rs2');
    const ended = await run.ended;
    const endedAtMs = performance.now();
    promises.exits(ended, 1, 3);
    promises.says(ended.stdout, /rs2/, 'the summary');
    const elsewhere = await bed.equal(endedAtMs, [run], { but: /^rs2: / });
    await powerOn(bed.name, 'rs2', quiet);
    await bed.startBus();
    const { left } = await bed.equal(performance.now(), [run]);
    return promises.outcome('load', endingOf(ended), { ...elsewhere, left: [...elsewhere.left, ...left] });
  },
};
