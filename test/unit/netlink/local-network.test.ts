import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { parseIpAddressJson } from '../../../lib/parse/ip-address.ts';
import { parseIpLinkJson } from '../../../lib/parse/ip-link.ts';
import { parseNeighbourJson } from '../../../lib/parse/ip-neighbour.ts';
import { localNetwork } from '../../../lib/netlink/local-network.ts';

const run = promisify(execFile);
const destinations = [{ destination: '127.0.0.1' }, { destination: '::1' }];

/** Runs a program in a namespace of its own, after a script in front of it. */
const inNewNamespace =
  (script: string) =>
  async (argv: readonly string[], stdin: string): Promise<string> => {
    const child = run('unshare', ['--net', 'sh', '-c', script, 'sh', ...argv]);
    child.child.stdin?.end(stdin);
    return (await child).stdout;
  };

describe('network of this machine', function () {
  this.timeout(30_000);
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('has the addresses that ip shows, and the kernel decides routes', async () => {
    const [{ network }, { stdout }] = await Promise.all([
      localNetwork({ destinations }),
      run('ip', ['-d', '-j', 'addr']),
    ]);
    if (network === undefined || 'error' in network) throw new Error(network?.error);
    // Others bring interfaces up and down meanwhile: those of the loopback stay.
    const loopback = (rows: typeof network.value.addresses) => rows.filter((row) => row.interface === 'lo');
    expect(loopback(network.value.addresses)).to.have.deep.members([...loopback(parseIpAddressJson(stdout))]);
    const lo = network.value.links.filter(({ name }) => name === 'lo');
    expect(lo)
      .to.have.length(1)
      .and.deep.equal(parseIpLinkJson(stdout).filter(({ name }) => name === 'lo'));
    expect(network.value.routes[0]).to.deep.equal({
      destination: '127.0.0.1',
      outcome: 'local',
      interface: 'lo',
      source: '127.0.0.1',
    });
  });

  it('is asked inside another namespace by the agent', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const { network } = await localNetwork(
      { destinations: [{ destination: '192.0.2.1' }] },
      inNewNamespace('exec "$@"'),
    );
    // A new namespace has a loopback that is down and no routes.
    expect(network).to.have.nested.property('value.addresses').that.deep.equals([]);
    expect(network)
      .to.have.nested.property('value.routes')
      .that.deep.equals([{ destination: '192.0.2.1', outcome: 'no-route' }]);
  });

  it('is seen as ip sees it: bridges, tunnels, neighbours, sizes of routes, and whose a source is', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const script = `{ ip link set lo up; ip link add eth0 type veth peer name eth0p; ip link set eth0p up; ip link set eth0 up
ip addr add 192.168.122.11/24 dev eth0; ip addr add 192.168.122.12/24 dev eth0; ip addr add 2001:db8::11/64 dev eth0 nodad preferred_lft 0
ip link add br0 type bridge; ip link set eth0p master br0; ip link add tun1 type ipip local 192.168.122.11 remote 10.20.1.11
ip neigh add 192.168.122.254 lladdr 02:00:00:00:00:fe dev eth0
ip route add default via 192.168.122.254 mtu 1400 advmss 1300; } >/dev/null 2>&1
ip -d -j addr; ip -j neigh; exec "$@"`;
    let seen = '';
    const from = '192.168.122.11';
    const { network } = await localNetwork(
      {
        destinations: [
          { destination: '172.16.0.2', from },
          { destination: '172.16.0.2', from: '9.9.9.9' },
        ],
      },
      async (argv, stdin) => {
        const lines = (await inNewNamespace(script)(argv, stdin)).split('\n');
        seen = lines.slice(0, 2).join('\n');
        return lines.slice(2).join('\n');
      },
    );
    if (network === undefined || 'error' in network) throw new Error(network?.error);
    const [interfaces = '', table = ''] = seen.split('\n');
    expect(network.value.links).to.have.deep.members([...parseIpLinkJson(interfaces)]);
    expect(network.value.links.find(({ name }) => name === 'eth0p')).to.include({ kind: 'veth', master: 'br0' });
    const settledYet = (rows: typeof network.value.addresses) => rows.filter(({ scope }) => scope !== 'link');
    expect(settledYet(network.value.addresses)).to.have.deep.members([...settledYet(parseIpAddressJson(interfaces))]);
    expect(network.value.addresses.flatMap(({ flags }) => flags ?? [])).to.include.members(['secondary', 'deprecated']);
    expect(network.value.neighbours)
      .to.have.deep.members([...parseNeighbourJson(table)])
      .with.length(1);
    expect(network.value.routes).to.deep.equal([
      {
        destination: '172.16.0.2',
        from,
        outcome: 'unicast',
        gateway: '192.168.122.254',
        interface: 'eth0',
        mtu: 1400,
        advmss: 1300,
      },
      { destination: '172.16.0.2', from: '9.9.9.9', outcome: 'source-not-local' },
    ]);
  });

  it('says why a name server did not answer, and goes on', async () => {
    const { names, network } = await localNetwork({
      destinations,
      names: [{ name: 'www.example.com', server: '127.0.0.1:1' }],
    });
    expect(names).to.have.property('error').that.includes('www.example.com');
    expect(network).to.have.property('value');
  });
});
