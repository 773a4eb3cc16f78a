import { expect } from 'chai';
import { vip as check } from '../../../../checks/director/vip.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aCluster, aClusterWith, aDirector, dip, vip } from '../../../builders.ts';
import { anAddress } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const own = [anAddress('eth0', '192.168.122.10'), anAddress('eth1', dip)];

describe('director/vip', () => {
  it('passes with the VIP on the declared interface', () => {
    expect(judge(check).outcome).to.equal('pass');
  });

  it('warns when the VIP is on another interface that is up', () => {
    const { outcome, reason } = finding(
      judge(check, { facts: { director1: { addresses: [...own, anAddress('dummy0', vip)] } } }),
    );
    expect(outcome).to.equal('warn');
    expect(reason).to.include('dummy0');
  });

  it('fails when the VIP is absent, with the command that adds it', () => {
    const { outcome, reason, remedy } = finding(judge(check, { facts: { director1: { addresses: own } } }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include(vip).and.not.include('no network');
    expect(remedy?.commands[0]).to.equal('ip address add 192.168.122.100/32 dev eth0');
    expect(remedy?.commands[1]).to.include('arping');
  });

  it('says so when the VIP lies in no network of the director', () => {
    const cluster = aClusterWith({ vip: '203.0.113.9' });
    const { reason } = finding(judge(check, { cluster, facts: { director1: { addresses: own } } }));
    expect(reason).to.include('no network of the director');
  });

  it('fails when the interface of the VIP is down', () => {
    const { outcome, reason } = finding(
      judge(check, { facts: { director1: { addresses: [...own, anAddress('eth0', vip, { up: false })] } } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('down');
  });

  describe('with two directors', () => {
    const cluster = aCluster({
      directors: [aDirector(), aDirector({ name: 'director2', host: 'lb2', dip: '10.10.10.2' })],
    });

    it('does not apply to the one that stands by', () => {
      const judgement = judge(check, { cluster, on: 'director2', facts: { director2: { addresses: own } } });
      expect(judgement.outcome).to.equal('not-applicable');
      expect(judgement).to.have.property('reason').that.includes('director1');
    });

    it('fails on both when neither holds the VIP, or the other cannot be asked', () => {
      const facts = { director1: { addresses: missing('unreachable', 'no answer') }, director2: { addresses: own } };
      expect(judge(check, { cluster, on: 'director2', facts }).outcome).to.equal('fail');
      const neither = { director1: { addresses: own }, director2: { addresses: own } };
      expect(judge(check, { cluster, on: 'director1', facts: neither }).outcome).to.equal('fail');
      expect(judge(check, { cluster, on: 'director2', facts: neither }).outcome).to.equal('fail');
    });
  });
});
