import { expect } from 'chai';
import { nameResolution as check } from '../../../../checks/network/name-resolution.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aCluster, vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (on: string, ...addresses: readonly string[]) =>
  judge(check, { on, facts: { [on]: { names: [{ name: 'www.example.com', addresses }] } } });

describe('network/name-resolution', () => {
  it('passes when the name is the VIP, or the host itself', () => {
    for (const on of ['director1', 'rs1']) {
      expect(when(on, vip).outcome).to.equal('pass');
      expect(when(on, '127.0.1.1').outcome).to.equal('pass');
    }
    expect(when('rs1', '10.10.10.10').outcome).to.equal('pass');
  });

  it('finds a host that is led elsewhere', () => {
    const { outcome, reason } = finding(when('rs2', '192.168.122.99'));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2 resolves www.example.com to 192.168.122.99').and.include(vip);
    expect(when('rs2', '10.10.10.10').outcome).to.equal('fail');
  });

  it('does not apply to a host that does not know the name, to clients, or without names', () => {
    expect(when('rs1').outcome).to.equal('not-applicable');
    expect(judge(check, { on: 'client1' }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aCluster({ dns: [] }) }).outcome).to.equal('not-applicable');
  });

  it('does not apply where the resolver does not answer', () => {
    const silent = (reason: 'command-failed' | 'deadline') => ({ rs1: { names: missing(reason, 'rs1: no answer') } });
    expect(judge(check, { on: 'rs1', facts: silent('command-failed') }).outcome).to.equal('not-applicable');
    expect(judge(check, { on: 'rs1', facts: silent('deadline') }).outcome).to.equal('error');
  });

  it('cannot tell when nobody looked it up', () => {
    expect(judge(check, { on: 'rs1', facts: { rs1: { names: [] } } }).outcome).to.equal('error');
  });
});
