import { spawnSync } from 'node:child_process';

import { expect } from 'chai';

import { initScript } from '../../../../lab/hosts/netns.ts';
import { hostLines, switchLines } from '../../../../lab/network.ts';
import { nat } from '../../../../lab/topologies/nat.ts';
import { IpvetError } from '../../../../lib/errors.ts';

const topology = nat({
  realServers: 2,
  kinds: { client: 'netns', infrastructure: 'netns', director: 'uml', 'real-server': 'netns' },
});
const place = { root: "/var/cache/it's here/root", stateDir: "/state/o'clock" };

describe('lab hosts of kind netns', () => {
  it('begin with a program every shell can read, also below odd paths', () => {
    for (const spec of topology.hosts) {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: initScript(spec, place), encoding: 'utf8' });
      expect([status, stderr]).to.deep.equal([0, '']);
    }
  });

  it('do nothing at all until they are told that they are recorded', () => {
    const [spec] = topology.hosts;
    if (spec === undefined) throw new Error('no host');
    for (const input of ['', 'stop\n']) {
      // Anything further would fail loudly on directories that do not exist.
      const { status, stderr } = spawnSync('sh', ['-c', initScript(spec, place)], { input, encoding: 'utf8' });
      expect([status, stderr]).to.deep.equal([1, '']);
    }
  });

  it('refuse a service they cannot run', () => {
    const [spec] = topology.hosts;
    if (spec === undefined) throw new Error('no host');
    expect(() => initScript({ ...spec, services: ['keepalived'] }, place)).to.throw(IpvetError, /keepalived/);
  });

  it('are configured with addresses before routes', () => {
    const spec = topology.hosts.find(({ name }) => name === 'rs1');
    if (spec === undefined) throw new Error('no rs1');
    expect(hostLines({ ...spec, routes: ['192.0.2.0/24 via 10.10.10.9'] })).to.deep.equal([
      'link set lo up',
      'link set eth0 up',
      'address add 10.10.10.10/24 dev eth0',
      'route add 192.0.2.0/24 via 10.10.10.9',
      'route add default via 10.10.10.1',
    ]);
  });
});

describe('lab switch', () => {
  const lines = switchLines('one', topology);

  it('has a tap for each interface of a host with its own kernel, a veth pair for each other one', () => {
    expect(lines).to.include('tuntap add name director1-eth1 mode tap');
    expect(lines).to.include(
      'link add rs2-eth0 type veth peer name eth0 address 02:4c:56:53:01:14 netns ipvet-one-rs2',
    );
    expect(lines).to.include('link set rs2-eth0 master servers up');
  });

  it('gives no bridge an address', () => {
    expect(lines.filter((line) => line.startsWith('address'))).to.deep.equal([]);
  });
});
