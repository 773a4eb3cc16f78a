import { expect } from 'chai';
import { parseCluster } from '../../../lib/config/load.ts';
import { natText, problemsOf, today, underlined } from './cluster-text.ts';

const serviceOf = (text: string) => parseCluster(text, 'cluster.yaml', { today }).virtualServices[0];
/** The file with lines put into its service. */
const withKeys = (...keys: string[]) => natText.replace('protocol: tcp', keys.join('\n    '));
const persistent = (...keys: string[]) => withKeys(...keys).replace('persistence: 0', 'persistence: 300');

describe('keys of a rule', () => {
  it('are read as they are written, and are not there when they were not', () => {
    expect(serviceOf(withKeys('fwmark: 7'))).to.include({ protocol: 'tcp', fwmark: 7, port: 80 });
    const sip = ['protocol: udp', 'persistence_netmask: 255.255.255.0', 'persistence_engine: sip', 'one_packet: true'];
    expect(serviceOf(persistent(...sip))).to.include({
      protocol: 'udp',
      persistenceNetmask: '255.255.255.0',
      persistenceEngine: 'sip',
      onePacket: true,
    });
    const flags = withKeys('scheduler_flags: [mh-port, mh-fallback]').replace('scheduler: rr', 'scheduler: mh');
    expect(serviceOf(flags)).to.deep.include({ schedulerFlags: ['mh-port', 'mh-fallback'] });
    expect(serviceOf(withKeys('scheduler_flags: []'))).to.deep.include({ schedulerFlags: [] });
    expect(serviceOf(natText)).to.not.have.any.keys(
      'fwmark',
      'persistenceNetmask',
      'persistenceEngine',
      'schedulerFlags',
      'onePacket',
    );
    expect(serviceOf(natText)?.destinations[0]).to.not.have.property('thresholds');
  });

  it('take the prefix length of an IPv6 VIP', () => {
    const text = persistent('persistence_netmask: 64')
      .replaceAll('192.168.122.100', 'fd00::64')
      .replaceAll(/rip: 10\.10\.10\./g, 'rip: fd00::');
    expect(serviceOf(text)).to.include({ persistenceNetmask: '64' });
  });

  it('give a destination the thresholds of its real server, unless the service says otherwise', () => {
    const text = natText
      .replace('weight: 1 }', 'weight: 1, thresholds: { upper: 100, lower: 80 } }')
      .replace('rip: 10.10.10.20', 'rip: 10.10.10.20, thresholds: { upper: 5 }')
      .replace('real_servers: all', 'real_servers: [rs1, { name: rs2, thresholds: { upper: 0 } }]');
    expect(serviceOf(text)?.destinations.map(({ thresholds }) => thresholds)).to.deep.equal([
      { upper: 100, lower: 80 },
      { upper: 0, lower: 0 },
    ]);
  });

  const withSecond = (text: string) =>
    text.replace('rules:', '  - { name: two, vip: 192.168.122.100, port: 443, forwarding: nat, fwmark: 7 }\nrules:');
  const cases: readonly (readonly [what: string, text: string, message: RegExp, mark: string, hint?: RegExp])[] = [
    [
      'a mark taken twice',
      withSecond(withKeys('fwmark: 7')),
      /two virtual services have firewall mark 7 for IPv4/,
      '7',
      /`web`/,
    ],
    [
      'a port of its own for a destination of a mark, without NAT',
      withKeys('fwmark: 7')
        .replace('forwarding: nat', 'forwarding: dr')
        .replace('real_servers: all', 'real_servers: [{ name: rs1, port: 81 }]'),
      /a destination has the port of the service, 80/,
      '81',
    ],
    [
      'a flag of another scheduler',
      withKeys('scheduler_flags: [sh-port]'),
      /`sh-port` is a flag of the scheduler sh, and this service has rr/,
      'sh-port',
      /scheduler: sh/,
    ],
    [
      'a flag of no scheduler',
      withKeys('scheduler_flags: [sh-prot]'),
      /cannot be `sh-prot`/,
      'sh-prot',
      /did you mean `sh-port`/,
    ],
    [
      'a flag twice',
      withKeys('scheduler_flags: [sh-port, sh-port]').replace('scheduler: rr', 'scheduler: sh'),
      /in the list twice/,
      'sh-port',
    ],
    ['one packet without UDP', withKeys('one_packet: true'), /`one_packet` is for UDP/, 'true', /protocol: udp/],
    ['a mask without persistence', withKeys('persistence_netmask: 255.255.255.0'), /has no effect/, '255.255.255.0'],
    [
      'a prefix length for IPv4',
      persistent('persistence_netmask: 24'),
      /does not fit a VIP of IPv4/,
      '24',
      /255\.255\.255\.0/,
    ],
    [
      'a mask for IPv6',
      persistent('persistence_netmask: 255.255.255.0').replaceAll('192.168.122.100', 'fd00::64'),
      /does not fit a VIP of IPv6/,
      '255.255.255.0',
      /64/,
    ],
    ['a mask with a hole', persistent('persistence_netmask: 255.0.255.0'), /is no netmask/, '255.0.255.0'],
    ['a mask of zeros', persistent('persistence_netmask: 0.0.0.0'), /is no netmask/, '0.0.0.0'],
    ['a mask out of range', persistent('persistence_netmask: 255.255.256.0'), /is no netmask/, '255.255.256.0'],
    ['an engine without persistence', withKeys('protocol: udp', 'persistence_engine: sip'), /has no effect/, 'sip'],
    ['an engine without UDP', persistent('persistence_engine: sip'), /for SIP over UDP/, 'sip'],
    [
      'thresholds crossed',
      natText.replace('weight: 1 }', 'weight: 1, thresholds: { upper: 10, lower: 11 } }'),
      /`lower` is 11, more than `upper`, which is 10/,
      '11',
    ],
    [
      'a lower threshold alone',
      natText.replace('real_servers: all', 'real_servers: [{ name: rs1, thresholds: { upper: 0, lower: 1 } }]'),
      /no effect without an upper/,
      '1',
    ],
    [
      'no upper threshold',
      natText.replace('weight: 1 }', 'weight: 1, thresholds: { lower: 1 } }'),
      /has no `upper`/,
      '{ lower: 1 }',
    ],
  ];
  for (const [what, text, message, mark, hint] of cases)
    it(`are refused with ${what}`, () => {
      const problems = problemsOf(text);
      const problem = problems.find((each) => message.test(each.message));
      expect(problem, JSON.stringify(problems)).to.exist;
      if (problem === undefined) return;
      expect(underlined(problem)).to.contain(mark);
      if (hint !== undefined) expect(problem.hint).to.match(hint);
    });

  it('are accepted together where they belong together', () => {
    expect(problemsOf(withSecond(natText))).to.deep.equal([]);
    expect(problemsOf(persistent('persistence_netmask: 255.255.255.255'))).to.deep.equal([]);
    expect(problemsOf(withKeys('one_packet: false', 'persistence_engine: none'))).to.deep.equal([]);
  });
});
