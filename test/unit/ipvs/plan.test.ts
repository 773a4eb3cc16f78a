import { expect } from 'chai';
import fc from 'fast-check';
import type { Cluster, Destination, RealServer, VirtualService } from '../../../lib/model/cluster.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../../../lib/model/facts.ts';
import { rulesBatch } from '../../../lib/ipvs/batch.ts';
import { planRules } from '../../../lib/ipvs/plan.ts';
import { rulesDiffer, rulesLines } from '../../../lib/ipvs/words.ts';
import { ruleKey, ruleOf } from '../../../lib/model/service-rule.ts';
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
    checks: { profile: 'standard', custom: [] },
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
      'ipvsadm -E -t 192.168.122.100:80 -s sh -p 300 -M 255.255.255.0 --pe sip -b sh-port',
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

  const marked: VirtualService = { ...web, fwmark: 7 };
  const rs6 = realServer('rs6', 'fd00::10');
  const six: VirtualService = { ...marked, vip: 'fd00::64', destinations: [{ realServer: rs6, port: 80, weight: 1 }] };

  it('knows firewall marks: destinations keep the port of the packet, unless they have one of their own', () => {
    const own = { ...marked, destinations: [...web.destinations, { realServer: rs1, port: 8080, weight: 1 }] };
    expect(commands(clusterOf(own), '')).to.deep.equal([
      'ipvsadm -A -f 7 -s rr',
      'ipvsadm -a -f 7 -r 10.10.10.10:0 -m -w 1',
      'ipvsadm -a -f 7 -r 10.10.10.20:0 -m -w 1',
      'ipvsadm -a -f 7 -r 10.10.10.10:8080 -m -w 1',
    ]);
    expect(commands(clusterOf(six), '-A -f 7 -s lc\n')).to.deep.equal([
      'ipvsadm -A -f 7 -6 -s rr',
      'ipvsadm -a -f 7 -6 -r [fd00::10]:0 -m -w 1',
    ]);
    expect(undos(clusterOf(six), '').at(0)).to.equal('ipvsadm -D -f 7 -6');
    // What the service's own port would be says the same.
    const written = '-A -f 7 -s rr\n-a -f 7 -r 10.10.10.10:80 -m -w 2\n-a -f 7 -r 10.10.10.20:0 -m -w 1\n';
    expect(commands(clusterOf(marked), written)).to.deep.equal(['ipvsadm -e -f 7 -r 10.10.10.10:80 -m -w 1']);
  });

  it('takes a mark above 2^31, which ipvsadm prints with a sign, for the same', () => {
    const high = { ...marked, fwmark: 3_000_000_000, destinations: [] };
    expect(commands(clusterOf(high), '-A -f -1294967296 -s rr\n')).to.deep.equal([]);
  });

  it('takes another way to write an address for the same', () => {
    const save = '-A -t [fd00:0:0::0064]:80 -s rr\n-a -t [FD00::64]:80 -r [fd00:0::10]:80 -m -w 1\n';
    const plain: VirtualService = { ...web, vip: six.vip, destinations: six.destinations };
    expect(commands(clusterOf(plain), save)).to.deep.equal([]);
  });

  it('sets, changes and clears thresholds, and says them again with every other edit', () => {
    const limited = (thresholds?: Destination['thresholds'], weight = 1): Cluster =>
      clusterOf({ ...web, destinations: [{ realServer: rs1, port: 80, weight, ...(thresholds && { thresholds }) }] });
    const save = (words: string) =>
      `-A -t 192.168.122.100:80 -s rr\n-a -t 192.168.122.100:80 -r 10.10.10.10:80 ${words}\n`;
    const edit = 'ipvsadm -e -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w';
    expect(commands(limited({ upper: 50, lower: 40 }), save('-m -w 1'))).to.deep.equal([`${edit} 1 -x 50 -y 40`]);
    expect(commands(limited({ upper: 50, lower: 0 }), save('-m -w 1 -x 50 -y 40'))).to.deep.equal([`${edit} 1 -x 50`]);
    expect(commands(limited({ upper: 0, lower: 0 }), save('-m -w 1 -x 50'))).to.deep.equal([`${edit} 1`]);
    expect(commands(limited({ upper: 50, lower: 0 }), save('-m -w 1 -x 50'))).to.deep.equal([]);
    expect(commands(limited(undefined, 3), save('-m -w 1 -x 50 -y 40'))).to.deep.equal([`${edit} 3 -x 50 -y 40`]);
    expect(undos(limited({ upper: 9, lower: 0 }), save('-m -w 1 -x 50'))).to.deep.equal([`${edit} 1 -x 50`]);
    const [operation] = planRules(limited({ upper: 9, lower: 4 }), parseIpvsRules(save('-m -w 1 -x 50'))).operations;
    expect(operation?.description).to.match(
      /from nat weight 1, at most 50 connections to nat weight 1, at most 9 connections, again below 4$/,
    );
  });

  it('declares flags, mask, engine and one-packet mode over what is there, and clears them', () => {
    const flags: VirtualService = { ...web, scheduler: 'mh', schedulerFlags: ['mh-port', 'mh-fallback'] };
    const lone = (service: VirtualService) => clusterOf({ ...service, destinations: [] });
    const first = (service: VirtualService, save: string) => commands(lone(service), save)[0];
    const at = '192.168.122.100:80';
    expect(first(flags, `-A -t ${at} -s mh`)).to.equal(`ipvsadm -E -t ${at} -s mh -b mh-fallback,mh-port`);
    expect(first(flags, `-A -t ${at} -s mh -b mh-fallback,mh-port`)).to.equal(undefined);
    expect(first({ ...flags, schedulerFlags: [] }, `-A -t ${at} -s mh -b mh-port`)).to.equal(
      `ipvsadm -E -t ${at} -s mh`,
    );
    const udp: VirtualService = { ...web, protocol: 'udp', persistenceS: 60 };
    const sip: VirtualService = {
      ...udp,
      persistenceEngine: 'sip',
      persistenceNetmask: '255.255.255.0',
      onePacket: true,
    };
    expect(first(sip, `-A -u ${at} -s rr -p 60`)).to.equal(
      `ipvsadm -E -u ${at} -s rr -p 60 -M 255.255.255.0 --pe sip --ops`,
    );
    expect(first(sip, `-A -u ${at} -s rr -p 60 -M 255.255.255.0 --pe sip -o`)).to.equal(undefined);
    const none: VirtualService = {
      ...udp,
      persistenceEngine: 'none',
      persistenceNetmask: '255.255.255.255',
      onePacket: false,
    };
    expect(first(none, `-A -u ${at} -s rr -p 60 -M 255.255.255.0 --pe sip -o`)).to.equal(
      `ipvsadm -E -u ${at} -s rr -p 60`,
    );
    expect(first(none, `-A -u ${at} -s rr -p 60`)).to.equal(undefined);
  });

  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1'] as const;
  const vips = ['192.0.2.1', '192.0.2.2', '2001:db8::1'] as const;
  const ports = [80, 81] as const;
  const marks = [undefined, undefined, 7, 3_000_000_000] as const;
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const liveDestination = fc
    .record({
      address: fc.constantFrom(...addresses),
      port: fc.constantFrom(0, ...ports),
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
      fwmark: fc.constantFrom(...marks),
      scheduler: fc.constantFrom('rr', 'wlc', 'sh'),
      persistenceS: fc.constantFrom(0, 300),
      extra: fc.constantFrom<readonly string[]>(
        [],
        ['--ops'],
        ['-b', 'flag-1'],
        ['-b', 'sh-fallback,sh-port'],
        ['-M', '255.255.255.0', '--pe', 'sip'],
      ),
      destinations: fc.uniqueArray(liveDestination, {
        maxLength: 4,
        selector: ({ address, port }) => `${address} ${port}`,
      }),
    })
    .map(({ fwmark, address, extra, ...service }): IpvsService => {
      if (fwmark === undefined) return { ...service, address, extra };
      const family = address.includes(':') ? ['-6'] : [];
      return { ...service, protocol: 'fwmark', address: '', port: 0, fwmark, extra: [...family, ...extra] };
    });
  const live = fc
    .uniqueArray(liveService, { maxLength: 5, selector: ruleKey })
    .map((services): IpvsRules => ({ services }));
  const declaredDestination = fc
    .record({
      address: fc.constantFrom(...addresses),
      port: fc.constantFrom(...ports),
      weight: fc.nat(3),
      thresholds: maybe(fc.constantFrom({ upper: 0, lower: 0 }, { upper: 10, lower: 5 }, { upper: 20, lower: 0 })),
    })
    .map(({ address, thresholds, ...rest }): Destination => ({
      realServer: realServer(address, address),
      ...rest,
      ...(thresholds === undefined ? {} : { thresholds }),
    }));
  const declared = fc
    .uniqueArray(
      fc
        .record({
          protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
          vip: fc.constantFrom(...vips),
          port: fc.constantFrom(...ports),
          fwmark: fc.constantFrom(...marks),
          forwarding: fc.constantFrom('nat' as const, 'dr' as const, 'tun' as const),
          scheduler: fc.constantFrom('rr', 'wlc', 'sh'),
          schedulerFlags: maybe(fc.subarray(['sh-port', 'sh-fallback'])),
          persistenceS: fc.constantFrom(0, 300, 600),
          persistenceNetmask: maybe(fc.constantFrom('255.255.255.0', '255.255.255.255')),
          persistenceEngine: maybe(fc.constantFrom('sip' as const, 'none' as const)),
          onePacket: maybe(fc.boolean()),
          destinations: fc.uniqueArray(declaredDestination, {
            maxLength: 4,
            selector: ({ realServer: { rip }, port }) => `${rip} ${port}`,
          }),
        })
        .map(
          ({ fwmark, schedulerFlags, persistenceNetmask, persistenceEngine, onePacket, ...rest }): VirtualService => ({
            ...web,
            ...rest,
            ...(fwmark === undefined ? {} : { fwmark }),
            ...(schedulerFlags === undefined ? {} : { schedulerFlags }),
            ...(persistenceNetmask === undefined ? {} : { persistenceNetmask }),
            ...(persistenceEngine === undefined ? {} : { persistenceEngine }),
            ...(onePacket === undefined ? {} : { onePacket }),
          }),
        ),
      { minLength: 1, maxLength: 3, selector: (service) => ruleKey(ruleOf(service)) },
    )
    .map((services) => clusterOf(...services.map((service, index) => ({ ...service, name: `s${index}` }))));

  it('leads to the declared state, leaves the rest alone, and back again', () => {
    fc.assert(
      fc.property(declared, live, (cluster, before) => {
        const plan = planRules(cluster, before);
        const { input, undoInput } = rulesBatch('d', plan, { saved: [] });
        const director = new IpvsadmModel(before);
        expect(director.restore(input)).to.deep.equal({ stderr: '', exitCode: 0 });

        for (const service of cluster.virtualServices) mustBeDeclared(service, director.services, before);
        const declaredKeys = new Set(cluster.virtualServices.map((service) => ruleKey(ruleOf(service))));
        const others = (rules: IpvsRules) => rules.services.filter((each) => !declaredKeys.has(ruleKey(each)));
        expect(others(director.rules)).to.deep.equal(others(before));
        expect(planRules(cluster, director.rules).operations).to.deep.equal([]);

        expect(director.restore(undoInput)).to.deep.equal({ stderr: '', exitCode: 0 });
        expect(rulesDiffer(director.rules, before)).to.equal(false);
      }),
      { numRuns: 150 },
    );
  });

  /** Word for word, without the code that made the plan. */
  function mustBeDeclared(service: VirtualService, found: readonly IpvsService[], before: IpvsRules): void {
    const key = ruleKey(ruleOf(service));
    const [rule, old] = [found, before.services].map((services) => services.find((each) => ruleKey(each) === key));
    expect(rule).to.include({ scheduler: service.scheduler, persistenceS: service.persistenceS });
    const words = rule?.extra.join(' ') ?? '';
    if (service.onePacket !== undefined) expect(words.includes('--ops')).to.equal(service.onePacket);
    else expect(words.includes('--ops')).to.equal(old?.extra.includes('--ops') ?? false);
    if (service.schedulerFlags !== undefined)
      expect(/-b (\S+)/.exec(words)?.[1] ?? '').to.equal(service.schedulerFlags.toSorted().join(','));
    if (service.persistenceS === 0) expect(words).to.not.match(/-M|--pe/);
    else if (service.persistenceEngine !== undefined)
      expect(words.includes('--pe sip')).to.equal(service.persistenceEngine === 'sip');
    expect(rule?.destinations).to.have.lengthOf(service.destinations.length);
    for (const { realServer: server, port, weight, thresholds } of service.destinations) {
      const ownPorts = service.fwmark !== undefined && port === service.port ? [0, port] : [port];
      const one = rule?.destinations.find((each) => each.address === server.rip && ownPorts.includes(each.port));
      expect(one).to.include({ forwarding: service.forwarding, weight });
      const limits = one?.extra.join(' ').match(/-x.*$/)?.[0] ?? '';
      if (thresholds !== undefined) expect(limits).to.equal({ 0: '', 10: '-x 10 -y 5', 20: '-x 20' }[thresholds.upper]);
    }
  }

  it('can be taken back from any step, and twice', () => {
    fc.assert(
      fc.property(declared, live, fc.nat(20), (cluster, before, steps) => {
        const { input, undoInput } = rulesBatch('d', planRules(cluster, before), { saved: [] });
        const director = new IpvsadmModel(before);
        director.restore(input.split('\n').slice(0, steps).join('\n'));
        director.restore(undoInput);
        expect(rulesDiffer(director.rules, before)).to.equal(false);
        director.restore(undoInput);
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
