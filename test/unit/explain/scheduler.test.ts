import { expect } from 'chai';
import fc from 'fast-check';
import { judgeDistribution } from '../../../lib/distribution/judge.ts';
import type { ListedDestination, ListedService } from '../../../lib/model/facts.ts';
import { aFlow, destination, explained, inShort, refusedToTell, ruleOf, service, textOf } from './a-director.ts';

const scheduled = (
  scheduler: string,
  destinations: readonly ListedDestination[],
  extra: readonly string[] = [],
  limits = {},
) => {
  const listed = service({ scheduler, destinations });
  return explained({ services: [listed], rules: [ruleOf(listed, extra, limits)] });
};
const three = (...changes: readonly Partial<ListedDestination>[]) =>
  [3, 2, 1].map((number, index) => destination(number, changes[index]));

describe('explain: the scheduler', () => {
  for (const [scheduler, says] of [
    ['rr', 'the next one after the last it chose'],
    ['wrr', 'its place in the cycle of weights'],
    ['lblc', 'the real server it remembers for the VIP'],
    ['lblcr', 'the set of real servers'],
    ['twos', 'by lot'],
    ['none', 'there is no model of none'],
  ] as const)
    it(`${scheduler}: candidates, and why it cannot be told`, () => {
      const seen = scheduled(scheduler, three({}, { weight: 0 }));
      expect(inShort(seen)).to.equal('rs3|rs1 by scheduler');
      expect(textOf(seen, 'scheduler')).to.contain(says);
      expect(textOf(seen, 'scheduler')).to.contain('rs2 10.10.10.20:80: quiesced, 0 active, 0 inactive');
      expect(seen.lacking).to.deep.equal([]);
      expect(inShort(scheduled(scheduler, three({ weight: 0 }, { weight: 0 })))).to.equal('rs1 by scheduler');
    });

  for (const [scheduler, counts, goes] of [
    ['lc', [{ active: 2 }, { inactive: 300 }, { active: 1, inactive: 100 }], 'rs2'],
    ['wlc', [{ active: 3, weight: 3 }, { active: 2 }, { active: 2 }], 'rs3'],
    ['sed', [{ active: 1, weight: 2 }, { active: 1, inactive: 9 }, { active: 1 }], 'rs3'],
    ['nq', [{ active: 1, weight: 9 }, { inactive: 5 }, {}], 'rs2'],
    ['fo', [{ weight: 2 }, { weight: 5, active: 99 }, { weight: 1 }], 'rs2'],
    ['ovf', [{ weight: 2 }, { weight: 5, active: 6 }, { weight: 1 }], 'rs3'],
  ] as const)
    it(`${scheduler}: decided by the counters as they are now`, () => {
      const seen = scheduled(scheduler, three(...counts));
      expect(inShort(seen)).to.equal(`${goes} by scheduler`);
      expect(textOf(seen, 'scheduler')).to.contain(`: ${goes} 10.10.10.`);
    });

  it('passes over what is full, and says where the kernel does not show it', () => {
    const counts = three({ active: 10 }, { active: 12 }, { active: 13 });
    const full = scheduled('lc', counts, [], { '10.10.10.30': ['-x', '10'] });
    expect(inShort(full)).to.equal('rs2 by scheduler');
    expect(textOf(full, 'scheduler')).to.contain('full: 10 connections, thresholds 10 and three quarters of that');
    const perhaps = scheduled('lc', counts, [], { '10.10.10.30': ['-x', '12'] });
    expect(inShort(perhaps)).to.equal('rs3|rs2 by scheduler');
    expect(textOf(perhaps, 'scheduler')).to.contain('perhaps full');
    const below = scheduled('lc', counts, [], { '10.10.10.30': ['-x', '12', '-y', '11'] });
    expect(inShort(below)).to.equal('rs3 by scheduler');
    const many = Array.from({ length: 12 }, (_, index) => destination(index + 1, { active: 9 }));
    const limits = Object.fromEntries(many.map(({ address }) => [address, ['-x', '10']]));
    const answer = scheduled('lc', many, [], limits).answer;
    expect(answer).to.deep.include({ kind: 'one-of', orRefused: true });
    expect(answer.kind === 'one-of' && answer.to).to.have.lengthOf(12);
  });

  it('refuses with ICMP when nothing may take it', () => {
    expect(inShort(scheduled('wlc', []))).to.equal('icmp-port-unreachable');
    expect(inShort(scheduled('rr', three({ weight: 0 }, { weight: 0 }, { weight: 0 })))).to.equal(
      'icmp-port-unreachable',
    );
    const limits = { '10.10.10.10': ['-x', '1'] };
    expect(inShort(scheduled('rr', [destination(1, { active: 1 })], [], limits))).to.equal('icmp-port-unreachable');
  });

  it('without root: hashes need the flags, counters the thresholds, and each says so', () => {
    for (const scheduler of ['sh', 'mh', 'wlc', 'rr']) {
      const seen = explained({ services: [service({ scheduler })] }, aFlow(), { rules: refusedToTell });
      expect(seen.answer.kind, scheduler).to.equal('one-of');
      expect(seen.lacking.join(), scheduler).to.contain('needs root');
    }
    const one = explained({ services: [service({ scheduler: 'dh', destinations: [destination(1)] })] }, aFlow(), {
      rules: refusedToTell,
    });
    expect(inShort(one)).to.equal('rs1 or refused by scheduler');
  });

  it('mh with a quiesced real server, and sh-port without a port, cannot be told', () => {
    expect(inShort(scheduled('mh', three({ weight: 0 })))).to.equal('rs2|rs1 or refused by scheduler');
    const listed = service({ scheduler: 'sh' });
    const flow = { client: '192.168.122.1', vip: '192.168.122.100', port: 80, protocol: 'tcp' } as const;
    const seen = explained({ services: [listed], rules: [ruleOf(listed, ['-b', 'sh-port'])] }, flow);
    expect(inShort(seen)).to.equal('rs3|rs2|rs1 by scheduler');
    expect(textOf(seen, 'scheduler')).to.contain('give it, as CIP:PORT');
  });

  it('says what it took for the size of the table, unless it was read', () => {
    const listed = service({ scheduler: 'sh' });
    const supposed = explained({ services: [listed] }).answer;
    expect(supposed.kind === 'real-server' && supposed.supposing).to.deep.equal([
      'CONFIG_IP_VS_SH_TAB_BITS is 8, as by default',
    ]);
    const read = explained({ services: [listed] }, aFlow(), { hashSizes: { shTableBits: 8 } }).answer;
    expect(read).to.not.have.property('supposing');
    expect(read.kind === 'real-server' && read.to).to.deep.equal(supposed.kind === 'real-server' && supposed.to);
  });

  const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  const clients = fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 1024, max: 65_535 })), {
    minLength: 1,
    maxLength: 12,
  });

  for (const scheduler of ['sh', 'mh', 'dh'] as const)
    for (const flags of scheduler === 'dh' ? [[]] : [[], [`${scheduler}-port`]])
      it(`${scheduler} ${flags.join()}: as lib/distribution judges by hash`, () => {
        fc.assert(
          fc.property(weights, clients, (given, from) => {
            const destinations = given.map((weight, index) => destination(index + 1, { weight }));
            const listed = service({ scheduler, destinations });
            const rules = [ruleOf(listed, flags.length === 0 ? [] : ['-b', flags.join()])];
            const sources = from.map(([a, b, port]) => {
              const address = `10.99.${a}.${b}`;
              const went = goesTo(listed, rules, address, port);
              return { address, port, counts: { [went]: 100 } };
            });
            const counts: Record<string, number> = {};
            for (const { counts: one } of sources)
              for (const [name, count] of Object.entries(one)) counts[name] = (counts[name] ?? 0) + count;
            const judged = judgeDistribution({
              service: 'web',
              scheduler,
              flags,
              persistenceS: 0,
              vip: listed.address,
              destinations: destinations.map(({ address, port, weight }) => ({ name: address, address, port, weight })),
              kernelOrder: destinations.map(({ address }) => address),
              counts,
              basis: 'director-counters',
              sources,
            });
            expect(judged.outcome, judged.reason).to.not.equal('fail');
            expect(judged.reason).to.match(/go(es)? where|too few|not testable/);
          }),
          { numRuns: 40 },
        );
      });

  function goesTo(
    listed: ListedService,
    rules: ReturnType<typeof ruleOf>[],
    client: string,
    clientPort: number,
  ): string {
    const { answer } = explained({ services: [listed], rules }, aFlow({ client, clientPort }));
    if (answer.kind !== 'real-server') throw new Error(JSON.stringify(answer));
    return answer.to.destination.replace(':80', '');
  }

  it('an older kernel hashes by the lowest bits', () => {
    const listed = service({ scheduler: 'sh' });
    const rules = [ruleOf(listed)];
    const went = (kernel: string) =>
      Array.from({ length: 40 }, (_, index) =>
        inShort(explained({ services: [listed], rules, kernel }, aFlow({ client: `10.9.${index}.${index}` }))),
      );
    expect(went('3.10.0-1160.el7.x86_64')).to.deep.equal(went('4.17.3'));
    expect(went('4.18.0-553.el8')).to.deep.equal(went('6.1.176'));
    expect(went('4.17.3')).to.not.deep.equal(went('6.1.176'));
  });

  it('a quiesced or full real server of sh is refused without sh-fallback, and replaced with it', () => {
    const quiesced = three({ weight: 0 });
    const limits = { '10.10.10.30': ['-x', '1'] };
    const full = three({ active: 1 });
    const from = Array.from({ length: 30 }, (_, index) => `10.9.1.${index}`);
    const all = (
      destinations: readonly ListedDestination[],
      extra: readonly string[],
      own: Record<string, string[]> = {},
    ) => {
      const listed = service({ scheduler: 'sh', destinations });
      const rules = [ruleOf(listed, extra, own)];
      return new Set(from.map((client) => inShort(explained({ services: [listed], rules }, aFlow({ client })))));
    };
    const two = ['rs1 by scheduler', 'rs2 by scheduler'];
    expect([...all(quiesced, [])]).to.have.members([...two, 'icmp-port-unreachable']);
    expect([...all(full, [], limits)]).to.have.members([...two, 'icmp-port-unreachable']);
    expect([...all(quiesced, ['-b', 'sh-fallback'])]).to.have.members(two);
    expect([...all(full, ['-b', 'sh-fallback'], limits)]).to.have.members(two);
  });
});
