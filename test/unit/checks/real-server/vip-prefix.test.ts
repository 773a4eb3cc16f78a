import { expect } from 'chai';
import { vipPrefix as check } from '../../../../checks/real-server/vip-prefix.ts';
import { aCluster, aDirectCluster, vip } from '../../../builders.ts';
import { anAddress, aRoute, type FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const dip = '192.168.122.10';
const eth0 = anAddress('eth0', '192.168.122.12');
const when = (name: string, prefixLength: number, routes = [aRoute(dip)], more: FactChanges = {}) =>
  judge(check, {
    on: 'rs2',
    cluster: aDirectCluster('dr'),
    facts: { rs2: { addresses: [eth0, anAddress(name, vip, { prefixLength })], routes, ...more } },
  });

describe('real-server/vip-prefix', () => {
  it('passes with a single address, wherever it is', () => {
    expect(when('lo', 32).outcome).to.equal('pass');
    expect(when('dummy0', 32).outcome).to.equal('pass');
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('tun') }).outcome).to.equal('pass');
  });

  it('fails when the network makes the director local', () => {
    const { outcome, reason, remedy } = finding(when('lo', 24, [aRoute(dip, { outcome: 'local', interface: 'lo' })]));
    expect(outcome).to.equal('fail');
    expect(reason).to.include(`${vip}/24 on lo`).and.include(`director1 (${dip})`);
    expect(remedy?.commands).to.deep.equal([`ip address add ${vip}/32 dev lo`, `ip address del ${vip}/24 dev lo`]);
    // The files have it alone already.
    expect(remedy).to.not.have.property('persistent');
    expect(finding(when('dummy0', 24, [aRoute(dip, { interface: 'dummy0' })])).outcome).to.equal('fail');
  });

  it('mends the file that gives it its network, too', () => {
    const file = '/etc/network/interfaces';
    const addresses = [
      { interface: 'lo', address: vip, prefixLength: 24, line: `up ip address add ${vip}/24 dev lo`, file },
    ];
    const persistedNetwork = { files: [file], addresses, gateways: [], other: [] };
    const { remedy } = finding(when('lo', 24, [aRoute(dip)], { persistedNetwork }));
    expect(remedy?.persistent).to.have.length(1);
    expect(remedy?.persistent?.[0]).to.include(`sed -i`).and.include(`${vip}\\/32`);
    expect(remedy?.undo?.at(-1)).to.include('sed -i').and.include(file);
  });

  it('warns when nobody of the cluster is lost', () => {
    expect(finding(when('lo', 24)).outcome).to.equal('warn');
  });

  it('leaves a VIP on the interface of the RIP to another check', () => {
    expect(when('eth0', 24).outcome).to.equal('not-applicable');
  });

  it('does not apply without a VIP there, nor to NAT', () => {
    const facts = { rs2: { addresses: [eth0] } };
    expect(judge(check, { on: 'rs2', cluster: aDirectCluster('dr'), facts }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
  });
});
