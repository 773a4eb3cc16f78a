import { expect } from 'chai';
import { vipSource as check } from '../../../../checks/real-server/vip-source.ts';
import { aCluster, aDirectCluster, aService, vip } from '../../../builders.ts';
import { anAddress, aRoute } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const six = () => {
  const cluster = aDirectCluster('dr');
  return { ...cluster, virtualServices: [aService(cluster.realServers, { forwarding: 'dr', vip: 'fd00::100' })] };
};
const when = (source: string, flags: ('deprecated' | 'tentative')[] = []) =>
  judge(check, {
    on: 'rs2',
    cluster: six(),
    facts: {
      rs2: {
        addresses: [anAddress('eth0', 'fd00::12'), anAddress('lo', 'fd00::100', { prefixLength: 128, flags })],
        routes: [aRoute('fd01::1', { source })],
      },
    },
  });

describe('real-server/vip-source', () => {
  it('passes where another address is chosen', () => {
    expect(when('fd00::12').outcome).to.equal('pass');
    expect(when('fd00::12', ['deprecated'])).to.have.nested.property('found.deprecated', true);
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('dr') }).outcome).to.equal('pass');
  });

  it('warns where the VIP is chosen', () => {
    const { outcome, reason, remedy } = finding(when('fd00::100'));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('fd01::1').and.include('fd00::100');
    expect(remedy?.commands).to.deep.equal(['ip -6 address change fd00::100/128 dev lo preferred_lft 0']);
    expect(remedy?.persistent?.join('\n')).to.include('up ip -6 address change fd00::100/128 dev lo preferred_lft 0');
  });

  it('does not apply to NAT, nor without the VIP', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    const facts = { rs2: { addresses: [anAddress('eth0', '192.168.122.12')] } };
    const judgement = judge(check, { on: 'rs2', cluster: aDirectCluster('dr'), facts });
    expect(judgement).to.deep.include({ outcome: 'not-applicable' }).and.property('reason').includes(vip);
  });
});
