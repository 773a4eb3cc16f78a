import { expect } from 'chai';
import fc from 'fast-check';
import type { Cluster, Destination, RealServer, VirtualService } from '../../../lib/model/cluster.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../../../lib/model/facts.ts';
import { planRules } from '../../../lib/ipvs/plan.ts';
import { rulesDiffer, rulesLines } from '../../../lib/ipvs/words.ts';
import { parseIpvsRules } from '../../../lib/parse/ipvs-rules.ts';
import { IpvsadmModel } from './ipvsadm-model.ts';

const realServer = (name: string, rip: string): RealServer => ({
  role: 'real-server',
  name,
  host: name,
  rip,
  weight: 1,
});
const rs1 = realServer('rs1', '10.10.10.10');
const rs2 = realServer('rs2', '10.10.10.20');

const web: VirtualService = {
  name: 'web',
  vip: '192.168.122.100',
  port: 80,
  protocol: 'tcp',
  forwarding: 'nat',
  scheduler: 'rr',
  persistenceS: 0,
  destinations: [
    { realServer: rs1, port: 80, weight: 1 },
    { realServer: rs2, port: 80, weight: 1 },
  ],
  health: { httpPath: '/', expectStatus: 200 },
  identifyBy: { kind: 'none' },
};

function clusterOf(...virtualServices: VirtualService[]): Cluster {
  return {
    name: 'c',
    environment: 'lab',
    file: '/cluster.yaml',
    ssh: { become: 'none', parallel: 1 },
    directors: [],
    realServers: [rs1, rs2],
    clients: [],
    dns: [],
    virtualServices,
    rules: { managedBy: 'ipvsadm' },
    loadProfiles: [],
    thresholds: [],
    waivers: [],
  };
}

const commands = (cluster: Cluster, save: string): string[] =>
  planRules(cluster, parseIpvsRules(save)).operations.map(({ argv }) => argv.join(' '));
const undos = (cluster: Cluster, save: string): string[] =>
  planRules(cluster, parseIpvsRules(save)).operations.map(({ undo }) => undo.join(' '));

const asDeclared = `-A -t 192.168.122.100:80 -s rr
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1
-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1
`;

