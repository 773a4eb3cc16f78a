import { expect } from 'chai';
import { offloads as check } from '../../../../checks/director/offloads.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';

const card = (name: string, largeReceive: boolean) => ({
  offloads: [{ interface: name, largeReceive, genericReceive: true, transmitChecksum: true }],
});

describe('director/offloads', () => {
  it('passes with GRO and without LRO', () => {
    expect(judge(check).outcome).to.equal('pass');
  });

  it('finds LRO on an interface of the cluster', () => {
    const { outcome, reason, remedy } = finding(judge(check, { facts: { director1: card('eth1', true) } }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('eth1');
    expect(remedy?.commands).to.deep.equal(['ethtool -K eth1 lro off']);
    expect(remedy?.persistent?.join('\n')).to.include('up ethtool -K eth1 lro off || true');
  });

  it('does not mind it elsewhere', () => {
    expect(judge(check, { facts: { director1: card('eth7', true) } }).outcome).to.equal('not-applicable');
  });

  it('does not apply without ethtool, and cannot tell when it failed', () => {
    const without = (reason: 'tool-absent' | 'command-failed') => ({
      director1: { offloads: missing(reason, 'director1: no answer') },
    });
    expect(judge(check, { facts: without('tool-absent') }).outcome).to.equal('not-applicable');
    expect(judge(check, { facts: without('command-failed') }).outcome).to.equal('error');
  });
});
