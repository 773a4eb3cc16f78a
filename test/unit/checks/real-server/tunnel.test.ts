import { expect } from 'chai';
import { tunnel as check } from '../../../../checks/real-server/tunnel.ts';
import { missing, type NetworkLink } from '../../../../lib/model/facts.ts';
import { aCluster, aClusterWith, aDirectCluster, vip } from '../../../builders.ts';
import { anAddress, type FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const rip = '10.20.2.11';
const dip = '192.168.122.10';
const cluster = aDirectCluster('tun');
const when = (rs2: FactChanges, director1: FactChanges = {}) =>
  judge(check, { on: 'rs2', cluster, facts: { rs2, director1 } });
const eth0: NetworkLink = { name: 'eth0', mac: '02:00:00:00:00:02', mtu: 1500, up: true, noArp: false };
const link = (change: Partial<NetworkLink> = {}): readonly NetworkLink[] => [
  eth0,
  { name: 'tunl0', mtu: 1480, up: true, noArp: true, kind: 'ipip', ...change },
];

describe('real-server/tunnel', () => {
  it('passes with tunl0, and with a tunnel of its own whose ends fit', () => {
    expect(when({}).outcome).to.equal('pass');
    expect(when({ links: link({ name: 'lvs0', tunnel: { local: rip, remote: dip } }) }).outcome).to.equal('pass');
    expect(when({ links: link({ tunnel: { local: 'any', remote: '0.0.0.0' } }) }).outcome).to.equal('pass');
    const both = [...link({ up: false }), { name: 'lvs0', mtu: 1480, up: true, noArp: true, kind: 'ipip' }];
    expect(when({ links: both }).outcome).to.equal('pass');
  });

  it('fails without the module, with it and without an interface, and says which', () => {
    const without = { present: [], atBoot: [] };
    const { outcome, reason, remedy, faults } = finding(when({ links: [eth0], modules: without }));
    expect(outcome).to.equal('fail');
    expect(faults).to.deep.equal(['tun-ipip-module-missing']);
    expect(finding(when({ links: [eth0] })).faults).to.deep.equal(['tun-interface-down']);
    expect(reason).to.include('the module ipip is not loaded');
    expect(remedy?.commands).to.deep.equal(['modprobe ipip', 'ip link set tunl0 up']);
    expect(remedy?.persistent?.[0]).to.equal('echo ipip > /etc/modules-load.d/ipip.conf');
    expect(finding(when({ links: [eth0] })).reason).to.include('fb_tunnels_only_for_init_net');
    expect(finding(when({ links: [eth0], modules: missing('unsupported', 'x') })).reason).not.to.include('loaded');
  });

  it('asks for sit where the VIP is IPv6 and the RIP is not', () => {
    const mixed = aClusterWith(
      { forwarding: 'tun', vip: '2001:db8::100', destinations: cluster.virtualServices[0]?.destinations ?? [] },
      { realServers: cluster.realServers, directors: cluster.directors },
    );
    const ask = (links: readonly NetworkLink[]) =>
      judge(check, {
        on: 'rs2',
        cluster: mixed,
        facts: { rs2: { links, modules: { present: ['ipip'], atBoot: [] } } },
      });
    const { reason, remedy } = finding(ask(link()));
    expect(reason).to.include('no interface of the kind sit: the module sit is not loaded');
    expect(remedy?.commands).to.deep.equal(['modprobe sit', 'ip link set sit0 up']);
    expect(ask([...link(), { name: 'sit0', mtu: 1480, up: true, noArp: true, kind: 'sit' }]).outcome).to.equal('pass');
  });

  it('fails with the interface down', () => {
    const { reason, remedy, faults } = finding(when({ links: link({ up: false }) }));
    expect(reason).to.include('tunl0').and.include('down');
    expect(faults).to.deep.equal(['tun-interface-down']);
    expect(remedy?.undo).to.deep.equal(['ip link set tunl0 down']);
    const file = '/etc/network/interfaces';
    const persistedNetwork = { files: [file], addresses: [], gateways: [], other: [] };
    const kept = finding(when({ links: link({ up: false }), persistedNetwork })).remedy;
    expect(kept?.persistent?.join('\n'), 'no file has it').to.include('up ip link set tunl0 up').and.include(file);
    const unknown = { links: link({ up: false }), persistedNetwork: missing('permission', 'x') };
    expect(finding(when(unknown)).remedy?.summary).to.equal(
      'Bring tunl0 up; for the next boot, by hand: what brings its interfaces up at boot is not known',
    );
  });

  it('fails with ends that do not fit', () => {
    expect(finding(when({ links: link({ tunnel: { remote: '10.9.9.9' } }) })).reason)
      .to.include('remote 10.9.9.9')
      .and.include(dip);
    expect(finding(when({ links: link({ tunnel: { local: '10.9.9.9' } }) })).reason)
      .to.include('local 10.9.9.9')
      .and.include(rip);
  });

  it('fails without the RIP', () => {
    expect(finding(when({ addresses: [anAddress('tunl0', vip, { prefixLength: 32 })] })).reason).to.include(
      `does not have ${rip}`,
    );
  });

  it('cannot tell whose tunnel it is while the director is silent', () => {
    const silent = { addresses: missing('unreachable', 'x'), routes: missing('unreachable', 'x') };
    expect(when({ links: link({ tunnel: { remote: '10.9.9.9' } }) }, silent).outcome).to.equal('error');
  });

  it('does not apply to NAT and DR', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: aDirectCluster('dr') }).outcome).to.equal('not-applicable');
  });
});