describe('planRules', () => {
  it('is empty when the director has what is declared, in any order', () => {
    expect(commands(clusterOf(web), asDeclared)).to.deep.equal([]);
    const [service, one, two] = asDeclared.trim().split('\n');
    expect(commands(clusterOf(web), [service, two, one].join('\n'))).to.deep.equal([]);
  });

  it('adds a service and its destinations, and takes them back', () => {
    expect(commands(clusterOf(web), '')).to.deep.equal([
      'ipvsadm -A -t 192.168.122.100:80 -s rr',
      'ipvsadm -a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1',
      'ipvsadm -a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1',
    ]);
    expect(undos(clusterOf(web), '')).to.deep.equal([
      'ipvsadm -D -t 192.168.122.100:80',
      'ipvsadm -d -t 192.168.122.100:80 -r 10.10.10.10:80',
      'ipvsadm -d -t 192.168.122.100:80 -r 10.10.10.20:80',
    ]);
  });

  it('says each step in words with names and values', () => {
    const live = parseIpvsRules(
      asDeclared.replace('-s rr', '-s wlc -p 300').replace('-r 10.10.10.20:80 -m -w 1', '-r 10.10.10.30:80 -m -w 2'),
    );
    expect(
      planRules(clusterOf(web), live).operations.map(({ kind, description }) => [kind, description]),
    ).to.deep.equal([
      ['edit-service', 'web: change service tcp 192.168.122.100:80 from wlc persistent 300 s to rr'],
      ['add-destination', 'web: add destination rs2 (10.10.10.20:80) nat weight 1'],
      ['remove-destination', 'web: remove destination 10.10.10.30:80 nat weight 2, which is not declared'],
    ]);
  });

  it('edits in place, so that connections stay, and restores every word', () => {
    const save = `-A -t 192.168.122.100:80 -s sh -p 300 -M 255.255.255.0 -b sh-port --pe sip
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -i -w 5 --tun-type gue --tun-port 6080 --tun-nocsum -x 100 -y 80
-a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1
`;
    expect(commands(clusterOf(web), save)).to.deep.equal([
      'ipvsadm -E -t 192.168.122.100:80 -s rr',
      'ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1 -x 100 -y 80',
    ]);
    expect(undos(clusterOf(web), save)).to.deep.equal([
      'ipvsadm -E -t 192.168.122.100:80 -s sh -p 300 -M 255.255.255.0 -b sh-port --pe sip',
      'ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -i -w 5 --tun-type gue --tun-port 6080 --tun-nocsum -x 100 -y 80',
    ]);
  });

  it('keeps what the cluster file does not speak of', () => {
    const persistent = { ...web, persistenceS: 600 };
    const save = asDeclared.replace('-s rr', '-s rr -p 300 -M 255.255.255.0 --ops');
    expect(commands(clusterOf(persistent), save)).to.deep.equal([
      'ipvsadm -E -t 192.168.122.100:80 -s rr -p 600 -M 255.255.255.0 --ops',
    ]);
    expect(commands(clusterOf(web), asDeclared.replace('-s rr', '-s rr --ops'))).to.deep.equal([]);
  });

  it('takes a destination that old kernels show as local for what was asked', () => {
    const local = asDeclared.replace('10.10.10.10:80 -m', '10.10.10.10:80 -l');
    expect(commands(clusterOf(web), local)).to.deep.equal([]);
  });

  it('speaks of other services only as untouched', () => {
    const others =
      '-A -t 192.168.122.100:443 -s wlc\n-A -u 192.168.122.100:80 -s rr\n-A -f 7 -s rr\n-A -f 7 -6 -s rr\n';
    const plan = planRules(clusterOf(web), parseIpvsRules(asDeclared + others));
    expect(plan).to.deep.equal({
      operations: [],
      untouched: ['tcp 192.168.122.100:443', 'udp 192.168.122.100:80', 'fwmark 7', 'fwmark 7 IPv6'],
    });
  });

  it('knows udp, sctp, IPv6, dr and tun', () => {
    const v6 = realServer('rs6', 'fd00::10');
    const services: VirtualService[] = [
      {
        ...web,
        name: 'dns',
        protocol: 'udp',
        port: 53,
        forwarding: 'dr',
        destinations: [{ realServer: rs1, port: 53, weight: 1 }],
      },
      {
        ...web,
        name: 'sig',
        protocol: 'sctp',
        port: 2905,
        forwarding: 'tun',
        destinations: [{ realServer: rs1, port: 2905, weight: 0 }],
      },
      {
        ...web,
        name: 'six',
        vip: '2001:db8::64',
        persistenceS: 50,
        destinations: [{ realServer: v6, port: 8080, weight: 1 }],
      },
    ];
    expect(commands(clusterOf(...services), '')).to.deep.equal([
      'ipvsadm -A -u 192.168.122.100:53 -s rr',
      'ipvsadm -a -u 192.168.122.100:53 -r 10.10.10.10:53 -g -w 1',
      'ipvsadm -A --sctp-service 192.168.122.100:2905 -s rr',
      'ipvsadm -a --sctp-service 192.168.122.100:2905 -r 10.10.10.10:2905 -i -w 0',
      'ipvsadm -A -t [2001:db8::64]:80 -s rr -p 50',
      'ipvsadm -a -t [2001:db8::64]:80 -r [fd00::10]:8080 -m -w 1',
    ]);
  });

  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1'] as const;
  const vips = ['192.0.2.1', '192.0.2.2', '2001:db8::1'] as const;
  const ports = [80, 81] as const;
  const liveDestination = fc
    .record({
      address: fc.constantFrom(...addresses),
      port: fc.constantFrom(...ports),
      forwarding: fc.constantFrom('nat' as const, 'dr' as const, 'tun' as const),
      weight: fc.nat(3),
      limits: fc.constantFrom<readonly string[]>([], ['-x', '10'], ['-x', '10', '-y', '5']),
      tunnel: fc.constantFrom<readonly string[]>([], ['--tun-type', 'gue', '--tun-port', '6080', '--tun-csum']),
    })
    .map(({ limits, tunnel, ...rest }): IpvsDestination => ({
      ...rest,
      extra: [...(rest.forwarding === 'tun' ? tunnel : []), ...limits],
    }));
  const liveService = fc
    .record({
      protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
      address: fc.constantFrom(...vips),
      port: fc.constantFrom(...ports),
      scheduler: fc.constantFrom('rr', 'wlc', 'sh'),
      persistenceS: fc.constantFrom(0, 300),
      extra: fc.constantFrom<readonly string[]>(
        [],
        ['--ops'],
        ['-b', 'flag-1'],
        ['-M', '255.255.255.0', '--pe', 'sip'],
      ),
      destinations: fc.uniqueArray(liveDestination, {
        maxLength: 4,
        selector: ({ address, port }) => `${address} ${port}`,
      }),
    })
    .map((service): IpvsService => service);
  const live = fc
    .uniqueArray(liveService, {
      maxLength: 5,
      selector: ({ protocol, address, port }) => `${protocol} ${address} ${port}`,
    })
    .map((services): IpvsRules => ({ services }));
  const declaredDestination = fc
    .record({ address: fc.constantFrom(...addresses), port: fc.constantFrom(...ports), weight: fc.nat(3) })
    .map(({ address, port, weight }): Destination => ({ realServer: realServer(address, address), port, weight }));
  const declared = fc
    .uniqueArray(
      fc.record({
        protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
        vip: fc.constantFrom(...vips),
        port: fc.constantFrom(...ports),
        forwarding: fc.constantFrom('nat' as const, 'dr' as const, 'tun' as const),
        scheduler: fc.constantFrom('rr', 'wlc', 'sh'),
        persistenceS: fc.constantFrom(0, 300, 600),
        destinations: fc.uniqueArray(declaredDestination, {
          maxLength: 4,
          selector: ({ realServer: { rip }, port }) => `${rip} ${port}`,
        }),
      }),
      { minLength: 1, maxLength: 3, selector: ({ protocol, vip, port }) => `${protocol} ${vip} ${port}` },
    )
    .map((services) => clusterOf(...services.map((service, index) => ({ ...web, name: `s${index}`, ...service }))));

  it('leads to the declared state, leaves the rest alone, and back again', () => {
    fc.assert(
      fc.property(declared, live, (cluster, before) => {
        const { operations } = planRules(cluster, before);
        const director = new IpvsadmModel(before);
        for (const { argv } of operations) director.run(argv);

        for (const service of cluster.virtualServices) {
          const found = director.services.find(
            ({ protocol, address, port }) =>
              protocol === service.protocol && address === service.vip && port === service.port,
          );
          expect(found).to.include({ scheduler: service.scheduler, persistenceS: service.persistenceS });
          const destinations = found?.destinations.map(({ address, port, forwarding, weight }) => ({
            address,
            port,
            forwarding,
            weight,
          }));
          expect(destinations).to.have.deep.members(
            service.destinations.map((each) => ({
              address: each.realServer.rip,
              port: each.port,
              forwarding: service.forwarding,
              weight: each.weight,
            })),
          );
        }
        const others = (rules: IpvsRules): IpvsService[] =>
          rules.services.filter(
            ({ protocol, address, port }) =>
              !cluster.virtualServices.some(
                (each) => each.protocol === protocol && each.vip === address && each.port === port,
              ),
          );
        expect(others(director.rules)).to.deep.equal(others(before));
        expect(planRules(cluster, director.rules).operations).to.deep.equal([]);

        for (const { undo } of operations.toReversed()) director.run(undo);
        expect(rulesDiffer(director.rules, before)).to.equal(false);
      }),
      { numRuns: 300 },
    );
  });

  it('can be taken back from any step', () => {
    fc.assert(
      fc.property(declared, live, fc.nat(20), (cluster, before, steps) => {
        const done = planRules(cluster, before).operations.slice(0, steps);
        const director = new IpvsadmModel(before);
        for (const { argv } of done) director.run(argv);
        for (const { undo } of done.toReversed()) director.run(undo);
        expect(rulesDiffer(director.rules, before)).to.equal(false);
      }),
      { numRuns: 100 },
    );
  });

  it('rules as text are read back as they were', () => {
    fc.assert(
      fc.property(live, (rules) => {
        expect(parseIpvsRules(rulesLines(rules).join('\n'))).to.deep.equal(rules);
      }),
      { numRuns: 100 },
    );
  });
});

describe('rulesDiffer', () => {
  it('does not mind the order', () => {
    const rules = parseIpvsRules(`${asDeclared}-A -t 10.0.0.1:80 -s rr\n`);
    expect(rulesDiffer(rules, { services: rules.services.toReversed() })).to.equal(false);
  });

  it('sees a weight, a threshold and a service that is gone', () => {
    const rules = parseIpvsRules(asDeclared);
    for (const other of [asDeclared.replace('-w 1', '-w 2'), asDeclared.replace('-w 1', '-w 1 -x 5'), ''])
      expect(rulesDiffer(rules, parseIpvsRules(other))).to.equal(true);
  });
});
