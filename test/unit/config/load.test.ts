import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { loadCluster, parseCluster } from '../../../lib/config/load.ts';
import { ConfigError } from '../../../lib/config/problem.ts';
import { natText, problemsOf, today, underlined } from './cluster-text.ts';

describe('parseCluster', () => {
  it('fills in every default and keeps the order of the file', () => {
    const cluster = parseCluster(
      `version: 1
name: small
environment: lab
directors: [{ name: d1, dip: 10.0.0.1, interface: eth0 }]
real_servers: [{ name: b, rip: 10.0.0.12 }, { name: a, rip: 10.0.0.11, weight: 4 }]
virtual_services: [{ name: web, vip: 10.0.0.100, port: 80, forwarding: dr }]
`,
      '/etc/small.yaml',
    );
    expect(cluster.directors).to.deep.equal([
      { role: 'director', name: 'd1', host: 'd1', dip: '10.0.0.1', interface: 'eth0', vipInterface: 'eth0' },
    ]);
    const b = { role: 'real-server', name: 'b', host: 'b', rip: '10.0.0.12', weight: 1 };
    const a = { role: 'real-server', name: 'a', host: 'a', rip: '10.0.0.11', weight: 4 };
    expect(cluster.virtualServices).to.deep.equal([
      {
        name: 'web',
        vip: '10.0.0.100',
        port: 80,
        protocol: 'tcp',
        forwarding: 'dr',
        scheduler: 'wlc',
        persistenceS: 0,
        destinations: [
          { realServer: b, port: 80, weight: 1 },
          { realServer: a, port: 80, weight: 4 },
        ],
        health: { httpPath: '/', expectStatus: 200 },
        identifyBy: { kind: 'none' },
      },
    ]);
    expect(cluster).to.deep.include({
      file: '/etc/small.yaml',
      ssh: { become: 'sudo', parallel: 32 },
      clients: [],
      rules: { managedBy: 'ipvsadm' },
      loadProfiles: [
        { name: 'smoke', mode: 'ab', requests: 2000, concurrency: 50, timeoutMs: 5000, abortAfterFailures: 50 },
      ],
      thresholds: [],
      waivers: [],
      checks: { profile: 'standard', custom: [] },
    });
  });

  it('reads every key of the published example', () => {
    const cluster = parseCluster(natText, 'cluster.yaml', { today });
    expect(cluster.virtualServices[0]).to.deep.include({
      scheduler: 'rr',
      identifyBy: { kind: 'header', name: 'X-Real-Server' },
    });
    expect(cluster.thresholds).to.deep.equal([{ load: 'smoke', metric: 'errors.rate', max: 0.001 }]);
    expect(cluster.waivers).to.have.lengthOf(1);
    expect(cluster.clients[0]).not.to.have.property('user');
    expect(cluster.realServers[0]).to.deep.include({ user: 'ops', jump: 'director1' });
  });

  it('prints IPv6 addresses as the kernel does', () => {
    const text = natText
      .replaceAll('192.168.122.100', '2001:DB8:0:0::0064')
      .replaceAll(/rip: 10\.10\.10\./g, 'rip: fd00:0::');
    const cluster = parseCluster(text, 'cluster.yaml', { today });
    expect(cluster.virtualServices[0]?.vip).to.equal('2001:db8::64');
    expect(cluster.realServers.map(({ rip }) => rip)).to.deep.equal(['fd00::10', 'fd00::20']);
  });

  it('gives destinations the port and weight the service names for them', () => {
    const text = natText.replace('real_servers: all', 'real_servers: [rs2, { name: rs1, port: 8080, weight: 0 }]');
    const destinations = parseCluster(text, 'cluster.yaml', { today }).virtualServices[0]?.destinations;
    expect(destinations?.map(({ realServer, port, weight }) => [realServer.name, port, weight])).to.deep.equal([
      ['rs2', 80, 1],
      ['rs1', 8080, 0],
    ]);
  });

  it('completes a declared profile, and keeps smoke beside it', () => {
    const text = natText.replace('{ smoke: {', '{ soak: { timeout: 250ms, time_limit: 2m, abort_after_failures: 7,');
    const profiles = parseCluster(text, 'cluster.yaml', { today }).loadProfiles;
    expect(profiles.map(({ name }) => name)).to.deep.equal(['smoke', 'soak']);
    expect(profiles[1]).to.deep.include({ timeoutMs: 250, timeLimitMs: 120_000, abortAfterFailures: 7 });
  });

  it('takes ssh.config from beside the file', () => {
    const text = natText.replace('become: sudo', 'become: sudo, config: ssh_config');
    expect(parseCluster(text, '/etc/lvs/cluster.yaml', { today }).ssh.configFile).to.equal('/etc/lvs/ssh_config');
  });

  it('reads JSON, tabs, CRLF, a byte order mark, anchors and merge keys', () => {
    const json = JSON.stringify(
      {
        version: 1,
        name: 'j',
        environment: 'lab',
        directors: [{ name: 'd', dip: '10.0.0.1', interface: 'eth0' }],
        real_servers: [{ name: 'r', rip: '10.0.0.2' }],
        virtual_services: [{ name: 'web', vip: '10.0.0.3', port: 80, forwarding: 'nat' }],
      },
      undefined,
      '\t',
    );
    expect(problemsOf(json)).to.deep.equal([]);
    expect(problemsOf(`\ufeff${natText.replaceAll('\n', '\r\n')}`)).to.deep.equal([]);
    const merged = natText
      .replace('- { name: rs1, host: 10.10.10.10, jump: director1,', '- &rs { name: rs1, jump: director1,')
      .replace('{ name: rs2, host: 10.10.10.20, jump: director1, rip', '{ <<: *rs, name: rs2, rip');
    expect(problemsOf(merged)).to.deep.equal([]);
    expect(parseCluster(merged, 'x', { today }).realServers[1]).to.deep.include({ jump: 'director1', host: 'rs2' });
  });
});

