import { expect } from 'chai';
import { serviceName } from '../../../../checks/network/service-name.ts';
import { aCluster, aService, vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (...addresses: readonly string[]) =>
  judge(serviceName, { facts: { client1: { names: [{ name: 'www.example.com', addresses }] } } });

describe('network/service-name', () => {
  it('passes when the name is the VIP, however often it is said', () => {
    expect(when(vip).outcome).to.equal('pass');
    expect(when(vip, vip).outcome).to.equal('pass');
  });

  for (const [what, addresses] of Object.entries({
    'an old VIP': ['192.168.122.99'],
    'the VIP and a RIP': [vip, '10.10.10.10'],
    'the VIP and an IPv6 address': [vip, '2001:db8::1'],
    nothing: [],
  })) {
    it(`fails when it is ${what}`, () => {
      const { outcome, reason } = finding(when(...addresses));
      expect(outcome).to.equal('fail');
      expect(reason).to.include('client1 resolves www.example.com to').and.include(vip);
    });
  }

  it('cannot tell when nobody looked it up', () => {
    expect(judge(serviceName, { facts: { client1: { names: [] } } }).outcome).to.equal('error');
  });

  it('does not apply to a service without a name', () => {
    const cluster = aCluster({ dns: [{ name: 'other.example.com', address: '192.0.2.1' }] });
    expect(judge(serviceName, { cluster }).outcome).to.equal('not-applicable');
  });

  describe('with an address of each family', () => {
    const six = '2001:db8::100';
    const both = aCluster({
      dns: [
        { name: 'www.example.com', address: vip },
        { name: 'www.example.com', address: six },
      ],
    });
    const facts = { client1: { names: [{ name: 'www.example.com', addresses: [six, vip] }] } };

    it('passes when both have the service', () => {
      const service = aService(both.realServers, { name: 'web6', vip: six });
      const cluster = { ...both, virtualServices: [...both.virtualServices, service] };
      expect(judge(serviceName, { cluster, facts }).outcome).to.equal('pass');
      expect(judge(serviceName, { cluster, facts, service: 'web6' }).outcome).to.equal('pass');
    });

    it('fails when nothing serves IPv6, declared or not', () => {
      for (const cluster of [both, aCluster()]) {
        const { outcome, reason } = finding(judge(serviceName, { cluster, facts }));
        expect(outcome).to.equal('fail');
        expect(reason).to.include('nothing serves [2001:db8::100]:80').and.include('IPv6 first');
      }
    });
  });
});
