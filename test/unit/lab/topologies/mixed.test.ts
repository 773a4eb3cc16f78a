import { expect } from 'chai';

import { mixed } from '../../../../lab/topologies/mixed.ts';
import { clusterOf, drawn, expectSound, fileOf, kinds } from './drawing.ts';

const withServers = (realServers: number) => mixed({ realServers, kinds });
const vips = [100, 101, 102, 103].map((last) => `eth0 192.168.122.${last}/32`);

describe('lab topology mixed', () => {
  it('is sound for any number of real servers from two on', () => {
    expectSound(withServers, 2);
  });

  it('has the addresses of the drawing: half of the real servers in the segment, half behind the director', () => {
    const inSegment = ['lo 192.168.122.100/32', 'lo 192.168.122.103/32', 'tunl0 192.168.122.101/32'];
    expect(drawn(withServers(3))).to.deep.equal({
      client1: ['eth0 172.16.0.2/24', '172.16.0.254'],
      infra: ['eth0 192.168.122.254/24', 'eth1 172.16.0.254/24', 'eth2 10.10.10.2/24', '-'],
      director1: ['eth0 192.168.122.10/24', ...vips, 'eth1 10.10.10.1/24', '192.168.122.254'],
      rs1: ['eth0 192.168.122.11/24', ...inSegment, '192.168.122.254'],
      rs2: ['eth0 192.168.122.12/24', ...inSegment, '192.168.122.254'],
      rs3: ['eth0 10.10.10.10/24', '10.10.10.1'],
    });
  });

  it('marks on the director and answers names on the VIP, both kept in files', () => {
    const topology = withServers(2);
    expect(fileOf(topology, 'director1', '/etc/iptables/rules.v4')).to.include(
      '-A PREROUTING -d 192.168.122.103/32 -p tcp -m tcp --dport 8080 -j MARK --set-xmark 0x1/0xffffffff',
    );
    expect(topology.hosts.find(({ name }) => name === 'director1')?.services).to.include('netfilter-persistent');
    expect(fileOf(topology, 'director1', '/etc/sysctl.conf')).to.include('net.ipv4.ip_forward = 1');
    expect(fileOf(topology, 'rs1', '/etc/dnsmasq.conf'))
      .to.include('bind-interfaces')
      .and.to.include('listen-address=192.168.122.100');
    expect(fileOf(topology, 'rs1', '/etc/nginx/nginx.conf')).to.include('listen 8080 default_server');
    expect(fileOf(topology, 'rs2', '/etc/resolv.conf')).to.include('10.10.10.2');
  });

  it('writes a cluster file that the product accepts and understands', async () => {
    const { virtualServices, realServers } = await clusterOf(withServers(5));
    expect(
      virtualServices.map(({ name, forwarding, protocol, fwmark, destinations }) => [
        ...[name, forwarding, protocol, fwmark],
        ...destinations.map(({ realServer, port }) => `${realServer.name}:${port}`),
      ]),
    ).to.deep.equal([
      ['web', 'dr', 'tcp', undefined, 'rs1:80', 'rs2:80', 'rs3:80'],
      ['tunnelled', 'tun', 'tcp', undefined, 'rs1:80', 'rs2:80', 'rs3:80'],
      ['inside', 'nat', 'tcp', undefined, 'rs4:80', 'rs5:80'],
      ['marked', 'dr', 'tcp', 1, 'rs1:8080', 'rs2:8080', 'rs3:8080'],
      ['dns', 'dr', 'udp', undefined, 'rs1:53', 'rs2:53', 'rs3:53'],
    ]);
    expect(realServers.map(({ jump }) => jump)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      'director1',
      'director1',
    ]);
  });
});
