/** Checks of one's own, --skip and waivers, from the command line to the reports, on this machine as every host. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { RunRecord } from '../../../lib/model/run-record.ts';

const bin = fileURLToPath(new URL('../../../bin/ipvet', import.meta.url));
const cluster = (more: string): string => `version: 1
name: here
environment: preprod
ssh: { become: none }
directors: [{ name: director1, host: localhost, dip: 127.0.0.1, interface: lo }]
real_servers: [{ name: rs1, host: localhost, rip: 127.0.0.2 }]
virtual_services: [{ name: web, vip: 127.0.0.100, port: 80, forwarding: nat, scheduler: rr }]
${more}`;

describe('cli: checks of one’s own', function () {
  this.timeout(60_000);
  let directory = '';

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-own-'));
    mkdirSync(join(directory, 'suites'), { mode: 0o755 });
    mkdirSync(join(directory, 'broken'), { mode: 0o755 });
    writeFileSync(join(directory, 'broken/bad.ts'), 'export default {');
    writeFileSync(
      join(directory, 'suites/kernel.ts'),
      `import { defineCheck, pass } from 'ipvet/check';
export default defineCheck({ id: 'kernel', title: 'Kernel', failureTitle: 'No kernel', sees: [], severity: 'mandatory',
  stage: 'pre', scope: 'real-server', requires: ['os'], doc: { why: 'so', byHand: [], references: [] },
  evaluate: ({ os }, _subject, { evidence }) => pass(os.kernel, [evidence('os')]) });`,
    );
    writeFileSync(
      join(directory, 'cluster.yaml'),
      cluster(`checks:
  suites: ./suites
  custom:
    - { id: linux, title: It is Linux, command: [uname, -s], expect: { stdout: ^Linux$ } }
    - { id: secret, title: It fails, command: 'echo "password=hunter22"; exit 3', roles: [director] }
    - { id: last, title: Comes last, command: 'true', stage: post }
waivers:
  - { check: custom/secret, why: known, by: Ann, expires: 2099-12-31 }
  - { check: suite/kernel, why: needless, expires: 2099-12-31 }
`),
    );
    writeFileSync(join(directory, 'broken.yaml'), cluster('checks: { suites: ./broken }\n'));
    writeFileSync(
      join(directory, 'slip.yaml'),
      cluster('checks: { suites: ./suites }\nwaivers: [{ check: suite/kernl, why: abc, expires: 2099-12-31 }]\n'),
    );
  });
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const ipvet = (...args: string[]) =>
    spawnSync(process.execPath, [bin, ...args], { cwd: directory, encoding: 'utf8', timeout: 50_000 });

  it('are judged, waived, skipped and reported', () => {
    const ended = ipvet('check', 'custom', 'suite', '-i', 'cluster.yaml', '--skip', 'custom/linux', '--json');
    expect(ended.status, ended.stderr).to.equal(0);
    expect(ended.stdout).to.not.include('hunter22');
    const record = JSON.parse(ended.stdout) as RunRecord;
    expect(
      record.verdicts.map(({ check, subject, outcome }) => `${check} ${subject.host ?? ''} ${outcome}`),
    ).to.deep.equal([
      'custom/secret director1 waived',
      'suite/kernel rs1 pass',
      'custom/last director1 pass',
      'custom/last rs1 pass',
    ]);
    expect(record.verdicts[0]?.reason).to.equal(
      'director1: exit code 3 and not 0: password=[redacted] (waived until 2099-12-31 by Ann: known)',
    );
    expect(record.leftOut).to.deep.equal([
      { check: 'custom/linux', title: 'It is Linux', severity: 'mandatory', by: 'skip', subjects: 2 },
    ]);
    expect(record.waivers?.map(({ waived, unused }) => unused ?? waived)).to.deep.equal([1, 'no-failure']);
    const [run = ''] = readdirSync(join(directory, 'runs'));
    const file = (name: string) => readFileSync(join(directory, 'runs', run, name), 'utf8');
    expect(file('junit.xml')).to.include('classname="custom/secret"').and.include('type="left-out"');
    expect(file('summary.txt')).to.include('1 check skipped by --skip: custom/linux (mandatory)');
    expect(file('index.html')).to.include('Your own suites');
    expect(file('events.ndjson')).to.not.include('hunter22');
  });

  it('are in a dry run, word for word but for secrets, and nothing is run', () => {
    const ended = ipvet('check', 'all', '-i', 'cluster.yaml', '--dry-run', '--json');
    expect(ended.status, ended.stderr).to.equal(0);
    const { commands } = JSON.parse(ended.stdout) as { commands: { stage: string; host: string; argv: string[] }[] };
    expect(
      commands
        .filter(({ stage }) => stage.startsWith('commands'))
        .map(({ stage, host, argv }) => [stage, host, ...argv]),
    ).to.deep.equal([
      ['commands', 'director1', 'uname', '-s'],
      ['commands', 'rs1', 'uname', '-s'],
      ['commands', 'director1', 'sh', '-c', 'echo "password=[redacted]"; exit 3'],
      ['commands post', 'director1', 'sh', '-c', 'true'],
      ['commands post', 'rs1', 'sh', '-c', 'true'],
    ]);
  });

  const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a suite that does not load', ['check', '-i', 'broken.yaml'], /bad\.ts: it cannot be loaded/],
    [
      'a waiver of no check of the suites',
      ['check', '-i', 'slip.yaml'],
      /suite\/kernl[^]*did you mean suite\/kernel\?/,
    ],
    [
      'an unknown check in --skip',
      ['check', '-i', 'cluster.yaml', '--skip', 'custom/linx'],
      /did you mean custom\/linux/,
    ],
    ['a check of another stage', ['check', 'post', 'director/vip', '-i', 'cluster.yaml'], /before rules are installed/],
    ['a check that needs load', ['check', 'traffic/requests', '-i', 'cluster.yaml'], /ipvet load/],
    ['a profile there is not', ['config', 'validate', '-i', 'profile.yaml'], /`minimal`/],
  ];
  for (const [what, args, says] of refusals)
    it(`refuses ${what}: 2`, () => {
      writeFileSync(join(directory, 'profile.yaml'), cluster('checks: { profile: all }\n'));
      const { status, stderr } = ipvet(...args);
      expect({ status }, stderr).to.deep.equal({ status: 2 });
      expect(stderr).to.match(says);
    });
});
