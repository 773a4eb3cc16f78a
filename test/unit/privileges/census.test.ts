import { expect } from 'chai';
import {
  censusCommands,
  censusQuestions,
  isRootCommand,
  rootCommandsOf,
  rootScope,
  sudoersFile,
} from '../../../lib/privileges/index.ts';
import { aClient, aCluster, aDirectCluster, aDirector, aRealServer, aService, hostNamed } from '../../builders.ts';

const words = (cluster: ReturnType<typeof aCluster>, name: string) =>
  censusCommands(cluster, hostNamed(cluster, name)).map(({ argv }) => argv.join(' '));

describe('who answers for a VIP', () => {
  it('is asked with an own address for a source, from every host on its interface', () => {
    const cluster = aDirectCluster('dr');
    expect(words(cluster, 'rs1')).to.deep.equal(['arping -b -c 1 -I eth0 -s 192.168.122.11 192.168.122.100']);
    expect(words(cluster, 'director1')).to.deep.equal(['arping -b -c 1 -I eth0 -s 192.168.122.10 192.168.122.100']);
    expect(words(cluster, 'client1')).to.deep.equal(['arping -b -c 1 -I eth0 -s 172.16.0.2 192.168.122.100']);
    for (const host of ['director1', 'rs1', 'rs2', 'rs3', 'client1'])
      for (const { argv } of censusCommands(cluster, hostNamed(cluster, host))) {
        expect(argv).to.include('-s');
        expect(argv[argv.indexOf('-s') + 1]).not.to.equal('192.168.122.100');
      }
  });

  it('is not asked where the cluster file does not say where an address is', () => {
    const nat = aCluster();
    expect(words(nat, 'director1'), 'two armed: the DIP is on the other arm').to.deep.equal([]);
    expect(words(nat, 'client1'), 'no interface').to.deep.equal([]);
    const named = aCluster({
      clients: [aClient({ interface: 'eth0' })],
      realServers: [aRealServer(1, { interface: 'eth0' })],
    });
    expect(words(named, 'client1')).to.have.length(1);
    expect(words(named, 'rs1'), 'NAT').to.deep.equal([]);
  });

  it('asks for each VIP once, and by neighbour discovery for IPv6', () => {
    const realServers = [aRealServer(1, { rip: 'fd00::11', interface: 'eth0' }), aRealServer(2, { interface: 'eth0' })];
    const service = { forwarding: 'dr', vip: 'fd00::100' } as const;
    const cluster = aCluster({
      realServers,
      directors: [aDirector({ dip: 'fd00::10', interface: 'eth0', vipInterface: 'eth0' })],
      virtualServices: [
        aService(realServers, service),
        aService(realServers, { ...service, name: 'tls', port: 443 }),
        aService([], { name: 'other', vip: '192.0.2.1', forwarding: 'dr' }),
      ],
    });
    expect(words(cluster, 'rs1')).to.deep.equal(['ndisc6 -m -r 1 -w 1000 -s fd00::11 fd00::100 eth0']);
    expect(words(cluster, 'rs2'), 'an IPv4 address').to.deep.equal([]);
    expect(
      censusQuestions(cluster, hostNamed(cluster, 'director1')).map(({ vip, askers }) => [vip, askers]),
    ).to.deep.equal([['fd00::100', 1]]);
  });

  it('knows how many of one segment ask the same', () => {
    const askers = (forwarding: 'dr' | 'tun') => {
      const cluster = aDirectCluster(forwarding);
      return censusQuestions(cluster, hostNamed(cluster, 'client1')).map((question) => question.askers);
    };
    expect(askers('dr')).to.deep.equal([3]);
    expect(askers('tun'), 'each in a segment of its own').to.deep.equal([0]);
  });

  it('is among what may run as root on that host alone', () => {
    const cluster = aDirectCluster('dr');
    const scope = rootScope(cluster, hostNamed(cluster, 'rs2'));
    const [own] = scope.own ?? [];
    expect(own?.only).to.equal('192.168.122.12');
    expect(rootCommandsOf(scope, 'ops')).to.include(own);
    expect(own?.optional).to.be.a('string');
    expect(isRootCommand(own?.argv ?? [], 'ops')).to.equal(false);
    expect(isRootCommand(own?.argv ?? [], 'ops', scope.own)).to.equal(true);
    expect(isRootCommand([...(own?.argv ?? []).slice(0, -1), '192.168.122.99'], 'ops', scope.own)).to.equal(false);
  });

  it('is a sudo rule for the host that has the address', () => {
    const cluster = aDirectCluster('dr');
    const own = cluster.realServers.flatMap((each) => censusCommands(cluster, each));
    const question = { role: 'real-server', user: 'ops', tier: 'read', hosts: ['rs1', 'rs2', 'rs3'] } as const;
    const { text } = sudoersFile({ ...question, commands: own });
    expect(text).to.contain(
      'ops 192.168.122.12 = (root) NOPASSWD: /usr/sbin/arping -b -c 1 -I eth0 -s 192.168.122.12 192.168.122.100, \\\n' +
        '    /sbin/arping -b -c 1 -I eth0 -s 192.168.122.12 192.168.122.100, \\\n    /usr/bin/arping',
    );
    expect(text).not.to.contain('Cmnd_Alias');
    expect(text.match(/may be left out: then who answers for the VIP is not asked from there/g)).to.have.length(1);
  });
});
