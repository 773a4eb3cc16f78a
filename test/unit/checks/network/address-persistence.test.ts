import { expect } from 'chai';
import { addressPersistence } from '../../../../checks/network/address-persistence.ts';
import { missing, type PersistedNetwork } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, aDirector, aRealServer, vip } from '../../../builders.ts';
import { anAddress, type FactChanges, reportsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const dr = aDirectCluster('dr');
const file = '/etc/network/interfaces';
const network = (change: Partial<PersistedNetwork> = {}): PersistedNetwork => ({
  files: [file],
  addresses: [{ interface: 'eth0', address: '192.168.122.11', prefixLength: 24, file }],
  gateways: [],
  other: [],
  ...change,
});
const rip = network().addresses[0] ?? { address: '', file };
const onRs1 = (change: FactChanges) => judge(addressPersistence, { cluster: dr, on: 'rs1', facts: { rs1: change } });
const persisted = (change: Partial<PersistedNetwork>) => onRs1({ persistedNetwork: network(change) });
const withVip = (change: Partial<PersistedNetwork['addresses'][number]>) =>
  persisted({ addresses: [rip, { interface: 'lo', address: vip, prefixLength: 32, file, ...change }] });

describe('network/address-persistence', () => {
  it('passes on directors and real servers whose files have it all', () => {
    for (const cluster of [aCluster(), dr, aDirectCluster('tun')]) {
      for (const on of ['director1', 'rs1'])
        expect(judge(addressPersistence, { cluster, on }).outcome).to.equal('pass');
    }
    expect(withVip({ interface: 'lo:0' }).outcome).to.equal('pass');
    expect(judge(addressPersistence, { on: 'client1' }).outcome).to.equal('not-applicable');
  });

  it('fails when the VIP of a real server was given by hand, and says how to keep it', () => {
    const { reason, remedy } = finding(persisted({}));
    expect(reason).to.equal(
      `rs1 has the VIP ${vip} now, and no file that brings interfaces up has it (looked at ${file})`,
    );
    expect(remedy?.summary).to.equal(`Have lo get ${vip} at every boot`);
    expect(remedy?.commands.join('\n'))
      .to.include(`'    up ip address add ${vip}/32 dev lo || true'`)
      .and.include(`>> ${file}`);
    expect(remedy?.undo).to.have.length(1);
  });

  it('mends by the program whose files there are', () => {
    const by = (...files: readonly string[]) =>
      finding(persisted({ files, addresses: [{ ...rip, file: files[0] ?? '' }] })).remedy?.commands.join('\n');
    expect(by('NetworkManager profile eth0'))
      .to.include('nmcli connection add type dummy')
      .and.include(`ipv4.addresses ${vip}/32`);
    expect(by('/etc/sysconfig/network-scripts/ifcfg-lo')).to.include('ifcfg-lo:7a64');
    expect(by('/etc/systemd/network/a.network')).to.include('/etc/systemd/network/lvs-lo.network');
    expect(by('/etc/netplan/a.yaml')).to.include(`/etc/netplan/90-lvs-${vip}.yaml`);
    expect(by('/etc/rc.local')).to.equal(undefined);
  });

  it('fails when the file has it for an interface that no boot brings up, on another one, or with another mask', () => {
    expect(finding(withVip({ interface: 'lo:0', atBoot: false })).reason).to.include('that no boot brings up');
    expect(finding(withVip({ interface: 'eth0' })).reason).to.include('has it on eth0, not on lo');
    expect(finding(withVip({ prefixLength: 24 })).reason).to.include('has it as /24, not /32');
  });

  it('proposes to keep no VIP that is in the wrong place now', () => {
    expect(finding(withVip({ interface: 'eth0' })).remedy, 'the files have it elsewhere').to.equal(undefined);
    const onNetwork = onRs1({
      addresses: [anAddress('eth0', '192.168.122.11'), anAddress('eth0', vip, { prefixLength: 32 })],
      persistedNetwork: network(),
    });
    expect(finding(onNetwork).reason).to.include(`rs1 has the VIP ${vip} now`);
    expect(finding(onNetwork).remedy, 'where neighbours ask for it').to.equal(undefined);
  });

  it('warns, and no more, when only a script names it', () => {
    const other = [{ text: `VIP=${vip}`, file: '/etc/init.d/lvs' }];
    const judged = persisted({ other });
    expect(judged.outcome).to.equal('warn');
    expect(finding(judged).reason).to.include('/etc/init.d/lvs');
  });

  it('cannot tell when files could not be read, or nothing known is there', () => {
    expect(persisted({ unread: ['/etc/netplan/a.yaml'] })).to.include({ outcome: 'error' });
    expect(persisted({ files: [], addresses: [] })).to.include({ outcome: 'error' });
  });

  it('takes DHCP for the RIP, and not for the VIP', () => {
    const dynamic = [{ interface: 'eth0', file }];
    const addresses = [{ interface: 'lo', address: vip, file }];
    expect(persisted({ addresses, dynamic }).outcome).to.equal('pass');
    expect(finding(persisted({ addresses: [], dynamic })).reason)
      .to.include('VIP')
      .and.not.include('RIP');
  });

  it('leaves an address that is not there now to others', () => {
    const addresses = [anAddress('eth0', '192.168.122.11')];
    expect(onRs1({ addresses, persistedNetwork: network() }).outcome).to.equal('pass');
    expect(onRs1({ addresses: [], persistedNetwork: network() }).outcome).to.equal('not-applicable');
  });

  it('asks no director for a VIP that keepalived or a standby moves', () => {
    const without = network({ addresses: [{ address: '10.10.10.1', file }] });
    const ask = (change: FactChanges, cluster = aCluster()) =>
      judge(addressPersistence, { cluster, facts: { director1: { persistedNetwork: without, ...change } } });
    expect(ask({}).outcome).to.equal('fail');
    const units = { systemd: true, units: [{ name: 'keepalived.service', active: 'active', enabled: 'enabled' }] };
    expect(ask({ units }).outcome).to.equal('pass');
    expect(ask({}, aCluster({ rules: { managedBy: 'keepalived' } })).outcome).to.equal('pass');
    const two = aCluster({
      directors: [aDirector(), aDirector({ name: 'director2', host: 'lb2', dip: '10.10.10.2' })],
    });
    expect(ask({}, two).outcome).to.equal('pass');
    expect(ask({ units: missing('unsupported', 'no systemd') }).outcome).to.equal('fail');
  });

  it('does not ask a real server of NAT for the VIP', () => {
    const cluster = aCluster({ realServers: [aRealServer(1)] });
    expect(reportsOf(cluster).size).to.equal(3);
    expect(judge(addressPersistence, { cluster, on: 'rs1' }).outcome).to.equal('pass');
  });
});
