import { expect } from 'chai';
import { distributionInput } from '../../../lib/run/distribution-input.ts';
import { aCluster, aLoad, aSampling } from '../../builders.ts';

const cluster = aCluster();
const [service] = cluster.virtualServices;
const [profile] = cluster.loadProfiles;

describe('distribution of a run', () => {
  if (service === undefined || profile === undefined) throw new Error('a cluster has a service and a load');
  const driven = { service, profile, load: aLoad(), sampling: aSampling() };

  it('goes by the counters of the director, and by the answers where there are none', () => {
    const seen = distributionInput(driven);
    expect(seen.basis).to.equal('director-counters');
    expect(seen.counts).to.deep.equal({ rs1: 100, rs2: 100, rs3: 100 });
    const blind = distributionInput({ ...driven, sampling: aSampling({ countersProblem: 'zeroed' }) });
    expect(blind).to.include({ basis: 'client-answers', counts: driven.load.answersByRealServer });
  });

  it('knows which address had which connections when there was one', () => {
    expect(distributionInput(driven).sources).to.deep.equal([
      { address: driven.load.source, counts: driven.load.answersByRealServer },
    ]);
    const load = { ...driven.load, sources: [driven.load.source, '192.168.122.3'] };
    expect(distributionInput({ ...driven, load }).sources).to.equal(undefined);
  });

  it('tells entries at work from those that linger, before the load and during it', () => {
    const destination = driven.sampling.counters[0]?.destination ?? '';
    const sample = (atMs: number, state: string, entries: number) => ({
      atMs,
      entries,
      costMs: 1,
      counts: [{ destination, state, entries, stuck: 0 }],
    });
    const samples = [sample(-10, 'TIME_WAIT', 7), sample(10, 'SYN_RECV', 2), sample(500, 'ESTABLISHED', 3)];
    const load = aLoad({ durationMs: 1000 });
    const { conditions } = distributionInput({ ...driven, load, sampling: aSampling({ samples, intervalMs: 500 }) });
    expect(conditions?.before).to.deep.equal({ rs1: { active: 0, inactive: 7 } });
    expect(conditions?.sampled).to.deep.equal({ intervalMs: 500, active: { rs1: [2, 3] } });
  });

  it('names the destinations in the order of the kernel', () => {
    const order = driven.sampling.counters.map(({ destination }) => destination).toReversed();
    expect(distributionInput({ ...driven, order }).kernelOrder).to.deep.equal(['rs3', 'rs2', 'rs1']);
    expect(distributionInput(driven).kernelOrder).to.equal(undefined);
  });
});
