/** Hosts that lack something, a disk that is full, a run that is told to stop: each with its exit code, nothing left behind. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { changedCopy, labUp, onHost, outcomes, record, rulesOn, run, skipWithoutLab } from './product.ts';

const lab = 'bad-input-test';

describe('acceptance of a cluster with something wrong around it', function () {
  this.timeout(180_000);
  let clusterFile = '';
  let out = '';
  let found = '';

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(join(tmpdir(), 'ipvet-bad-'));
    clusterFile = await labUp(lab);
    found = await rulesOn(lab);
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
  });

  const changed = (name: string, change: (text: string) => string): Promise<string> =>
    changedCopy(clusterFile, join(out, `${name}.yaml`), change);

  it('no sudo on a real server: says what sudo said, and judges there what needs no root', async () => {
    await onHost(lab, 'root@rs1', 'mkdir /root/away && mv /etc/sudoers.d/* /root/away/');
    try {
      const ended = await run(['check', '-i', clusterFile, '-o', out, '--json', '--timeout', '60']);
      expect(ended.code).to.equal(1);
      expect(
        outcomes(record(ended)).map(({ check, host, outcome }) => `${check}@${host ?? ''} ${outcome}`),
      ).to.deep.equal([
        'network/ssh-trust@rs1 fail',
        'network/bridge-filter@rs1 error',
        'real-server/firewall@rs1 error',
      ]);
      expect(ended.stderr).to.include('password is required');
    } finally {
      await onHost(lab, 'root@rs1', 'mv /root/away/* /etc/sudoers.d/ && rmdir /root/away');
    }
  });

  it('no ipvsadm on the director: names it and how to install it, and changes nothing', async () => {
    await onHost(lab, 'root@director1', 'mv /usr/sbin/ipvsadm /root/');
    try {
      const ended = await run(['accept', '-i', clusterFile, '-o', out, '--json', '--timeout', '60']);
      const bare = record(ended);
      expect(ended.code).to.equal(1);
      expect(bare.problems.map(({ hint }) => hint).join()).to.include('apt-get install ipvsadm');
      expect(bare.verdicts.find(({ check }) => check === 'director/ipvsadm')).to.include({ outcome: 'fail' });
      expect(bare.changes).to.deep.equal([]);
    } finally {
      await onHost(lab, 'root@director1', 'mv /root/ipvsadm /usr/sbin/');
    }
  });

  it('a VIP nobody has: the load ends by itself, the cause is named, no real server is blamed', async () => {
    const file = await changed('vip', (text) => text.replaceAll('192.168.122.100', '192.168.122.200'));
    const ended = await run(['accept', '-i', file, '-o', out, '--json', '--timeout', '60']);
    const deaf = record(ended);
    expect(ended.code).to.equal(1);
    expect(deaf.diagnoses.map(({ cause, host }) => [cause, host])).to.deep.equal([
      ['vip-absent-on-director', 'director1'],
    ]);
    expect(deaf.load[0]).to.include({ answered: 0, stopped: 'failures' });
    expect(deaf.restored).to.equal(true);
    expect(await rulesOn(lab)).to.equal(found);
  });

  it('another host key: refused, inconclusive, and says which host and line', async () => {
    const folder = dirname(clusterFile);
    const known = await readFile(join(folder, 'known_hosts'), 'utf8');
    const keyOf = (host: string) => new RegExp(`^(${host}\\S* \\S+) (\\S+)`, 'm').exec(known)?.[2] ?? '';
    const wrong = join(out, 'known_hosts');
    await writeFile(wrong, known.replaceAll(keyOf('rs2'), keyOf('rs1')));
    const config = join(out, 'ssh_config');
    await writeFile(
      config,
      (await readFile(join(folder, 'ssh_config'), 'utf8')).replace(join(folder, 'known_hosts'), wrong),
    );
    const file = await changed('key', (text) => text.replace(/config: .*/, `config: ${config}`));
    const ended = await run(['check', '-i', file, '-o', out, '--json']);
    expect(ended.code, ended.stderr).to.equal(3);
    const errors = record(ended).verdicts.filter(({ outcome }) => outcome === 'error');
    expect(new Set(errors.map(({ subject }) => subject.host))).to.deep.equal(new Set(['rs2']));
    expect(errors[0]?.reason).to.include(wrong);
  });

  it('a full disk for the run: says so, restores, exits 3, and the journal still renders', async () => {
    const small = join(out, 'small');
    await mkdir(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', small]);
    try {
      const ended = await run(['accept', '-i', clusterFile, '-o', small]);
      expect(ended.code, ended.stderr).to.equal(3);
      expect(ended.stdout).to.include('free space on that disk');
      expect(await rulesOn(lab)).to.equal(found);
      const [folder = ''] = await readdir(small);
      expect(await readdir(join(small, folder)))
        .to.include('events.ndjson')
        .and.not.include('run.json');
      const report = await run(['report', join(small, folder), '--format', 'text', '-o', '-']);
      expect(report.stdout).to.include('lab-bad-input-test');
    } finally {
      execFileSync('umount', [small]);
    }
  });

  it('a full disk on the director: nothing is changed without a guard, exit 5', async () => {
    const full = 'mount -t tmpfs -o size=64k,mode=1777 tmpfs /var/tmp && head -c 1M /dev/zero >/var/tmp/fill || :';
    await onHost(lab, 'root@director1', full);
    try {
      const ended = await run(['accept', '-i', clusterFile, '-o', out, '--json', '--timeout', '60']);
      expect(ended.code, ended.stderr).to.equal(5);
      const refused = record(ended);
      expect(refused).to.include({ interrupted: 'refused', restored: true });
      expect(refused.problems[0]?.message).to.include('nothing is changed without a guard');
      expect(refused.changes).to.deep.equal([]);
      expect(await onHost(lab, 'root@director1', 'ls /var/tmp')).to.equal('fill\n');
      expect(await rulesOn(lab)).to.equal(found);
    } finally {
      await onHost(lab, 'root@director1', 'umount /var/tmp');
    }
  });

  const moments = [
    ['while hosts are asked', /^/, 'SIGINT', 130],
    ['while rules are installed', /ipvsadm -a .*10\.10\.10\.20/, 'SIGINT', 130],
    ['under load', /reading the rules back/, 'SIGTERM', 143],
  ] as const;
  for (const [moment, after, name, code] of moments) {
    it(`${name} ${moment}: rules as found, exit ${code}, every planned check accounted for`, async () => {
      const ended = await run(['accept', '-v', '-i', clusterFile, '-o', out, '--json', '--timeout', '60'], {
        after,
        name,
      });
      expect(ended.code, ended.stderr).to.equal(code);
      const stopped = record(ended);
      expect(stopped).to.include({ interrupted: 'signal', restored: true });
      expect(stopped.verdicts.some(({ outcome }) => outcome === 'not-run')).to.equal(true);
      expect(await rulesOn(lab)).to.equal(found);
    });
  }
});
