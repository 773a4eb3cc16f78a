import { expect } from 'chai';
import { vipRetention } from '../../../../checks/director/vip-retention.ts';
import { missing, type PersistedNetwork } from '../../../../lib/model/facts.ts';
import { vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const file = '/etc/systemd/network/10-eth0.network';
const network = (change: Partial<PersistedNetwork> = {}): PersistedNetwork => ({
  files: [file],
  addresses: [],
  gateways: [],
  other: [],
  networkd: [{ file, names: ['eth*'], unmanaged: false }],
  ...change,
});
const units = { systemd: true, units: [{ name: 'systemd-networkd.service', active: 'active', enabled: 'enabled' }] };
const ask = (persistedNetwork: PersistedNetwork, change = {}) =>
  judge(vipRetention, { facts: { director1: { persistedNetwork, units, ...change } } });

describe('director/vip-retention', () => {
  it('warns when systemd-networkd would remove the VIP, and has it kept', () => {
    const { outcome, reason, remedy } = finding(ask(network()));
    expect(outcome).to.equal('warn');
    expect(reason).to.include(`${vip} on eth0`);
    expect(remedy?.commands[0]).to.equal(`mkdir -p ${file}.d`);
    expect(
      ask(network({ networkd: [{ file, names: ['eth0'], unmanaged: false, keepConfiguration: 'dhcp' }] })).outcome,
    ).to.equal('warn');
  });

  it('passes when it is told to keep it', () => {
    for (const keepConfiguration of ['yes', 'static'])
      expect(
        ask(network({ networkd: [{ file, names: ['eth0'], unmanaged: false, keepConfiguration }] })).outcome,
      ).to.equal('pass');
  });

  it('does not apply where networkd has the VIP itself, or nothing to do with its interface', () => {
    expect(ask(network({ addresses: [{ interface: 'eth0', address: vip, file }] })).outcome).to.equal('not-applicable');
    expect(ask(network({ networkd: [{ file, names: ['eth0'], unmanaged: true }] })).outcome).to.equal('not-applicable');
    expect(ask(network({ networkd: [{ file, names: ['!eth0'], unmanaged: false }] })).outcome).to.equal(
      'not-applicable',
    );
    expect(ask(network(), { units: { systemd: true, units: [] } }).outcome).to.equal('not-applicable');
    expect(ask(network(), { units: missing('unsupported', 'no') }).outcome).to.equal('not-applicable');
    expect(judge(vipRetention).outcome).to.equal('not-applicable');
  });
});
