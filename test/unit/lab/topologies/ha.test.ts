import { expect } from 'chai';

import { ha, haNat } from '../../../../lab/topologies/ha.ts';
import { topologyNamed } from '../../../../lab/topologies/index.ts';
import { parseKeepalivedServices } from '../../../../lib/parse/keepalived-services.ts';
import { clusterOf, drawn, expectSound, fileOf, kinds } from './drawing.ts';

const dr = (realServers: number) => ha({ realServers, kinds });
const nat = (realServers: number) => haNat({ realServers, kinds });
const conf = (topology: ReturnType<typeof ha>, host: string) =>
  fileOf(topology, host, '/etc/keepalived/keepalived.conf') ?? '';

describe('lab topologies ha and ha-nat', () => {
  it('are sound for any number of real servers', () => {
    expectSound(dr);
    expectSound(nat);
    expect([topologyNamed('ha'), topologyNamed('ha-nat')]).to.deep.equal([ha, haNat]);
  });

  it('leave floating addresses to keepalived', () => {
    expect(drawn(dr(1))).to.deep.equal({
      client1: ['eth0 172.16.0.2/24', '172.16.0.254'],
      infra: ['eth0 192.168.122.254/24', 'eth1 172.16.0.254/24', '-'],
      director1: ['eth0 192.168.122.10/24', '192.168.122.254'],
      director2: ['eth0 192.168.122.9/24', '192.168.122.254'],
      rs1: ['eth0 192.168.122.11/24', 'lo 192.168.122.100/32', '192.168.122.254'],
    });
    expect(drawn(nat(1))).to.deep.include({
      infra: ['eth0 192.168.122.254/24', 'eth1 172.16.0.254/24', 'eth2 10.10.10.4/24', '-'],
      director1: ['eth0 192.168.122.10/24', 'eth1 10.10.10.2/24', '192.168.122.254'],
      rs1: ['eth0 10.10.10.10/24', '10.10.10.1'],
    });
  });

  it('give both directors one configuration, but for name, state, priority and sorry server', () => {
    for (const topology of [dr(3), nat(3)]) {
      const lines = [conf(topology, 'director1'), conf(topology, 'director2')].map((text) => text.split('\n'));
      const own = lines[0]
        ?.filter((line, index) => line !== lines[1]?.[index])
        .map((line) => line.trim().split(' ')[0]);
      const vrrp = topology.name === 'ha' ? ['state', 'priority'] : ['state', 'priority', 'state', 'priority'];
      expect(own).to.deep.equal(['router_id', ...vrrp, 'sorry_server']);
    }
    expect(conf(dr(1), 'director1'))
      .to.include('lvs_sync_daemon eth0 VI_1 id 51')
      .and.not.include('vrrp_sync_group');
    expect(conf(nat(1), 'director1'))
      .to.include('lvs_sync_daemon eth1 VI_1 id 51')
      .and.include('        VI_1\n        VI_GATEWAY\n')
      .and.include('        10.10.10.1/24 dev eth1\n');
  });

  it('have configurations that the product reads as what the cluster file declares', async () => {
    for (const topology of [dr(2), nat(2)]) {
      const cluster = await clusterOf(topology);
      expect(cluster.rules.managedBy).to.equal('keepalived');
      expect(cluster.directors.map(({ name }) => name)).to.deep.equal(['director1', 'director2']);
      expect(JSON.stringify(parseKeepalivedServices([{ path: 'keepalived.conf', text: conf(topology, 'director2') }])))
        .to.include(cluster.realServers[1]?.rip)
        .and.include(cluster.virtualServices[0]?.vip);
    }
  });
});
