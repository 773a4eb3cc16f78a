import { expect } from 'chai';
import { sourceAddress as check } from '../../../../checks/director/source-address.ts';
import { aClusterWith, aDirectCluster, aDirector, dip, hostNamed, vip } from '../../../builders.ts';
import { anAddress, aRoute, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const fromVip = (cluster = aClusterWith({})) => ({
  director1: {
    routes: cluster.realServers.map(({ rip }) => aRoute(rip, { interface: 'eth0', source: vip })),
  },
});

describe('director/source-address', () => {
  it('passes when the DIP is the source, whatever the prefix of the VIP', () => {
    expect(judge(check).outcome).to.equal('pass');
    for (const forwarding of ['dr', 'tun'] as const) {
      expect(judge(check, { cluster: aDirectCluster(forwarding) }).outcome).to.equal('pass');
    }
    const addresses = [anAddress('eth1', dip), anAddress('eth0', vip)];
    expect(judge(check, { facts: { director1: { addresses } } }).outcome).to.equal('pass');
  });

  it('fails with DR and TUN when it is the VIP, and warns with NAT', () => {
    for (const forwarding of ['dr', 'tun'] as const) {
      const cluster = aDirectCluster(forwarding);
      const { outcome, reason } = finding(judge(check, { cluster, facts: fromVip(cluster) }));
      expect(outcome).to.equal('fail');
      expect(reason).to.include('rs1, rs2 and rs3').and.include(vip);
    }
    expect(finding(judge(check, { facts: fromVip() })).outcome).to.equal('warn');
  });

  it('mends the prefix of the VIP, or the way when the prefix is its own', () => {
    const cluster = aDirectCluster('dr');
    const own = factsOf(cluster, hostNamed(cluster, 'director1')).addresses;
    const wide = own.map((entry) => (entry.address === vip ? { ...entry, prefixLength: 24 } : entry));
    const facts = { director1: { ...fromVip(cluster).director1, addresses: wide } };
    const wider = finding(judge(check, { cluster, facts })).remedy;
    expect(wider?.commands.join('\n')).to.include(`${vip}/24 dev eth0 && ip address add ${vip}/32`);
    expect(wider?.persistent, 'the files have it alone').to.deep.equal([
      "echo 'net.ipv4.conf.all.promote_secondaries=1' >> /etc/sysctl.d/99-lvs.conf",
    ]);
    const way = finding(judge(check, { cluster, facts: fromVip(cluster) })).remedy;
    expect(way?.commands).to.deep.equal(['ip route replace 192.168.122.11/32 dev eth0 src 192.168.122.10']);
    expect(way?.persistent?.join('\n')).to.include('up ip route replace 192.168.122.11/32 dev eth0 src 192.168.122.10');
  });

  it('warns when another address goes with the VIP', () => {
    const addresses = [
      anAddress('eth1', dip),
      anAddress('eth0', vip),
      anAddress('eth0', '192.168.122.10', { flags: ['secondary'] }),
    ];
    const { outcome, reason, remedy } = finding(judge(check, { facts: { director1: { addresses } } }));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('192.168.122.10').and.include('secondary');
    expect(remedy?.commands[0]).to.include('promote_secondaries=1');
    const persistedNetwork = { files: [], addresses: [], gateways: [], other: [] };
    const moved = finding(judge(check, { facts: { director1: { addresses, persistedNetwork } } })).remedy;
    expect(moved?.summary).to.include('by hand: no file that brings eth0 up has 192.168.122.100');
  });

  it('does not apply where the VIP is the only address', () => {
    const cluster = aClusterWith({}, { directors: [aDirector({ dip: vip })] });
    expect(judge(check, { cluster }).outcome).to.equal('not-applicable');
  });

  it('cannot tell without the ways', () => {
    expect(judge(check, { facts: { director1: { routes: [] } } }).outcome).to.equal('error');
  });
});
