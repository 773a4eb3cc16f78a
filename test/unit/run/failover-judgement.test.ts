import { expect } from 'chai';
import { onStop } from '../../../lib/failover/prediction.ts';
import type { Failover, Transition } from '../../../lib/model/failover.ts';
import { judgeDrill } from '../../../lib/run/failover/judgement.ts';
import { decide } from '../../../lib/run/outcome.ts';

const predicted = onStop({ priority: 100, advertIntMs: 1000, version: 2, nopreempt: false, preemptDelayMs: 0 });
const went = (change: Partial<Transition> = {}): Transition => ({
  beganMs: 0,
  endedMs: 8000,
  outageMs: 640,
  longestGapMs: 650,
  endless: false,
  probes: 800,
  failed: 64,
  errors: { 'connect-timeout': 64 },
  phases: [{ name: 'detect', fromMs: 0, toMs: 600 }],
  predicted,
  ...change,
});
const connections = { survived: 8, reset: 0, hung: 0, endedMs: [] };
const judge = (
  takeover: Transition,
  failback = went({ outageMs: 0 }),
  stable = true,
  reaction: 'owner' | 'return' | 'table' = 'owner',
) =>
  judgeDrill(
    { scenario: 'stop-keepalived', takeover, failback, connections },
    { reaction, stable, owner: 'director1' },
  );
const drained = (change: Partial<Failover> = {}) =>
  judgeDrill(
    { scenario: 'real-server-drained', takeover: went({ outageMs: 0 }), failback: went(), connections, ...change },
    { reaction: 'table', stable: true, owner: 'director1', drained: 'rs1' },
  );

describe('what a drill has shown', () => {
  it('passes when the service came back as the configuration lets expect', () => {
    expect(judge(went())).to.deep.equal({ outcome: 'pass' });
    expect(judge(went({ outageMs: 0, failed: 0 }))).to.deep.equal({ outcome: 'pass' });
  });

  it('warns of what took longer, there or back', () => {
    expect(judge(went({ outageMs: 4000 }))).to.include({ outcome: 'warn' });
    expect(judge(went(), went({ outageMs: 4000 })).reason).to.match(/^when it was taken back the service was gone/);
  });

  it('fails where the service did not come back by itself, or nobody took over', () => {
    expect(judge(went({ endless: true })).reason).to.contain('not answered again within 8.0 s');
    expect(judge(went({ phases: [] })).reason).to.contain('no other director took the VIP from director1');
    expect(judge(went({ phases: [] }), went(), true, 'table').reason).to.contain('no health check');
    expect(judge(went(), went({ endless: true }))).to.include({ outcome: 'fail' });
  });

  it('fails where the old master does not come back, though it should', () => {
    expect(judge(went({ phases: [] }), went(), true, 'return').reason).to.equal(
      'director1 did not take the VIP back within 8.0 s',
    );
    expect(judge(went(), went(), true, 'return')).to.deep.equal({ outcome: 'pass' });
  });

  it('holds a drained real server to getting nothing new and keeping what it has', () => {
    expect(drained({ strays: 0 })).to.deep.equal({ outcome: 'pass' });
    expect(drained({ strays: 3 })).to.deep.equal({
      outcome: 'fail',
      reason: '3 new connections came to rs1 although its weight was 0',
    });
    const broken = drained({ connections: { ...connections, survived: 6, reset: 1, hung: 1 } });
    expect(broken.outcome).to.equal('warn');
    expect(broken.reason).to.contain('2 kept connections broke');
  });

  it('has no verdict on a cluster that did not become stable again, and says what is left', () => {
    const left = judgeDrill(
      { scenario: 'director-power-off', takeover: went(), failback: went(), connections },
      { reaction: 'owner', stable: false, left: ['director1 does not answer'], owner: 'director1' },
    );
    expect(left).to.deep.equal({
      outcome: 'inconclusive',
      reason: 'the cluster did not become stable again after it was taken back: director1 does not answer',
    });
    expect(judge(went(), went(), false)).to.include({ outcome: 'inconclusive' });
  });
});

describe('the exit code of drills', () => {
  const of = (...outcomes: ('pass' | 'warn' | 'fail' | 'inconclusive')[]) =>
    decide({
      verdicts: [],
      problems: [],
      changes: [],
      failOn: 'fail',
      failovers: outcomes.map((outcome) => ({ outcome })),
    }).exitCode;

  it('is that of the worst', () => {
    expect([of('pass', 'pass'), of('pass', 'warn'), of('pass', 'fail', 'inconclusive')]).to.deep.equal([0, 0, 1]);
    expect([of('pass', 'inconclusive'), of()]).to.deep.equal([3, 3]);
  });

  it('is 3 where a drill that was asked for by name could not be made, and not where it was one of all', () => {
    const made = { verdicts: [], problems: [], changes: [], failOn: 'fail', failovers: [{ outcome: 'pass' }] } as const;
    expect(decide({ ...made, notDone: [{ asked: true }] }).exitCode).to.equal(3);
    expect(decide({ ...made, notDone: [{ asked: false }] }).exitCode).to.equal(0);
  });

  it('is 6 when something could not be put back', () => {
    const change = { host: 'director1', what: 'stop keepalived', command: 'a', undo: 'b', undone: false };
    const ended = decide({
      verdicts: [],
      problems: [],
      changes: [change],
      failovers: [{ outcome: 'fail' }],
      failOn: 'fail',
    });
    expect(ended).to.include({ exitCode: 6, restored: false });
  });
});
