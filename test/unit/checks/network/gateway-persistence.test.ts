import { expect } from 'chai';
import { gatewayPersistence } from '../../../../checks/network/gateway-persistence.ts';
import type { PersistedNetwork } from '../../../../lib/model/facts.ts';
import { aDirectCluster, cip, dip } from '../../../builders.ts';
import { aRoute, type FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const file = '/etc/network/interfaces';
const network = (change: Partial<PersistedNetwork> = {}): PersistedNetwork => ({
  files: [file],
  addresses: [{ interface: 'eth0', address: '10.10.10.10', file }],
  gateways: [],
  other: [],
  ...change,
});
const onRs1 = (change: FactChanges) => judge(gatewayPersistence, { on: 'rs1', facts: { rs1: change } });
const persisted = (change: Partial<PersistedNetwork> = {}) => onRs1({ persistedNetwork: network(change) });

describe('network/gateway-persistence', () => {
  it('passes when the files have the next hop, for NAT, DR and TUN', () => {
    expect(judge(gatewayPersistence, { on: 'rs1' }).outcome).to.equal('pass');
    for (const forwarding of ['dr', 'tun'] as const)
      expect(judge(gatewayPersistence, { cluster: aDirectCluster(forwarding), on: 'rs1' }).outcome).to.equal('pass');
  });

  it('fails when no file has it, and when the files have another', () => {
    expect(finding(persisted()).reason).to.equal(
      `rs1 sends through ${dip} now, and no file has a gateway, so its answers take another way after the next reboot`,
    );
    const { reason, remedy } = finding(persisted({ gateways: [{ address: '10.10.10.254', file }] }));
    expect(reason).to.include('the files have 10.10.10.254 only');
    expect(remedy?.summary).to.equal(`Have rs1 send through ${dip} after every boot`);
    expect(remedy?.commands.at(-1)).to.include(`'    up ip route replace default via ${dip} dev eth0 || true'`);
  });

  it('proposes nothing where the files have another one, and that of now is no director', () => {
    const routes = [aRoute(cip, { gateway: '10.10.10.254' })];
    const { outcome, reason, remedy } = finding(
      onRs1({ routes, persistedNetwork: network({ gateways: [{ address: dip, file }] }) }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include(`sends through 10.10.10.254 now, and the files have ${dip} only`);
    expect(remedy).to.equal(undefined);
  });

  it('mends a profile of NetworkManager', () => {
    const { remedy } = finding(persisted({ files: ['NetworkManager profile eth0'], addresses: [] }));
    expect(remedy?.commands[0]).to.include(`ipv4.gateway ${dip}`);
    expect(finding(persisted({ addresses: [] })).remedy, 'by nobody known').to.equal(undefined);
  });

  it('takes DHCP for an answer, and warns of a script', () => {
    expect(persisted({ dynamic: [{ interface: 'eth0', file }] }).outcome).to.equal('pass');
    expect(persisted({ other: [{ text: `GW=${dip}`, file: '/etc/init.d/lvs' }] }).outcome).to.equal('warn');
  });

  it('cannot tell when files could not be read, or nothing known is there', () => {
    expect(persisted({ unread: ['/etc/netplan/a.yaml'] })).to.include({ outcome: 'error' });
    expect(persisted({ files: [] })).to.include({ outcome: 'error' });
  });

  it('asks nothing of a host that needs no gateway, of routes that were redirected, of router advertisements', () => {
    const routes = (change: Parameters<typeof aRoute>[1]) =>
      onRs1({ routes: [aRoute(cip, change)], persistedNetwork: network() }).outcome;
    expect(routes({})).to.equal('not-applicable');
    expect(routes({ gateway: '10.10.10.9', redirected: true })).to.equal('not-applicable');
    expect(routes({ gateway: 'fe80::1' })).to.equal('not-applicable');
    expect(judge(gatewayPersistence, { on: 'client1' }).outcome).to.equal('not-applicable');
  });
});