describe('problems of a cluster file', () => {
  /** [what, replaced, by, message, what the caret underlines, hint] */
  const cases: readonly (readonly [string, string | RegExp, string, string | RegExp, string, (string | RegExp)?])[] = [
    ['unknown key', 'scheduler: rr', 'sheduler: rr', /unknown key `sheduler`/, 'sheduler', 'did you mean `scheduler`?'],
    [
      'unknown key, nothing near',
      'rules: {',
      'rules: { zzz: 1,',
      /unknown key `zzz`/,
      'zzz',
      /it can have `managed_by`/,
    ],
    ['firewall mark 0', 'protocol: tcp', 'fwmark: 0', /`fwmark` is `0`; the least is 1/, '0'],
    ['misspelt required key', 'dip:', 'dpi:', /unknown key `dpi`/, 'dpi', 'did you mean `dip`?'],
    ['missing key', 'forwarding: nat\n', '\n', /`virtual_services` has no `forwarding`/, 'name: web'],
    ['missing key at the top', 'environment: preprod\n', '', /has no `environment`/, 'version: 1'],
    [
      'value outside a list of words',
      'scheduler: rr',
      'scheduler: rrr',
      /`scheduler` cannot be `rrr`/,
      'rrr',
      /did you mean `rr`/,
    ],
    ['YAML 1.1 boolean', 'environment: preprod', 'environment: on', /`environment` cannot be `on`/, 'on'],
    ['later version', 'version: 1', 'version: 2', /`version` cannot be `2`/, '2', 'it is always `1`'],
    ['number for text', 'name: rs1', 'name: 1', /`name` must be text, not `1`/, '1', "quote it: '1'"],
    [
      'text for a number',
      'port: 80',
      'port: "80"',
      /`port` must be a whole number/,
      '"80"',
      'write it without quotes: 80',
    ],
    ['fraction', 'weight: 1', 'weight: 1.5', /must be a whole number, not `1.5`/, '1.5'],
    ['above a limit', 'port: 80', 'port: 65536', /`port` is `65536`; the most is 65535/, '65536'],
    ['below a limit', 'requests: 2000', 'requests: 0', /`requests` is `0`; the least is 1/, '0'],
    ['no value', 'rules: { managed_by: ipvsadm }', 'rules:', /`rules` has no value/, 'rules'],
    ['list for a mapping', 'rules: { managed_by: ipvsadm }', 'rules: [a]', /`rules` must be a mapping/, '[a]'],
    ['mapping for a list', 'dns: [{ name', 'dns: {a: [{ name', /flow/, ''],
    [
      'address with a port',
      'vip: 192.168.122.100',
      'vip: 192.168.122.100:80',
      /is not an IPv4 or IPv6 address/,
      '192.168.122.100:80',
      /192\.168\.122\.100; the port has its own key/,
    ],
    [
      'address with a prefix',
      'dip: 10.10.10.1',
      'dip: 10.10.10.1/24',
      /is not an/,
      '10.10.10.1/24',
      'write the address alone: 10.10.10.1',
    ],
    [
      'octet with a leading zero',
      'rip: 10.10.10.20',
      'rip: 10.10.10.020',
      /is not an/,
      '10.10.10.020',
      /leading zeros/,
    ],
    [
      'address that no host has',
      'cip: 192.168.122.1',
      'cip: 224.0.0.5',
      /cannot be a CIP: it is a multicast/,
      '224.0.0.5',
    ],
    ['name with a space', 'name: web\n', 'name: my web\n', /`name` cannot be `my web`/, 'my web', /letters, digits/],
    ['word for real_servers', 'real_servers: all', 'real_servers: any', /must be `all` or a list, not `any`/, 'any'],
    [
      'two ways to identify',
      'header: X-Real-Server',
      'header: X, body: y',
      /`header` or `body` or `certificate`, not several/,
      'body',
    ],
    ['neither way to identify', 'header: X-Real-Server', 'haeder: X', /unknown key `haeder`/, 'haeder', /`header`/],
    ['header with a value', 'header: X-Real-Server', 'header: "X: y"', /`header` cannot be/, '"X: y"', /header alone/],
    ['broken pattern', 'header: X-Real-Server', 'body: "(a"', /no regular expression/, '"(a"'],
    ['duration without a unit', 'mode: ab', 'timeout: "5"', /`timeout` cannot be `5`/, '"5"', /500ms/],
    ['duration of nothing', 'mode: ab', 'timeout: 0s', /0s is not between/, '0s'],
    ['name of a profile', '{ smoke:', '{ "a b": {}, smoke:', /`a b` cannot be a name/, '"a b"'],
    ['more at a time than in all', 'requests: 2000', 'requests: 10', /50 at a time is more than all 10/, '50'],
    ['key twice', 'protocol: tcp', 'port: 81', /twice/, 'port'],
    [
      'two hosts of one name',
      'name: rs2',
      'name: director1',
      /two hosts are called `director1`/,
      'director1',
      /`directors`/,
    ],
    [
      'two real servers of one RIP',
      'rip: 10.10.10.20',
      'rip: 10.10.10.10',
      /two real servers have the RIP/,
      '10.10.10.10',
      /`rs1`/,
    ],
    ['VIP of a host', 'vip: 192.168.122.100', 'vip: 10.10.10.20', /also the RIP of `rs2`/, '10.10.10.20'],
    ['VIP of a client', 'vip: 192.168.122.100', 'vip: 192.168.122.1', /also the CIP of `client1`/, '192.168.122.1'],
    [
      'families apart',
      'rip: 10.10.10.20',
      'rip: fd00::20',
      /`rs2` has an IPv6 address and the VIP is IPv4/,
      '192.168.122.100',
      /only tun/,
    ],
    [
      'unknown jump',
      'jump: director1, rip: 10.10.10.10',
      'jump: diretcor1, rip: 10.10.10.10',
      /no host `diretcor1`/,
      'diretcor1',
      /`director1`/,
    ],
    [
      'jump to itself',
      'jump: director1, rip: 10.10.10.10',
      'jump: rs1, rip: 10.10.10.10',
      /in a circle: rs1 → rs1/,
      'rs1',
    ],
    ['jump cycle', 'interface: eth1', 'interface: eth1, jump: rs2', /in a circle: director1 → rs2 → director1/, 'rs2'],
    ['unknown real server', 'real_servers: all', 'real_servers: [rs1, rs22]', /no real server `rs22`/, 'rs22', /`rs2`/],
    ['real server twice', 'real_servers: all', 'real_servers: [rs1, rs1]', /in the list twice/, 'rs1'],
    ['empty list', 'real_servers: all', 'real_servers: []', /`real_servers` is empty/, '[]'],
    ['netns elsewhere', 'host: localhost', 'netns: a, host: lb9', /for clients on this machine/, 'a'],
    ['unknown profile', 'load: smoke', 'load: smok', /no load profile `smok`/, 'smok', /`smoke`/],
    ['unknown metric', 'errors.rate', 'error.rate', /no metric `error.rate`/, 'error.rate', /`errors.rate`/],
    ['threshold without a limit', ', max: 0.1%', '', /has `max` or `min`/, '{ load: smoke, metric: errors.rate }'],
    ['limit of another kind', 'max: 0.1%', 'max: 250ms', /cannot be a limit on errors.rate/, '250ms', /0\.1%/],
    ['limit above all', 'max: 0.1%', 'max: 5', /cannot be a limit/, '5', /from 0 to 1/],
    ['limits crossed', 'max: 0.1%', 'max: 0.1%, min: 5%', /more than `max`/, '5%'],
    ['expired waiver', 'expires: 2027-01-31', 'expires: 2026-11-21', /expired on 2026-11-21/, '2026-11-21'],
    ['day that never was', 'expires: 2027-01-31', 'expires: 2027-02-30', /no day 2027-02-30/, '2027-02-30'],
    [
      'waiver of an unknown host',
      'hosts: [director1]',
      'hosts: [director2]',
      /no host `director2`/,
      'director2',
      /`director1`/,
    ],
    ['tab', '    port: 80', '\tport: 80', /a tab/, '\t'],
    ['second document', 'rules:', '---\nrules:', /second document/, '---'],
    ['two keys on a line', 'name: web\n', 'name: web: x\n', /same line/, ''],
    ['foreign tag', 'port: 80', 'port: !int 80', /a tag/, '!int'],
    ['alias to nothing', 'port: 80', 'port: *nothing', /nothing/, ''],
  ];
  for (const [what, from, to, message, mark, hint] of cases)
    it(what, () => {
      const text = natText.replace(from, to);
      expect(text).not.to.equal(natText);
      const problems = problemsOf(text);
      const problem = problems.find((each) =>
        message instanceof RegExp ? message.test(each.message) : each.message === message,
      );
      expect(problem, JSON.stringify(problems)).to.exist;
      if (problem === undefined) return;
      expect(problem.sourceLine).to.equal(text.split('\n')[problem.line - 1]);
      if (mark !== '') expect(underlined(problem)).to.contain(mark);
      if (typeof hint === 'string') expect(problem.hint).to.contain(hint);
      if (hint instanceof RegExp) expect(problem.hint).to.match(hint);
    });

  it('has nothing against a healthy file, and one problem for one mistake', () => {
    expect(problemsOf(natText)).to.deep.equal([]);
    for (const [from, to] of [
      ['dip:', 'dpi:'],
      ['scheduler: rr', 'scheduler: rrr'],
      ['header: X-Real-Server', 'haeder: X'],
      ['name: rs1', 'name: 1'],
      ['real_servers: all', 'real_servers: [rs1, rs22]'],
    ] as const)
      expect(problemsOf(natText.replace(from, to)), to).to.have.lengthOf(1);
  });

  it('tells form and meaning at once, in the order of the file', () => {
    const text = natText
      .replace('environment: preprod', 'environment: prod')
      .replace('jump: director1, rip: 10.10.10.10', 'jump: director9, rip: 10.10.10.10')
      .replace('port: 80', 'port: eighty')
      .replace('expires: 2027-01-31', 'expires: 2025-01-31');
    const lines = problemsOf(text).map(({ line }) => line);
    expect(lines).to.deep.equal([3, 8, 16, 29]);
  });

  it('lets a port differ with nat, and not with dr or tun', () => {
    const other = natText.replace('real_servers: all', 'real_servers: [{ name: rs1, port: 8080 }]');
    expect(problemsOf(other)).to.deep.equal([]);
    for (const forwarding of ['dr', 'tun']) {
      const [problem, ...rest] = problemsOf(other.replace('forwarding: nat', `forwarding: ${forwarding}`));
      expect(rest).to.deep.equal([]);
      expect(problem && underlined(problem)).to.equal('8080');
    }
  });

  it('lets a tunnel mix address families, and one address serve two ports', () => {
    expect(
      problemsOf(natText.replace('forwarding: nat', 'forwarding: tun').replaceAll(/rip: 10\.10\.10\./g, 'rip: fd00::')),
    ).to.deep.equal([]);
    const second = '  - { name: tls, vip: 192.168.122.100, port: 443, forwarding: nat }\nrules:';
    expect(problemsOf(natText.replace('rules:', second))).to.deep.equal([]);
    expect(problemsOf(natText.replace('rules:', second.replace('443', '80')))[0]?.message).to.match(
      /tcp 192\.168\.122\.100:80/,
    );
  });

  for (const [what, text, message] of [
    ['empty', '', /is empty/],
    ['comments only', '# nothing\n', /is empty/],
    ['a word', 'hello\n', /is a mapping/],
    ['a list', '- a\n', /is a mapping/],
    ['binary', '\u007fELF\u0001\u0000', /not a text file/],
    ['brackets without end', '['.repeat(50_000), /nested too deeply/],
    ['dashes without end', '- '.repeat(50_000), /nested too deeply/],
    [
      'indentation without end',
      Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      /nested too deeply/,
    ],
    ['aliases that multiply', bomb(), /Excessive alias count|excessive alias count/],
  ] as const)
    it(`${what} is a problem, not a crash`, () => {
      const [problem] = problemsOf(text);
      expect(problem?.message).to.match(message);
      expect(problem?.line).to.be.greaterThan(0);
    });

  it('any change to a valid file loads, or is a problem with a place in the file', () => {
    const characters = Array.from(':{}[],-#&*!|>\'"%@`\t\n\r 0aé\u0000\ud800');
    const edit = fc.record({
      at: fc.nat(natText.length),
      remove: fc.nat(12),
      insert: fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.array(fc.constantFrom(...characters), { maxLength: 6 }).map((list) => list.join('')),
        fc.constantFrom(
          '__proto__: 1\n',
          'constructor: {}\n',
          '<<: *a',
          '? [a]: b',
          'null',
          '1e999',
          '.nan',
          '~',
          '-0',
          '"\\ud800"',
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const text = edits.reduce(
          (all, { at, remove, insert }) => all.slice(0, at) + insert + all.slice(at + remove),
          natText,
        );
        const lines = text.replace(/^\ufeff/, '').split('\n');
        for (const { line, column, length, sourceLine, message } of problemsOf(text)) {
          expect(line).to.be.within(1, lines.length);
          const whole = (lines[line - 1] ?? '').replace(/\r$/, '');
          expect(sourceLine.replaceAll('\t', ' ')).to.equal(whole.replaceAll('\t', ' '));
          expect(column).to.be.within(1, whole.length + 1);
          expect(length).to.be.within(1, Math.max(1, whole.length - column + 1));
          expect(message).not.to.equal('');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('any value in place of any part is judged', () => {
    const file = JSON.parse(JSON.stringify({ text: natText })) as { text: string };
    const words = file.text.match(/[A-Za-z0-9_.%/-]+/g) ?? [];
    fc.assert(
      fc.property(fc.nat(words.length - 1), fc.jsonValue({ maxDepth: 3 }), (index, value) => {
        let seen = -1;
        const text = file.text.replaceAll(/[A-Za-z0-9_.%/-]+/g, (word) =>
          ++seen === index ? JSON.stringify(value) : word,
        );
        for (const { line } of problemsOf(text)) expect(line).to.be.within(1, text.split('\n').length);
      }),
      { numRuns: 150 },
    );
  });
});

/** Nine levels of nine aliases: 9^9 values from 300 characters. */
function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) =>
    level === 0
      ? 'a0: &a0 [x, x]'
      : `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
  );
  return `${levels.join('\n')}\n`;
}

describe('loadCluster', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvet-config-'));
  });
  after(() => rm(folder, { recursive: true }));

  const failure = async (file: string): Promise<ConfigError> => {
    try {
      await loadCluster(file);
    } catch (error) {
      if (error instanceof ConfigError) return error;
      throw error;
    }
    throw new Error(`${file} loaded`);
  };

  it('reads a file', async () => {
    const file = join(folder, 'cluster.yaml');
    await writeFile(file, natText);
    expect((await loadCluster(file)).file).to.equal(file);
  });

  it('names a file that is not there, a folder and one that is too large', async () => {
    expect((await failure(join(folder, 'none.yaml'))).message).to.match(/none\.yaml: .*no such file/);
    expect((await failure(folder)).message).to.match(/is a directory/);
    const large = join(folder, 'large.yaml');
    await writeFile(large, 'x'.repeat(10 * 1024 * 1024));
    expect((await failure(large)).message).to.match(/larger than 256 KiB/);
  });

  it('carries all problems, and says how many there are in one line', async () => {
    const file = join(folder, 'bad.yaml');
    await writeFile(file, natText.replace('port: 80', 'port: 0').replace('name: web\n', 'nmae: web\n'));
    const error = await failure(file);
    expect(error).to.include({ code: 'CONFIG' });
    expect(error.problems).to.have.lengthOf(2);
    expect(error.message).to.match(/bad\.yaml:14:5: unknown key `nmae`.* \(and 1 more problem\)$/);
  });
});
