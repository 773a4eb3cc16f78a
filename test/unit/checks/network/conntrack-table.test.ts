import { expect } from 'chai';

import { conntrackTable } from '../../../../checks/network/conntrack-table.ts';
import { finding, judge } from '../../../judgement.ts';

describe('network/conntrack-table', () => {
  const on = (host: string, count: string, max: string) =>
    judge(conntrackTable, {
      on: host,
      facts: {
        [host]: { sysctl: { 'net.netfilter.nf_conntrack_count': count, 'net.netfilter.nf_conntrack_max': max } },
      },
    });

  it('passes with room, warns when nearly full, fails when full', () => {
    for (const host of ['director1', 'rs2']) {
      expect(on(host, '100', '1000').outcome).to.equal('pass');
      expect(on(host, '5', '0').outcome, 'without a bound').to.equal('pass');
      const { outcome, reason, remedy } = finding(on(host, '800', '1000'));
      expect(outcome).to.equal('warn');
      expect(reason).to.include(host).and.include('800').and.include('1000');
      expect(remedy?.commands).to.deep.equal(['sysctl -w net.netfilter.nf_conntrack_max=4000']);
      expect(on(host, '1000', '1000').outcome).to.equal('fail');
    }
  });

  it('says nothing without connection tracking or of clients, and cannot tell half a figure', () => {
    expect(judge(conntrackTable, { facts: { director1: { sysctl: {} } } }).outcome).to.equal('not-applicable');
    expect(judge(conntrackTable, { on: 'client1' }).outcome).to.equal('not-applicable');
    expect(on('rs1', 'many', '1000').outcome).to.equal('error');
  });
});
