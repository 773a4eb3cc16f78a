/** The programs of a fix, run for real against a folder that plays the host's files. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Fix } from '../../../lib/fixes/plan.ts';
import {
  againProgram,
  applyProgram,
  backProgram,
  fixExit,
  type FixPlace,
  forgetProgram,
  undoProgram,
} from '../../../lib/fixes/program.ts';

describe('programs of a fix', function () {
  this.timeout(30_000);
  let root = '';
  let place: FixPlace;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ipvet-fix-'));
    for (const folder of ['lock', 'etc/sysctl.d', 'proc/sys/net/ipv4/conf/all'])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'lock/id'), 'run-1\n');
    write('proc/sys/net/ipv4/ip_forward', '0\n');
    write('proc/sys/net/ipv4/conf/all/accept_redirects', '0\n');
    place = { id: 'fix-1', keep: join(root, 'keep'), lock: join(root, 'lock'), root };
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const write = (path: string, text: string) => {
    writeFileSync(join(root, path), text);
  };
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const sh = (program: string) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], { input: program, encoding: 'utf8' });
    return { code: status, stdout, stderr };
  };
  const conf = 'etc/sysctl.d/99-lvs.conf';
  /** As the remedy for forwarding, in the folder: sysctl, and the kernel's side effect of it. */
  const aFix = (change: Partial<Fix> = {}): Fix => {
    const sysctl = (value: number) =>
      `echo ${value} > ${root}/proc/sys/net/ipv4/ip_forward; echo 1 > ${root}/proc/sys/net/ipv4/conf/all/accept_redirects; : net.ipv4.ip_forward=${value}`;
    return {
      number: 1,
      host: 'director1',
      summary: 'Turn forwarding on',
      findings: [],
      commands: [sysctl(1)],
      persistent: [`echo 'net.ipv4.ip_forward=1' >> ${root}/${conf}; : /${conf}`],
      undo: [sysctl(0), `sed -i '/^net\\.ipv4\\.ip_forward=/d' ${root}/${conf}`],
      ...change,
    };
  };
  /** Everything a fix may touch here. */
  const state = () => [
    read('proc/sys/net/ipv4/ip_forward'),
    read('proc/sys/net/ipv4/conf/all/accept_redirects'),
    existsSync(join(root, conf)) ? read(conf) : undefined,
  ];

  it('does it, and takes it back word for word: also a file that was not there, and what the kernel changed by itself', () => {
    const found = state();
    expect(sh(applyProgram(aFix(), place, 'run-1'))).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    expect(state()).to.deep.equal(['1\n', '1\n', 'net.ipv4.ip_forward=1\n']);
    expect(sh(backProgram(aFix(), place, false))).to.include({ code: 0, stderr: '' });
    expect(state()).to.deep.equal(found);
    expect(sh(againProgram(aFix(), place))).to.include({ code: 0, stderr: '' });
    expect(state()).to.deep.equal(['1\n', '1\n', 'net.ipv4.ip_forward=1\n']);
    expect(sh(undoProgram(aFix(), place))).to.include({ code: 0, stderr: '' });
    expect(state()).to.deep.equal(found);
    expect(existsSync(join(root, 'keep'))).to.equal(false);
    expect(sh(undoProgram(aFix(), place))).to.include({ code: 0, stderr: '' });
  });

  it('keeps a file as it was to the byte, with its mode and time, where the remedy would only nearly', () => {
    write(conf, '# mine\nnet.ipv4.ip_forward=0\n');
    utimesSync(join(root, conf), 1_600_000_000, 1_600_000_000);
    const line = `sed -i 's/=0$/=1/; /^#/d' ${root}/${conf}; : /${conf}`;
    const fix = aFix({ commands: [line], persistent: [], undo: [`sed -i 's/=1$/=0/' ${root}/${conf}`] });
    expect(sh(applyProgram(fix, place, 'run-1')).code).to.equal(0);
    expect(read(conf)).to.equal('net.ipv4.ip_forward=1\n');
    expect(sh(undoProgram(fix, place))).to.include({ code: 0, stderr: '' });
    expect(read(conf)).to.equal('# mine\nnet.ipv4.ip_forward=0\n');
    expect(statSync(join(root, conf)).mtimeMs).to.equal(1_600_000_000_000);
  });

  it('does nothing without the lock', () => {
    const found = state();
    expect(sh(applyProgram(aFix(), place, 'run-2')).code).to.equal(fixExit.unlocked);
    rmSync(join(root, 'lock/id'));
    expect(sh(applyProgram(aFix(), place, 'run-1')).code).to.equal(fixExit.unlocked);
    expect(state()).to.deep.equal(found);
    expect(sh(undoProgram(aFix(), place)).code).to.equal(0);
  });

  it('stops at a line that fails, says what it said, and takes back the ones before', () => {
    const found = state();
    const fix = aFix({ persistent: ['echo no such thing >&2; false', `echo never > ${root}/never`] });
    const done = sh(applyProgram(fix, place, 'run-1'));
    expect(done).to.include({ code: fixExit.commandFailed, stderr: 'no such thing\n' });
    expect(existsSync(join(root, 'never'))).to.equal(false);
    expect(read('proc/sys/net/ipv4/ip_forward')).to.equal('1\n');
    expect(sh(undoProgram(fix, place))).to.include({ code: 0, stderr: '' });
    expect(state()).to.deep.equal(found);
  });

  it('a line that is no sh, or that exits, is the end of nothing else', () => {
    const found = state();
    const fix = aFix({ undo: ["echo 'unbalanced", 'exit 9', ...aFix().undo] });
    expect(sh(applyProgram(fix, place, 'run-1')).code).to.equal(0);
    expect(sh(undoProgram(fix, place))).to.include({ code: 0, stderr: '' });
    expect(state()).to.deep.equal(found);
  });

  it('says what somebody else has changed since, and with force takes back only its own lines', () => {
    expect(sh(applyProgram(aFix(), place, 'run-1')).code).to.equal(0);
    write(conf, 'net.ipv4.ip_forward=1\nnet.ipv4.tcp_syncookies=1\n');
    write('proc/sys/net/ipv4/ip_forward', '0\n');
    const { code, stdout } = sh(backProgram(aFix(), place, false));
    expect(code).to.equal(fixExit.changedSince);
    expect(stdout)
      .to.match(/^- file \S+99-lvs\.conf /m)
      .and.match(/^\+ sysctl \S+ip_forward:0$/m);
    // What was not begun is not put in place again either.
    expect(sh(againProgram(aFix(), place)).code).to.equal(0);
    expect(read('proc/sys/net/ipv4/ip_forward')).to.equal('0\n');
    expect(sh(backProgram(aFix(), place, true)).code).to.equal(0);
    expect(read(conf)).to.equal('net.ipv4.tcp_syncookies=1\n');
  });

  it('ends a fix that is still at work before it takes it back', async () => {
    const found = state();
    const file = join(root, 'lock/fix');
    const fix = aFix({ commands: [...aFix().commands, 'sleep 60'] });
    writeFileSync(file, applyProgram(fix, place, 'run-1'));
    const { spawn } = await import('node:child_process');
    const child = spawn('sh', [file], { detached: true, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    for (const end = performance.now() + 10_000; read('proc/sys/net/ipv4/ip_forward') === '0\n';) {
      if (performance.now() > end) throw new Error('it did not start');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(sh(undoProgram(fix, place))).to.include({ code: 0, stderr: '' });
    await ended;
    expect(state()).to.deep.equal(found);
  });

  it('says when a host keeps nothing of it; forgets when told', () => {
    expect(sh(backProgram(aFix(), place, false)).code).to.equal(fixExit.nothingKept);
    expect(sh(applyProgram(aFix(), place, 'run-1')).code).to.equal(0);
    expect(sh(forgetProgram(aFix(), place)).code).to.equal(0);
    expect(existsSync(join(root, 'keep'))).to.equal(false);
    expect(read('proc/sys/net/ipv4/ip_forward')).to.equal('1\n');
  });

  for (const shell of ['dash', 'bash', 'busybox'])
    it(`is POSIX sh to ${shell}`, function () {
      const words = shell === 'busybox' ? ['busybox', 'sh'] : [shell, ...(shell === 'bash' ? ['--posix'] : [])];
      const fix = aFix({ commands: ['systemctl restart nginx', 'iptables -I INPUT 1 -j ACCEPT', 'nft list ruleset'] });
      const programs = [applyProgram, (...args: [Fix, FixPlace]) => undoProgram(...args)].map((make) =>
        make(fix, place, 'run-1'),
      );
      for (const input of programs) {
        const { error, status, stderr } = spawnSync(words[0] ?? '', [...words.slice(1), '-n'], {
          input,
          encoding: 'utf8',
        });
        if (error !== undefined) this.skip();
        expect(status, stderr).to.equal(0);
      }
    });
});
