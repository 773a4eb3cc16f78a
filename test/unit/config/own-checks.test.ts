import { expect } from 'chai';
import { parseCluster } from '../../../lib/config/load.ts';
import { ConfigError } from '../../../lib/config/problem.ts';
import type { CheckSelection } from '../../../lib/model/custom-check.ts';
import { natText, problemsOf, today, underlined } from './cluster-text.ts';

const withChecks = (section: string): string => natText.replace('checks: { profile: standard, custom: [] }', section);
const checksOf = (section: string): CheckSelection =>
  parseCluster(withChecks(section), '/etc/ipvet/cluster.yaml', { today }).checks;
const checkIds = ['director/vip', 'director/ip-forward', 'real-server/reply-route'];

describe('checks of the cluster file', () => {
  it('are none by default', () => {
    expect(checksOf('')).to.deep.equal({ profile: 'standard', custom: [] });
  });

  it('get every default: all hosts, exit code 0, mandatory, before rules, 10 s', () => {
    expect(checksOf('checks: { custom: [{ id: up, title: It is up, command: uptime }] }').custom).to.deep.equal([
      {
        id: 'custom/up',
        title: 'It is up',
        hosts: ['director1', 'rs1', 'rs2', 'client1'],
        stage: 'pre',
        severity: 'mandatory',
        command: { argv: ['sh', '-c', 'uptime'], timeoutMs: 10_000 },
        expect: { exit: 0 },
      },
    ]);
  });

  it('are read with everything they can have', () => {
    const entry = `{ id: up, title: It is up, command: [uptime, -p], roles: [client, real-server], stage: post, timeout: 2m,
      severity: recommended, why: so, remedy: { summary: Boot it, commands: [reboot] },
      expect: { exit: 2, stdout: '^up (\\d+)', stderr: x, max: 3.5, min: -1 } }`;
    const { custom, profile, suites } = checksOf(`checks: { profile: strict, suites: ../own, custom: [${entry}] }`);
    expect({ profile, suites }).to.deep.equal({ profile: 'strict', suites: '/etc/own' });
    expect(custom[0]).to.deep.include({
      hosts: ['rs1', 'rs2', 'client1'],
      stage: 'post',
      severity: 'recommended',
      command: { argv: ['uptime', '-p'], timeoutMs: 120_000 },
      expect: { exit: 2, stdout: String.raw`^up (\d+)`, stderr: 'x', max: 3.5, min: -1 },
      why: 'so',
      remedy: { summary: 'Boot it', commands: ['reboot'] },
    });
  });

  it('take a remedy in one sentence, and hosts by name in the order of the file', () => {
    const [check] = checksOf(
      'checks: { custom: [{ id: up, title: It is up, command: uptime, hosts: [rs2, director1], remedy: Boot it }] }',
    ).custom;
    expect(check?.hosts).to.deep.equal(['director1', 'rs2']);
    expect(check?.remedy).to.deep.equal({ summary: 'Boot it', commands: [] });
  });

  const wrong: readonly (readonly [what: string, entry: string, message: RegExp, mark: string, hint?: RegExp])[] = [
    ['no command', '{ id: a, title: abc }', /no `command`/, '{ id'],
    ['an unknown key', '{ id: a, title: abc, comand: ls }', /unknown key `comand`/, 'comand', /`command`/],
    ['an id that is none', '{ id: A_b, title: abc, command: ls }', /`id` cannot be `A_b`/, 'A_b', /lower-case/],
    ['an unknown host', '{ id: a, title: abc, command: ls, hosts: [rs9] }', /no host `rs9`/, 'rs9', /rs1/],
    ['an unknown role', '{ id: a, title: abc, command: ls, roles: [router] }', /cannot be `router`/, 'router'],
    ['hosts and roles', '{ id: a, title: abc, command: ls, hosts: [rs1], roles: [client] }', /not both/, 'roles'],
    ['an empty command', "{ id: a, title: abc, command: ' ' }", /the command is empty/, "' '"],
    ['no words', '{ id: a, title: abc, command: [] }', /`command` is empty/, '[]'],
    ['a pattern that is none', "{ id: a, title: abc, command: ls, expect: { stdout: '(' } }", /no regular/, "'('"],
    ['limits crossed', '{ id: a, title: abc, command: ls, expect: { min: 2, max: 1 } }', /nothing can pass/, '2'],
    ['an exit code above all', '{ id: a, title: abc, command: ls, expect: { exit: 256 } }', /most is 255/, '256'],
    ['a wait without end', '{ id: a, title: abc, command: ls, timeout: 11m }', /between 1ms and 10m/, '11m'],
    ['two of one id', '{ id: a, title: abc, command: ls }, { id: a, title: abc, command: ls }', /already/, 'a'],
  ];
  for (const [what, entry, message, mark, hint] of wrong)
    it(`are refused with the place: ${what}`, () => {
      const problems = problemsOf(withChecks(`checks: { custom: [${entry}] }`));
      const problem = problems.find((one) => message.test(one.message));
      expect(problem, JSON.stringify(problems)).to.exist;
      if (problem === undefined) return;
      expect(underlined(problem)).to.include(mark);
      if (hint !== undefined) expect(problem.hint).to.match(hint);
    });

  it('know three profiles', () => {
    const [problem] = problemsOf(withChecks('checks: { profile: strickt }'));
    expect(problem?.message).to.equal('`profile` cannot be `strickt`');
    expect(problem?.hint).to.match(/did you mean `strict`\?.*`minimal`/);
  });
});

