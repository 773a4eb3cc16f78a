import { expect } from 'chai';
import { thresholds } from '../../../../checks/traffic/thresholds.ts';
import type { Threshold } from '../../../../lib/model/cluster.ts';
import type { LoadResult } from '../../../../lib/model/load-result.ts';
import { aCluster, aLatency } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (wanted: readonly Threshold[], load: Partial<LoadResult> = {}) =>
  judge(thresholds, { cluster: aCluster({ thresholds: wanted }), load });

describe('traffic/thresholds', () => {
  const p99: Threshold = { load: 'smoke', metric: 'total.p99', max: 250 };

  it('passes within all, a value at the limit too', () => {
    const wanted = [p99, { load: 'smoke', metric: 'errors.rate', max: 0 }, { load: 'smoke', metric: 'rate', min: 300 }];
    expect(when(wanted)).to.deep.include({
      outcome: 'pass',
      found: [
        { metric: 'total.p99', value: 9, max: 250, outcome: 'pass' },
        { metric: 'errors.rate', value: 0, max: 0, outcome: 'pass' },
        { metric: 'rate', value: 300, min: 300, outcome: 'pass' },
      ],
    });
  });

  it('fails over a maximum, in the unit of the figure', () => {
    const { outcome, reason } = finding(when([p99], { total: aLatency({ p99Ms: 251.4 }) }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('251.4 ms over 250 ms (total.p99)').and.include('smoke').and.include('web');
    const errors = when([{ load: 'smoke', metric: 'errors.rate', max: 0.001 }], {
      errors: { rate: 0.0125, byKind: {}, examples: [] },
    });
    expect(finding(errors).reason).to.include('1.25% over 0.1%');
  });

  it('fails under a minimum, and lists all that are crossed', () => {
    const wanted = [p99, { load: 'smoke', metric: 'rate', min: 1000 }];
    const { reason } = finding(when(wanted, { total: aLatency({ p99Ms: 300 }) }));
    expect(reason).to.include('300 ms over 250 ms').and.include('300/s under 1000/s');
  });

  it('reports every rule, two on one figure and one without a sample too', () => {
    const two = [p99, { ...p99, max: 5 }, { load: 'smoke', metric: 'corrected.p99', max: 1 }];
    const { found, reason } = finding(when(two));
    expect(found).to.deep.equal([
      { metric: 'total.p99', value: 9, max: 250, outcome: 'pass' },
      { metric: 'total.p99', value: 9, max: 5, outcome: 'fail' },
      { metric: 'corrected.p99', value: null, max: 1, outcome: 'no sample' },
    ]);
    expect(reason).to.include('9 ms over 5 ms (total.p99)').and.include('no sample for corrected.p99');
  });

  it('fails by the figure that ended the load, whatever became of it afterwards', () => {
    const wanted = [{ load: 'smoke', metric: 'errors.rate', max: 0.1, abortAfterMs: 0 }];
    const ended = { stopped: 'threshold', abortedBy: { metric: 'errors.rate', value: 0.2 } } as const;
    expect(finding(when(wanted, ended)).reason)
      .to.include('20% over 10%')
      .and.include('the load was ended for it');
  });

  it('cannot tell without a sample', () => {
    expect(when([{ load: 'smoke', metric: 'total.p42', max: 1 }]).outcome).to.equal('error');
  });

  it('does not apply where none is declared for the profile', () => {
    expect(when([]).outcome).to.equal('not-applicable');
    expect(when([{ ...p99, load: 'soak' }]).outcome).to.equal('not-applicable');
  });
});
