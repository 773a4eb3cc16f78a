import { expect } from 'chai';
import fc from 'fast-check';
import {
  deviation,
  onDrain,
  onReturn,
  onReturnTo,
  onSilence,
  onSilentRealServer,
  onStop,
  skewMs,
} from '../../../lib/failover/prediction.ts';
import type { VrrpSettings } from '../../../lib/model/failover.ts';

const backup: VrrpSettings = { priority: 100, advertIntMs: 1000, version: 2, nopreempt: false, preemptDelayMs: 0 };

describe('predicted takeover', () => {
  it('waits for the skew alone when the master says that it stops', () => {
    expect(skewMs(backup)).to.equal(609.375);
    expect(onStop(backup).outage).to.deep.equal({ minMs: 609.375, maxMs: 1109.375 });
  });

  it('has a skew of version 3 that goes with the interval, and one of version 2 that does not', () => {
    expect(skewMs({ ...backup, advertIntMs: 3000 })).to.equal(609.375);
    expect(skewMs({ ...backup, advertIntMs: 3000, version: 3 })).to.equal(1828.125);
  });

  it('waits for three adverts and the skew when the master is silent, less what had passed since its last', () => {
    const { reaction, outage } = onSilence(backup, { vipStays: false });
    expect(reaction).to.deep.equal({ minMs: 2609.375, maxMs: 4109.375 });
    expect(outage).to.deep.equal(reaction);
    expect(onSilence(backup, { vipStays: true }).outage).to.deep.equal({ minMs: 0, maxMs: 500 });
  });

  it('is none where the director that comes back does not preempt', () => {
    expect(onReturn({ ...backup, nopreempt: true }).reaction).to.deep.equal({ minMs: 0, maxMs: 0 });
    expect(onReturn({ ...backup, preemptDelayMs: 60_000 }).reaction.maxMs).to.be.above(60_000);
  });

  it('is none either where the other one is of no lower priority', () => {
    expect(onReturnTo({ ...backup, priority: 150 }, backup)).to.deep.equal(onReturn({ ...backup, priority: 150 }));
    expect(onReturnTo(backup, { ...backup, priority: 150 }).reaction).to.deep.equal({ minMs: 0, maxMs: 0 });
    expect(onReturnTo(backup, backup).because[0]).to.contain('priority 100 is not above 100');
  });

  it('costs nothing to drain a real server', () => {
    expect(onDrain().outage).to.deep.equal({ minMs: 0, maxMs: 0 });
  });

  it('counts every try of a health check', () => {
    const check = { delayLoopMs: 2000, connectTimeoutMs: 2000, retries: 1, delayBeforeRetryMs: 1000 };
    expect(onSilentRealServer(check).reaction).to.deep.equal({ minMs: 5000, maxMs: 7500 });
  });

  it('is a range that rises with priority falling, for every director', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 254 }), fc.integer({ min: 100, max: 40_000 }), (priority, advertIntMs) => {
        const one = { ...backup, priority, advertIntMs };
        for (const { reaction } of [onStop(one), onSilence(one, { vipStays: false }), onReturn(one)])
          expect(reaction.minMs).to.be.within(0, reaction.maxMs);
        expect(skewMs(one)).to.be.above(skewMs({ ...one, priority: priority + 1 }));
      }),
    );
  });

  it('tells an outage that is beyond it', () => {
    expect(deviation(1200, onStop(backup))).to.equal(undefined);
    expect(deviation(2500, onStop(backup))).to.match(/2500 ms.*1109 ms at most/);
  });
});
