import { expect } from 'chai';

import { drV6 } from '../../../../lab/topologies/dr-v6.ts';
import { clusterOf, drawn, expectSound, fileOf, interfacesOf, kinds } from './drawing.ts';

const withServers = (realServers: number) => drV6({ realServers, kinds });

describe('lab topology dr-v6', () => {
  it('is sound for any number of real servers', () => {
    expectSound(withServers);
  });

  it('has the addresses of the drawing, and no IPv4', () => {
    expect(drawn(withServers(2))).to.deep.equal({
      client1: ['eth0 fd00:122::1/64', 'fd00:122::fe'],
      infra: ['eth0 fd00:122::fe/64', '-'],
      director1: ['eth0 fd00:122::10/64', 'eth0 fd00:122::100/128 preferred_lft 0', 'fd00:122::fe'],
      rs1: ['eth0 fd00:122::11/64', 'lo fd00:122::100/128 preferred_lft 0', 'fd00:122::fe'],
      rs2: ['eth0 fd00:122::12/64', 'lo fd00:122::100/128 preferred_lft 0', 'fd00:122::fe'],
    });
  });

  it('boots with what interfaces(5) has for IPv6, and answers the web on it', () => {
    const topology = withServers(1);
    expect(interfacesOf(topology, 'rs1')).to.equal(`auto lo
iface lo inet loopback
    up ip address add fd00:122::100/128 preferred_lft 0 dev lo

auto eth0
iface eth0 inet6 static
    address fd00:122::11/64
    gateway fd00:122::fe
`);
    expect(fileOf(topology, 'rs1', '/etc/nginx/nginx.conf')).to.include('listen [::]:80 default_server');
    expect(fileOf(topology, 'infra', '/etc/sysctl.conf')).to.include('net.ipv6.conf.all.forwarding = 1');
  });

  it('writes a cluster file that the product accepts and understands', async () => {
    const cluster = await clusterOf(withServers(3));
    expect(cluster.realServers[2]).to.include({ name: 'rs3', rip: 'fd00:122::13' });
    expect(cluster.virtualServices[0]).to.include({ vip: 'fd00:122::100', forwarding: 'dr' });
    expect(cluster.dns[0]).to.include({ address: 'fd00:122::100', server: 'fd00:122::fe' });
  });
});
