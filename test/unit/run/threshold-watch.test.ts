import { expect } from 'chai';
import type { Threshold } from '../../../lib/model/cluster.ts';
import { ThresholdWatch } from '../../../lib/run/threshold-watch.ts';
import { aLoad } from '../../builders.ts';

const progress = (atMs: number, sent: number, failed: number) => ({
  atMs,
  sent,
  answered: sent - failed,
  failed,
  requested: 1000,
});
const rule: Threshold = { load: 'smoke', metric: 'errors.rate', max: 0.1, abortAfterMs: 2000 };
const ended = aLoad({ stopped: 'interrupted' });

describe('thresholds that end a load', () => {
  it('do so once, when crossed after their delay, and are told in the result', () => {
    const watch = new ThresholdWatch([rule]);
    expect(watch.crosses(progress(500, 10, 9))).to.equal(false);
    expect(watch.crosses(progress(2500, 100, 10))).to.equal(false);
    expect(watch.crosses(progress(2750, 100, 20))).to.equal(true);
    expect(watch.crosses(progress(3000, 100, 30))).to.equal(false);
    expect(watch.told(ended)).to.deep.include({
      stopped: 'threshold',
      abortedBy: { metric: 'errors.rate', value: 0.2 },
    });
    expect(watch.told(aLoad()), 'it had ended by itself').to.not.have.property('abortedBy');
  });

  it('are those that say so, and nothing else ends for them', () => {
    const quiet: Threshold = { load: 'smoke', metric: 'errors.rate', max: 0.1 };
    const watch = new ThresholdWatch([quiet, { load: 'smoke', metric: 'errors.count', max: 5, abortAfterMs: 0 }]);
    expect(watch.crosses(progress(9000, 5, 5))).to.equal(false);
    expect(watch.told(ended).stopped).to.equal('interrupted');
    expect(watch.crosses(progress(9250, 6, 6))).to.equal(true);
    expect(new ThresholdWatch([]).crosses(progress(0, 0, 0))).to.equal(false);
  });
});
