import { expect } from 'chai';

import { hostFiles, interfacesBatch } from '../../../../lab/hosts/uml-files.ts';
import { tun } from '../../../../lab/topologies/tun.ts';
import { clusterOf, drawn, expectSound, fileOf, interfacesOf, kinds } from './drawing.ts';

const withServers = (realServers: number) => tun({ realServers, kinds });

describe('lab topology tun', () => {
  it('is sound for any number of real servers', () => {
    expectSound(withServers);
  });

  it('has the addresses of the drawing: a network for each real server, the router on all of them', () => {
    expect(drawn(withServers(2))).to.deep.equal({
      client1: ['eth0 172.16.0.2/24', '172.16.0.254'],
      infra: ['eth0 192.168.122.254/24', 'eth1 172.16.0.254/24', 'eth2 10.20.1.254/24', 'eth3 10.20.2.254/24', '-'],
      director1: ['eth0 192.168.122.10/24', 'eth0 192.168.122.100/32', '192.168.122.254'],
      rs1: ['eth0 10.20.1.11/24', 'tunl0 192.168.122.100/32', '10.20.1.254'],
      rs2: ['eth0 10.20.2.11/24', 'tunl0 192.168.122.100/32', '10.20.2.254'],
    });
  });

  it('boots real servers with the module, the tunnel, and room for it in what they are sent', () => {
    const topology = withServers(2);
    const spec = topology.hosts.find(({ name }) => name === 'rs2');
    if (spec === undefined) throw new Error('no rs2');
    expect(interfacesOf(topology, 'rs2')).to.equal(`auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 10.20.2.11/24
    up ip route add default via 10.20.2.254 advmss 1440

auto tunl0
iface tunl0 inet manual
    up ip link set tunl0 mtu 1480 up
    up ip address add 192.168.122.100/32 dev tunl0
`);
    expect(interfacesBatch(spec).trimEnd().split('\n')).to.deep.equal([
      'link set lo up',
      'address add 10.20.2.11/24 dev eth0',
      'link set eth0 up',
      'link set tunl0 mtu 1480 up',
      'address add 192.168.122.100/32 dev tunl0',
      'route add default via 10.20.2.254 advmss 1440',
    ]);
    expect(hostFiles(spec).find(({ path }) => path === '/etc/modules-load.d/ipip.conf')?.content).to.equal('ipip\n');
    expect(fileOf(topology, 'rs2', '/etc/sysctl.conf'))
      .to.include('net.ipv4.conf.all.rp_filter = 0')
      .and.to.include('net.ipv4.conf.tunl0.rp_filter = 0');
    for (const name of ['all', 'eth0', 'eth3']) {
      expect(fileOf(topology, 'infra', '/etc/sysctl.conf')).to.include(`net.ipv4.conf.${name}.rp_filter = 0`);
    }
  });

  it('writes a cluster file that the product accepts and understands', async () => {
    const cluster = await clusterOf(withServers(3));
    expect(cluster.realServers[2]).to.include({ name: 'rs3', rip: '10.20.3.11', interface: 'eth0' });
    expect(cluster.virtualServices[0]).to.include({ vip: '192.168.122.100', forwarding: 'tun' });
  });
});