describe('waivers', () => {
  const withWaiver = (waiver: string): string => natText.replace(/waivers: .*/, `waivers: [${waiver}]`);
  const problems = (waiver: string, day = today, more = '') => {
    try {
      parseCluster(`${withWaiver(waiver)}${more}`, 'cluster.yaml', { today: day, checkIds });
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };

  it('hold to the end of their last day, and not a day longer', () => {
    const waiver = '{ check: director/vip, why: known, by: Ann, expires: 2026-12-31 }';
    expect(problems(waiver, '2026-12-30')).to.deep.equal([]);
    expect(problems(waiver, '2026-12-31')).to.deep.equal([]);
    const [problem] = problems(waiver, '2027-01-01');
    expect(problem?.message).to.equal('this waiver expired on 2026-12-31');
    expect(problem === undefined ? '' : underlined(problem)).to.equal('2026-12-31');
  });

  it('say why: without a reason, or a day, there is none', () => {
    expect(problems('{ check: director/vip, expires: 2026-12-31 }')[0]?.message).to.match(/no `why`/);
    expect(problems('{ check: director/vip, why: known }')[0]?.message).to.match(/no `expires`/);
  });

  it('name a check that there is', () => {
    const [slip] = problems('{ check: director/vp, why: known, expires: 2026-12-31 }');
    expect(slip?.message).to.equal('there is no check `director/vp`');
    expect(slip?.hint).to.include('did you mean `director/vip`?');
    const [short] = problems('{ check: reply-route, why: known, expires: 2026-12-31 }');
    expect(short?.hint).to.include('`real-server/reply-route`');
    expect(problems('{ check: xyzzy, why: known, expires: 2026-12-31 }')[0]?.hint).to.equal(
      'all of them: ipvet checks list',
    );
    expect(problems('{ check: suite/own, why: known, expires: 2026-12-31 }')).to.have.length(1);
  });

  it('may name a check of the file itself, or one of its suites', () => {
    const parse = (check: string, section: string) =>
      parseCluster(
        withWaiver(`{ check: ${check}, why: known, expires: 2026-12-31 }`).replace(/checks: .*/, section),
        'cluster.yaml',
        { today, checkIds },
      ).waivers;
    expect(parse('custom/up', 'checks: { custom: [{ id: up, title: abc, command: ls }] }')).to.have.length(1);
    // Those of a folder are known when it is loaded.
    expect(parse('suite/own', 'checks: { suites: ./own }')).to.have.length(1);
  });
});
