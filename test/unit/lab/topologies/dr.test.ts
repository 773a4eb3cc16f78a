import { expect } from 'chai';

import { dr, realServerAddress } from '../../../../lab/topologies/dr.ts';
import { topologyNamed } from '../../../../lab/topologies/index.ts';
import { clusterOf, drawn, expectSound, fileOf, interfacesOf, kinds } from './drawing.ts';

const flat = (realServers: number) => dr({ realServers, kinds });
const routed = (realServers: number) => dr({ realServers, kinds, client: 'routed' });

describe('lab topology dr', () => {
  it('is sound for any number of real servers, which leave out the VIP', () => {
    expectSound(flat);
    expectSound(routed);
    expect([0, 2, 88, 89].map(realServerAddress)).to.deep.equal([
      '192.168.122.11',
      '192.168.122.13',
      '192.168.122.99',
      '192.168.122.101',
    ]);
    expect(topologyNamed('dr')).to.equal(dr);
  });

  it('has the addresses of the drawing, the client in the segment', () => {
    expect(drawn(flat(2))).to.deep.equal({
      client1: ['eth0 192.168.122.1/24', '192.168.122.254'],
      infra: ['eth0 192.168.122.254/24', '-'],
      director1: ['eth0 192.168.122.10/24', 'eth0 192.168.122.100/32', '192.168.122.254'],
      rs1: ['eth0 192.168.122.11/24', 'lo 192.168.122.100/32', '192.168.122.254'],
      rs2: ['eth0 192.168.122.12/24', 'lo 192.168.122.100/32', '192.168.122.254'],
    });
  });

  it('differs with a routed client in that client, its network and the leg of the router on it', () => {
    const { client1, infra, ...others } = drawn(routed(2));
    expect(client1).to.deep.equal(['eth0 172.16.0.2/24', '172.16.0.254']);
    expect(infra).to.deep.equal(['eth0 192.168.122.254/24', 'eth1 172.16.0.254/24', '-']);
    expect(drawn(flat(2))).to.deep.include(others);
    expect(Object.keys(others)).to.deep.equal(['director1', 'rs1', 'rs2']);
  });

  it('silences real servers and forwards on the router alone, also after a reboot', () => {
    const topology = flat(1);
    expect(fileOf(topology, 'rs1', '/etc/sysctl.conf'))
      .to.include('net.ipv4.conf.all.arp_ignore = 1')
      .and.to.include('net.ipv4.conf.all.arp_announce = 2');
    expect(interfacesOf(topology, 'rs1')).to.equal(`auto lo
iface lo inet loopback
    up ip address add 192.168.122.100/32 dev lo

auto eth0
iface eth0 inet static
    address 192.168.122.11/24
    gateway 192.168.122.254
`);
    expect(fileOf(topology, 'infra', '/etc/sysctl.conf'))
      .to.include('net.ipv4.ip_forward = 1')
      .and.to.include('net.ipv4.conf.eth0.send_redirects = 0');
    expect(fileOf(topology, 'director1', '/etc/sysctl.conf')).to.equal(undefined);
  });

  it('writes cluster files that the product accepts and understands', async () => {
    const cluster = await clusterOf(flat(20));
    expect(cluster.realServers[1]).to.include({ name: 'rs2', rip: '192.168.122.12', interface: 'eth0' });
    expect(cluster.directors[0]).to.include({ dip: '192.168.122.10', interface: 'eth0', vipInterface: 'eth0' });
    expect(cluster.clients[0]).to.include({ cip: '192.168.122.1', interface: 'eth0' });
    expect(cluster.virtualServices[0]).to.include({ vip: '192.168.122.100', port: 80, forwarding: 'dr' });
    expect((await clusterOf(routed(1))).clients[0]).to.include({ cip: '172.16.0.2' });
  });
});
