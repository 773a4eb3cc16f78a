import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';
import fc from 'fast-check';

import { clusterFileText } from '../../../../lab/cluster-file.ts';
import { portOf } from '../../../../lab/network.ts';
import { MAX_REAL_SERVERS } from '../../../../lab/topologies/hosts.ts';
import { nat, realServerAddress } from '../../../../lab/topologies/nat.ts';
import { topologyNamed } from '../../../../lab/topologies/index.ts';
import type { Topology } from '../../../../lab/topologies/topology.ts';
import { loadCluster } from '../../../../lib/config/load.ts';
import { IpvetError } from '../../../../lib/errors.ts';

const kinds = { client: 'netns', infrastructure: 'netns', director: 'uml', 'real-server': 'uml' } as const;
const withServers = (realServers: number): Topology => nat({ realServers, kinds });
const fileOf = (topology: Topology, host: string, file: string): string | undefined =>
  topology.hosts.find(({ name }) => name === host)?.files.find((each) => each.path === file)?.content;

describe('lab topology nat', () => {
  it('numbers real servers by tens first', () => {
    expect([0, 1, 2, 19, 24, 25, 33, 34].map(realServerAddress)).to.deep.equal([
      '10.10.10.10',
      '10.10.10.20',
      '10.10.10.30',
      '10.10.10.200',
      '10.10.10.250',
      '10.10.10.11',
      '10.10.10.19',
      '10.10.10.21',
    ]);
  });

  it('gives no address, MAC or port twice, whatever the number of real servers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_REAL_SERVERS }), (count) => {
        const interfaces = withServers(count).hosts.flatMap((host) =>
          host.interfaces.map((each) => ({ ...each, port: portOf(host.name, each.name) })),
        );
        const addresses = interfaces.flatMap((each) => each.addresses.map((address) => address.split('/')[0]));
        expect(new Set(addresses)).to.have.lengthOf(addresses.length);
        expect(new Set(interfaces.map(({ mac }) => mac))).to.have.lengthOf(interfaces.length);
        expect(new Set(interfaces.map(({ port }) => port))).to.have.lengthOf(interfaces.length);
        for (const { port } of interfaces) expect(port).to.have.length.below(16);
      }),
      { numRuns: 30 },
    );
  });

  it('has the addresses of the drawing', () => {
    const { hosts } = withServers(3);
    const drawn = Object.fromEntries(
      hosts.map(({ name, interfaces, gateway }) => [
        name,
        [...interfaces.flatMap((each) => each.addresses.map((address) => `${each.name} ${address}`)), gateway ?? '-'],
      ]),
    );
    expect(drawn).to.deep.equal({
      client1: ['eth0 192.168.122.1/24', '-'],
      infra: ['eth0 192.168.122.2/24', 'eth1 10.10.10.2/24', '-'],
      director1: ['eth0 192.168.122.10/24', 'eth0 192.168.122.100/32', 'eth1 10.10.10.1/24', '-'],
      rs1: ['eth0 10.10.10.10/24', '10.10.10.1'],
      rs2: ['eth0 10.10.10.20/24', '10.10.10.1'],
      rs3: ['eth0 10.10.10.30/24', '10.10.10.1'],
    });
  });

  it('tells every host the same about all of them', () => {
    const topology = withServers(2);
    const tables = topology.hosts.map(({ name }) => fileOf(topology, name, '/etc/hosts'));
    expect(new Set(tables)).to.have.lengthOf(1);
    for (const { name } of topology.hosts) expect(tables[0]).to.match(new RegExp(`^[0-9.]+\t${name}$`, 'm'));
  });

  it('forwards on the director alone, also after a reboot', () => {
    const topology = withServers(1);
    expect(fileOf(topology, 'director1', '/etc/sysctl.conf')).to.include('net.ipv4.ip_forward = 1');
    expect(fileOf(topology, 'infra', '/etc/sysctl.conf')).to.include('net.ipv4.ip_forward = 0');
    expect(fileOf(topology, 'rs1', '/etc/sysctl.conf')).not.to.include('ip_forward');
  });

  it('has web servers that name themselves', () => {
    const config = fileOf(withServers(2), 'rs2', '/etc/nginx/nginx.conf');
    expect(config).to.include('add_header X-Real-Server rs2 always;').and.to.include('This is rs2.');
  });

  it('refuses a number of real servers that has no addresses', () => {
    for (const count of [0, -1, 1.5, MAX_REAL_SERVERS + 1, Number.NaN]) {
      expect(() => withServers(count)).to.throw(IpvetError, /1 to 100 real servers/);
    }
  });

  it('is found by name, and names what there is otherwise', () => {
    expect(topologyNamed('nat')).to.equal(nat);
    for (const name of ['vs-nat', 'toString', '']) {
      expect(() => topologyNamed(name))
        .to.throw(IpvetError)
        .that.includes({ code: 'USAGE', hint: 'known: nat, dr, tun, dr-v6, mixed, ha, ha-nat' });
    }
  });

  it('writes a cluster file that the product accepts and understands', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'ipvet-nat-'));
    try {
      const file = path.join(directory, 'cluster.yaml');
      await writeFile(path.join(directory, 'ssh_config'), '');
      await writeFile(file, clusterFileText('blue', withServers(20)));
      const cluster = await loadCluster(file);
      expect(cluster).to.include({ name: 'lab-blue', environment: 'lab' });
      expect(cluster.ssh).to.include({ user: 'ops', become: 'sudo', configFile: path.join(directory, 'ssh_config') });
      expect(cluster.realServers).to.have.lengthOf(20);
      expect(cluster.realServers[1]).to.include({ name: 'rs2', rip: '10.10.10.20', jump: 'director1' });
      expect(cluster.clients[0]).to.include({ host: 'localhost', netns: 'ipvet-blue-client1', cip: '192.168.122.1' });
      expect(cluster.directors[0]).to.include({ dip: '10.10.10.1', interface: 'eth1', vipInterface: 'eth0' });
      expect(cluster.virtualServices[0]).to.include({ vip: '192.168.122.100', port: 80, forwarding: 'nat' });
      expect(cluster.dns[0]).to.include({ name: 'www.example.com', address: '192.168.122.100' });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
