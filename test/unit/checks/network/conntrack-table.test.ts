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

  it('warns where the load would fill it, on hosts that track the service', () => {
    // The profile makes 300 connections, a third of them on each real server.
    const { outcome, reason, remedy } = finding(on('rs2', '4', '100'));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('tracks 4 connections of 100').and.include('may add 100');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.netfilter.nf_conntrack_max=400']);
    expect(finding(on('rs2', '4', '10')).remedy?.commands[0]).to.include('=210');
    expect(on('rs2', '4', '105').outcome).to.equal('pass');
    expect(on('rs2', '0', '10').outcome, 'nothing is tracked').to.equal('pass');
    expect(on('director1', '4', '100').outcome, 'IPVS keeps its connections out').to.equal('pass');
    const tracking = {
      'net.netfilter.nf_conntrack_count': '4',
      'net.netfilter.nf_conntrack_max': '200',
      'net.ipv4.vs.conntrack': '1',
    };
    expect(judge(conntrackTable, { facts: { director1: { sysctl: tracking } } }).outcome).to.equal('warn');
  });

  it('says nothing without connection tracking or of clients, and cannot tell half a figure', () => {
    expect(judge(conntrackTable, { facts: { director1: { sysctl: {} } } }).outcome).to.equal('not-applicable');
    expect(judge(conntrackTable, { on: 'client1' }).outcome).to.equal('not-applicable');
    expect(on('rs1', 'many', '1000').outcome).to.equal('error');
  });
});
