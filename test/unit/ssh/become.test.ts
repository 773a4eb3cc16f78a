import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { guardCommand } from '../../../lib/privileges/index.ts';
import { afterSudo, asRootArgv } from '../../../lib/ssh/become.ts';
import type { ExecResult } from '../../../lib/ssh/host.ts';

function result(exitCode: number, stderr: string, stdout = ''): ExecResult {
  return { argv: ['id'], exitCode, stdout, stderr, truncated: false, durationMs: 1, requestedAtMs: 0 };
}

function refusalOf(exitCode: number, stderr: string): IpvetError {
  try {
    afterSudo(result(exitCode, stderr), 'rs1', 'ops');
  } catch (error) {
    if (error instanceof IpvetError) return error;
  }
  throw new Error(`taken for an answer: ${stderr}`);
}

describe('running as root', () => {
  it('needs nothing when logged in as root', () => {
    expect(asRootArgv(['ipvsadm', '-Sn'], 'root', 'rs1', 'root')).to.deep.equal(['ipvsadm', '-Sn']);
  });

  it('goes through sudo, which may not ask, and has to answer in English', () => {
    expect(asRootArgv(['ipvsadm', '-Sn'], 'sudo', 'rs1', 'ops')).to.deep.equal([
      'env',
      'LC_ALL=C',
      'sudo',
      '-n',
      '--',
      'ipvsadm',
      '-Sn',
    ]);
  });

  it('says so where the cluster file has become: none', () => {
    expect(() => asRootArgv(['ipvsadm', '-Sn'], 'none', 'rs1', 'ops'))
      .to.throw(IpvetError, 'rs1')
      .with.property('code', 'PERMISSION');
  });

  it('runs nothing that is not written down, not even for root', () => {
    for (const argv of [['sh', '-c', 'ipvsadm -Sn'], ['ipvsadm'], ['ipvsadm', '-Sn', '-t'], ['id'], []])
      for (const privilege of ['root', 'sudo', 'none'] as const)
        expect(() => asRootArgv(argv, privilege, 'rs1', 'ops'))
          .to.throw(IpvetError, 'rs1')
          .with.property('code', 'INTERNAL');
  });

  it('runs the guard as the login user alone', () => {
    const { argv } = guardCommand('ops');
    expect(asRootArgv(argv, 'sudo', 'rs1', 'ops')).to.include.members([...argv]);
    expect(() => asRootArgv(argv, 'sudo', 'rs1', 'eve'))
      .to.throw(IpvetError)
      .with.property('code', 'INTERNAL');
  });

  for (const words of [
    'sudo: a password is required',
    'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required',
    'sudo: no tty present and no askpass program specified',
    'sudo: sorry, you must have a tty to run sudo',
    "sudo: unable to resolve host rs1: Name or service not known\nSorry, user ops is not allowed to execute '/usr/sbin/ipvsadm -Ln' as root on rs1.",
    'ops is not in the sudoers file.  This incident will be reported.',
    'Sorry, user ops may not run sudo on rs1.',
    'sudo: interactive authentication is required',
    "sudo: I'm sorry ops. I'm afraid I can't do that",
    'sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set',
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
  ])
    it(`takes for a refusal: ${words.split('\n').at(-1) ?? ''}`, () => {
      const error = refusalOf(1, `${words}\n`);
      expect(error.code).to.equal('PERMISSION');
      expect(error.host).to.equal('rs1');
      expect(error.message).to.contain('ops');
      expect(error.hint).to.match(/Add to sudoers on rs1 .*!requiretty|ipvet doctor sudoers --host rs1/);
    });

  for (const words of [
    "env: 'sudo': No such file or directory",
    'env: sudo: No such file or directory',
    'sh: 1: sudo: not found',
    'bash: line 1: sudo: command not found',
  ])
    it(`sees that there is no sudo: ${words}`, () => {
      expect(refusalOf(127, words))
        .to.include({ code: 'PERMISSION' })
        .and.property('hint')
        .match(/Install sudo/);
    });

  it('asks for !requiretty where a terminal is what is missing', () => {
    expect(refusalOf(1, 'sudo: sorry, you must have a tty to run sudo').hint).to.contain('Defaults:ops !requiretty');
  });

  it('gives 127 where sudo did not find the program', () => {
    expect(afterSudo(result(1, 'sudo: ipvsadm: command not found\n'), 'rs1', 'ops').exitCode).to.equal(127);
  });

  it('leaves the failure of the program alone', () => {
    for (const given of [
      result(1, 'sudo: unable to resolve host rs1: Name or service not known\ngrep: no match\n'),
      result(1, 'ssh: authentication failed, a password is required\n'),
      result(1, 'sudo: a password is required\n', 'but it had run'),
      result(2, 'sudo: a password is required\n'),
      result(127, 'sh: ipvsadm: not found'),
      result(0, ''),
    ])
      expect(afterSudo(given, 'rs1', 'ops')).to.equal(given);
  });
});
