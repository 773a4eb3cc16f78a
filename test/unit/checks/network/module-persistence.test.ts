import { expect } from 'chai';
import { modulePersistence } from '../../../../checks/network/module-persistence.ts';
import { missing, type PersistedNetwork } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, vip } from '../../../builders.ts';
import type { FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aDirectCluster('tun');
const network = (change: Partial<PersistedNetwork> = {}): PersistedNetwork => ({
  files: [],
  addresses: [],
  gateways: [],
  other: [],
  ...change,
});
const bare = { modules: { present: ['ipip'], atBoot: [] }, persistedNetwork: network() };
const onRs1 = (change: FactChanges) => judge(modulePersistence, { cluster, on: 'rs1', facts: { rs1: change } });
const file = '/etc/sysctl.d/lvs.conf';
const set = { 'net.ipv4.vs.conntrack': { value: '1', file } };

describe('network/module-persistence', () => {
  it('passes when a file loads ipip, or the configuration of tunl0 does', () => {
    expect(onRs1({}).outcome).to.equal('pass');
    const addresses = [{ interface: 'tunl0', address: vip, file: '/etc/network/interfaces' }];
    expect(onRs1({ ...bare, persistedNetwork: network({ addresses }) }).outcome).to.equal('pass');
    const other = [{ text: 'modprobe ipip; vip 10.0.0.1', file: '/etc/init.d/lvs' }];
    expect(onRs1({ ...bare, persistedNetwork: network({ other }) }).outcome).to.equal('pass');
    expect(onRs1({ ...bare, persistedNetwork: missing('permission', 'no') }).outcome).to.equal('pass');
  });

  it('fails when nothing loads ipip at boot, and writes a file', () => {
    const { reason, remedy } = finding(onRs1(bare));
    expect(reason).to.include('rs1 loads ipip at boot by no file');
    expect(remedy?.commands).to.deep.equal(['echo ipip >> /etc/modules-load.d/lvs.conf']);
  });

  it('leaves a module that is missing now to others', () => {
    expect(onRs1({ ...bare, modules: { present: [], atBoot: [] } }).outcome).to.equal('not-applicable');
  });

  it('fails when files set what IPVS does not have yet when they are read', () => {
    const late = judge(modulePersistence, { facts: { director1: { persistedSysctl: set } } });
    expect(finding(late).reason).to.include(`${file} sets net.ipv4.vs.conntrack, and is read before anybody loads it`);
    const modules = { present: ['ip_vs'], atBoot: [{ name: 'ip_vs', file: '/etc/modules' }] };
    expect(judge(modulePersistence, { facts: { director1: { persistedSysctl: set, modules } } }).outcome).to.equal(
      'pass',
    );
    expect(judge(modulePersistence).outcome).to.equal('not-applicable');
  });

  it('asks nothing of real servers of NAT and DR', () => {
    expect(judge(modulePersistence, { cluster: aCluster(), on: 'rs1' }).outcome).to.equal('not-applicable');
    expect(judge(modulePersistence, { cluster: aDirectCluster('dr'), on: 'rs1' }).outcome).to.equal('not-applicable');
  });
});
