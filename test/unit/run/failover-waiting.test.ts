import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { onSilence, onStop } from '../../../lib/failover/prediction.ts';
import type { Probe, TimelineEntry } from '../../../lib/model/failover.ts';
import { epoch } from '../../../lib/run/failover/pace.ts';
import type { DrillPlan, DrillScene } from '../../../lib/run/failover/scenarios.ts';
import { longestMs, settled, stableAgain, takenOver } from '../../../lib/run/failover/waiting.ts';
import type { Fleet, Host } from '../../../lib/ssh/host.ts';
import { failureOf } from '../../ssh/failure.ts';
import { aCluster, aDirector, aRealServer, aService } from '../../builders.ts';

const realServers = [aRealServer(1)];
const service = aService(realServers);
const cluster = aCluster({
  directors: [aDirector(), aDirector({ name: 'director2', dip: '10.10.10.2' })],
  realServers,
});
const scene: DrillScene = { cluster, service, owner: 'director1', vrrp: new Map(), checks: new Map() };
const { signal } = new AbortController();

const said = (vip: boolean, keepalived = 'active') =>
  `@keepalived ${keepalived}\n@addresses\n${vip ? '2: eth0    inet 192.168.122.100/32 scope global eth0\\\n' : ''}@table\nTCP  C0A87A64:0050 rr\n  -> 0A0A0A0A:0050      Masq    1      0          0\n`;

/** What each director says, each time it is asked; a missing answer is one that does not come. */
function fleetOf(answers: Readonly<Record<string, () => string | undefined>>): Fleet {
  const host = (name: string) => ({
    exec: () => {
      const stdout = answers[name]?.();
      return stdout === undefined
        ? Promise.reject(new IpvetError('EXEC_TIMEOUT', `${name} did not answer`, { host: name }))
        : Promise.resolve({ stdout });
    },
  });
  return { host: (name) => Promise.resolve(host(name) as unknown as Host), close: () => Promise.resolve() };
}

describe('waiting for a stable pair', function () {
  this.timeout(15_000);

  it('is over once it has been stable for a while', async () => {
    const fleet = fleetOf({ director1: () => said(true), director2: () => said(false) });
    const startedMs = epoch();
    const state = await stableAgain({ fleet, signal }, scene);
    expect(state).to.include({ owner: 'director1' });
    expect(epoch() - startedMs).to.be.within(2000, 8000);
  });

  it('ends with what is wrong where it never is, such as with two owners of the VIP', async () => {
    const both = fleetOf({ director1: () => said(true), director2: () => said(true) });
    const state = await stableAgain({ fleet: both, signal }, { cluster, service }, { limitMs: 1200 });
    expect(state?.unstable).to.deep.equal(['director1 and director2 all have the VIP 192.168.122.100']);
    const flapping = fleetOf({
      director1: () => said(true, Math.floor(epoch() / 1000) % 2 === 0 ? 'active' : 'activating'),
      director2: () => said(false),
    });
    const startedMs = epoch();
    await stableAgain({ fleet: flapping, signal }, scene, { limitMs: 3000 });
    expect(epoch() - startedMs).to.be.above(2900);
  });

  it('raises for a director that cannot be asked, but where it may be booting', async () => {
    const fleet = fleetOf({ director1: () => undefined, director2: () => said(true) });
    expect((await failureOf(stableAgain({ fleet, signal }, scene, { limitMs: 0 }))).host).to.equal('director1');
    expect(await stableAgain({ fleet, signal }, scene, { limitMs: 0, patient: true })).to.equal(undefined);
  });

  it('sees another director take over', async () => {
    let asked = 0;
    const fleet = fleetOf({ director1: () => said(false, 'inactive'), director2: () => said(asked++ > 0) });
    await takenOver({ fleet, signal }, scene);
    expect(asked).to.be.above(1);
  });

  it('stops at once when it is interrupted', async () => {
    const abort = new AbortController();
    const fleet = fleetOf({ director1: () => said(false), director2: () => said(false) });
    setTimeout(() => {
      abort.abort();
    }, 200);
    expect((await failureOf(stableAgain({ fleet, signal: abort.signal }, scene))).code).to.equal('ABORTED');
  });
});

describe('waiting for a cluster to notice', function () {
  this.timeout(15_000);
  const plan: DrillPlan = { steps: [], reaction: 'owner', predicted: undefined, predictedBack: undefined };
  const probes = (fromMs: number, outcome: Probe['outcome']): readonly Probe[] =>
    Array.from({ length: 1000 }, (_, index) => ({ atMs: fromMs + index * 10, outcome, tookMs: 1 }));
  const waited = async (all: readonly Probe[], entries: readonly TimelineEntry[], fromMs: number, limitMs: number) => {
    await settled({ probes: all, seen: () => entries, plan, scene, fromMs, signal, limitMs });
    return epoch() - fromMs;
  };
  const taken = (atMs: number): TimelineEntry => ({
    atMs,
    errorMs: 0,
    host: 'director2',
    kind: 'vip-added',
    value: '',
  });

  it('is over when it has, and clients are answered', async () => {
    const fromMs = epoch();
    expect(await waited(probes(fromMs, 'answered'), [taken(fromMs + 5)], fromMs, 20_000)).to.be.within(2900, 6000);
  });

  it('is not over before it was seen what the takeover costs, however long clients were answered before', async () => {
    const fromMs = epoch() - 4000;
    const spent = await waited(probes(fromMs, 'answered'), [taken(epoch())], fromMs, 20_000);
    expect(spent).to.be.within(6900, 9500);
  });

  it('ends all the same when it never does, or clients are never answered', async () => {
    const [nobody, never] = await Promise.all([
      waited(probes(epoch(), 'answered'), [], epoch(), 3500),
      waited(probes(epoch(), 'connect-timeout'), [taken(epoch() + 5)], epoch(), 3500),
    ]);
    for (const ms of [nobody, never]) expect(ms).to.be.within(3500, 6000);
  });

  it('has a limit by the configuration, and one beyond that', () => {
    const backup = { priority: 100, advertIntMs: 1000, version: 2, nopreempt: false, preemptDelayMs: 0 } as const;
    expect(longestMs({ predicted: onStop(backup) })).to.be.within(14_000, 15_000);
    expect(longestMs({ predicted: undefined })).to.equal(22_000);
    expect(longestMs({ predicted: onSilence({ ...backup, advertIntMs: 40_000 }, { vipStays: false }) })).to.equal(
      60_000,
    );
  });
});
