import { expect } from 'chai';
import { openFiles } from '../../../../checks/client/open-files.ts';
import { aCluster, aProfile } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (limit: number, ...concurrency: readonly number[]) =>
  judge(openFiles, {
    cluster: aCluster({ loadProfiles: concurrency.map((many) => aProfile({ name: `c${many}`, concurrency: many })) }),
    facts: { client1: { limits: { openFiles: limit, ephemeralPorts: [32768, 60999] } } },
  });

describe('client/open-files', () => {
  it('passes with room to spare, and with no limit at all', () => {
    expect(when(1024, 50, 500).outcome).to.equal('pass');
    expect(when(Number.POSITIVE_INFINITY, 100_000).outcome).to.equal('pass');
    expect(when(564, 500).outcome, 'exactly enough').to.equal('pass');
  });

  it('fails when the largest profile does not fit', () => {
    const { outcome, reason, remedy } = finding(when(563, 50, 500));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('client1').and.include('563').and.include('c500').and.include('564');
    expect(remedy?.commands).to.deep.equal(['ulimit -n 564']);
  });

  it('does not apply without load', () => {
    expect(when(10).outcome).to.equal('not-applicable');
  });
});
