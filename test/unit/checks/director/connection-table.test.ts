import { expect } from 'chai';
import { connectionTable as check } from '../../../../checks/director/connection-table.ts';
import { aCluster, aProfile } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (buckets: number, entries: number, requests = 300, mode: 'ab' | 'keepalive' = 'ab') =>
  judge(check, {
    cluster: aCluster({ loadProfiles: [aProfile({ requests, mode })] }),
    facts: { director1: { ipvsTable: { buckets, entries } } },
  });

describe('director/connection-table', () => {
  it('passes with few entries a bucket', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(when(4096, 32_768).outcome).to.equal('pass');
    expect(when(4096, 0, 1_000_000, 'keepalive').outcome).to.equal('pass');
  });

  it('finds long chains now', () => {
    const { outcome, reason, remedy } = finding(when(4096, 1_000_000));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('1000000 entries in 4096 buckets, 244 each');
    expect(remedy?.commands[0]).to.include('conn_tab_bits=20');
  });

  it('finds those that the load will make', () => {
    const { reason, remedy } = finding(when(4096, 10, 100_000));
    expect(reason).to.include('profile smoke may leave 100000 entries').and.include('24 each');
    expect(remedy?.commands[0]).to.include('conn_tab_bits=17');
  });

  it('does not apply without a table', () => {
    expect(when(0, 0).outcome).to.equal('not-applicable');
  });
});
