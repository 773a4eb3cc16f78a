import { expect } from 'chai';
import { vip as check } from '../../../../checks/real-server/vip.ts';
import { type Firewall, missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, vip } from '../../../builders.ts';
import { anAddress, aRoute, type FactChanges } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const rip = '192.168.122.12';
const elsewhere = [anAddress('eth0', rip)];
const noLocalRoute = [aRoute(vip, { gateway: '192.168.122.254' })];
const without: FactChanges = { addresses: elsewhere, routes: noLocalRoute };
const when = (rs2: FactChanges, forwarding: 'dr' | 'tun' = 'dr') =>
  judge(check, { on: 'rs2', cluster: aDirectCluster(forwarding), facts: { rs2 } });

const redirect = (to: string, kind: 'redirect' | 'dnat' = 'redirect'): Firewall => ({
  engines: ['iptables'],
  rules: [],
  policies: { input: 'accept', forward: 'accept', output: 'accept' },
  translations: [
    {
      hook: 'prerouting',
      kind,
      match: { destination: vip, protocol: 'tcp' },
      to,
      understood: true,
      text: `-d ${vip} -j REDIRECT`,
    },
  ],
});

describe('real-server/vip', () => {
  it('passes with the VIP on lo, or on tunl0', () => {
    expect(when({}).outcome).to.equal('pass');
    expect(when({}, 'tun').outcome).to.equal('pass');
    const onDummy = { addresses: [...elsewhere, anAddress('dummy0', vip, { prefixLength: 32 })], routes: noLocalRoute };
    expect(when(onDummy).outcome).to.equal('pass');
  });

  it('passes without an address where a local route or a rule takes the packets', () => {
    expect(
      when({ addresses: elsewhere, routes: [aRoute(vip, { outcome: 'local', interface: 'lo' })] }).outcome,
    ).to.equal('pass');
    expect(when({ ...without, firewall: redirect('80') }).outcome).to.equal('pass');
    expect(when({ ...without, firewall: redirect(`${rip}:80`, 'dnat') }).outcome).to.equal('pass');
  });

  it('keeps the VIP by what brings interfaces up, and takes that back too', () => {
    const by = (...files: string[]) =>
      finding(when({ ...without, persistedNetwork: { files, addresses: [], gateways: [], other: [] } })).remedy;
    expect(finding(when(without)).remedy, 'each boot gives it').to.not.have.property('persistent');
    expect(by('/etc/sysconfig/network-scripts/ifcfg-lo')?.persistent?.[0]).to.include('ifcfg-lo:7a64');
    const managed = by('/etc/NetworkManager/system-connections/eth0.nmconnection');
    expect(managed?.persistent).to.deep.equal([
      `nmcli connection show lvs-${vip} >/dev/null 2>&1 || nmcli connection add type dummy ifname lvs-7a64 con-name lvs-${vip} ipv4.method manual ipv4.addresses ${vip}/32`,
    ]);
    expect(managed?.undo?.[1]).to.equal(`nmcli connection delete lvs-${vip}`);
    expect(by()?.persistent, 'by nobody known').to.equal(undefined);
  });

  it('fails without the VIP, with remedy and undo', () => {
    const persistedNetwork = { files: ['/etc/network/interfaces'], addresses: [], gateways: [], other: [] };
    const { outcome, reason, remedy } = finding(when({ ...without, persistedNetwork }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include(vip).and.not.include('nat');
    expect(remedy?.commands).to.deep.equal([`ip address add ${vip}/32 dev lo`]);
    expect(remedy?.undo?.[0]).to.equal(`ip address del ${vip}/32 dev lo`);
    expect(remedy?.persistent?.join('\n'), 'in /etc/network/interfaces').to.include(
      `up ip address add ${vip}/32 dev lo`,
    );
    expect(remedy?.undo?.[1]).to.include('/etc/network/interfaces');
    expect(quoted(when(without))).to.include(vip);
  });

  it('fails on an interface that is down, and when packets go to another host', () => {
    const addresses = [...elsewhere, anAddress('tunl0', vip, { up: false, prefixLength: 32 })];
    const { reason, remedy } = finding(when({ addresses, routes: noLocalRoute }, 'tun'));
    expect(reason).to.include('tunl0, which is down');
    expect(remedy?.commands).to.deep.equal(['ip link set tunl0 up']);
    expect(when({ ...without, firewall: redirect('10.9.9.9:80', 'dnat') }).outcome).to.equal('fail');
  });

  it('says that a real server set up for NAT is one', () => {
    const routes = [...noLocalRoute, aRoute('172.16.0.2', { gateway: '192.168.122.10' })];
    expect(finding(when({ addresses: elsewhere, routes })).reason).to.include('a real server for nat');
  });

  it('fails after duplicate address detection, and waits while it goes on', () => {
    const of = (...flags: ('tentative' | 'dadfailed')[]) => ({
      addresses: [...elsewhere, anAddress('eth0', 'fd00::100', { prefixLength: 128, flags })],
    });
    const cluster = aDirectCluster('dr');
    const six = { ...cluster, virtualServices: cluster.virtualServices.map((each) => ({ ...each, vip: 'fd00::100' })) };
    const judged = (rs2: FactChanges) => judge(check, { on: 'rs2', cluster: six, facts: { rs2 } });
    expect(finding(judged(of('tentative', 'dadfailed'))).reason).to.include('dadfailed');
    expect(judged(of('tentative')).outcome).to.equal('error');
  });

  it('cannot tell where no address has it and the packet filter is not known', () => {
    expect(when({ ...without, firewall: missing('permission', 'rs2: firewall needs root') }).outcome).to.equal('error');
  });

  it('does not apply to NAT', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
  });
});
