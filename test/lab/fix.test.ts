/** `ipvet fix` on real hosts that were broken by hand: mended, kept only when it helped, and back again word for word. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { cut, mend } from '../../lab/power.ts';
import type { FixDocument, FixState } from '../../lib/fixes/document.ts';
import { type Ended, labUp, onHost, preciseSudo, record, run, skipWithoutLab } from './product.ts';

const lab = 'fix-test';
/** The two that have a remedy, and a web server that is down, which has none that is right everywhere. */
const wanted = ['director/ip-forward', 'director/ip-forward-persistence', 'real-server/reply-route@rs2'];

describe('fixes on a real cluster', function () {
  this.timeout(900_000);
  let file = '';
  let out = '';
  const seconds: Record<string, number> = {};

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(join(tmpdir(), 'ipvet-fix-'));
    file = await labUp(lab);
    await preciseSudo(lab, file, 'change', 'fix');
    await onHost(lab, 'root@director1', "sysctl -w net.ipv4.ip_forward=0; sed -i '/ip_forward/d' /etc/sysctl.conf");
    await onHost(lab, 'root@rs2', 'ip route replace default via 10.10.10.254 dev eth0 onlink');
    await onHost(lab, 'root@rs3', 'systemctl stop nginx');
  });

  after(async () => {
    if (file !== '') await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
    if (Object.keys(seconds).length > 0) process.stdout.write(`    seconds: ${JSON.stringify(seconds)}\n`);
  });

  /** What a fix may touch, and what it may leave behind. */
  const look = `sysctl -a 2>/dev/null | grep -E '^net.ipv[46].(ip_forward|conf)' | grep -v stable_secret | cksum; sysctl net.ipv4.ip_forward
    ip route; ip -6 route; ip -o address | sed 's/ valid_lft.*//'
    find /etc/sysctl.d /etc/sysctl.conf /etc/network -type f | sort | while read -r f; do ls -ln "$f"; cksum "$f"; done
    ls -d /var/lib/ipvet /var/tmp/ipvet 2>/dev/null; systemctl is-active nginx; :`;
  const state = async (): Promise<Record<string, string>> => {
    const hosts = ['director1', 'rs2', 'rs3'];
    const seen = await Promise.all(hosts.map((host) => onHost(lab, `root@${host}`, look)));
    return Object.fromEntries(hosts.map((host, index) => [host, seen[index] ?? '']));
  };
  const fix = async (name: string, args: readonly string[], signal?: Parameters<typeof run>[1]): Promise<Ended> => {
    const begun = performance.now();
    const ended = await run(['fix', ...args, '-i', file, '-o', out], signal, 300_000);
    seconds[name] = Math.round((performance.now() - begun) / 100) / 10;
    return ended;
  };
  const statesOf = ({ stdout }: Ended): Record<string, FixState> => {
    const { fixes } = JSON.parse(stdout) as FixDocument;
    return Object.fromEntries(fixes.map((each) => [each.host, each.state]));
  };
  const stored = (): FixDocument => {
    const last = readdirSync(out)
      .filter((name) => name.startsWith('fix-'))
      .toSorted()
      .at(-1);
    return JSON.parse(readFileSync(join(out, last ?? '', 'fix.json'), 'utf8')) as FixDocument;
  };
  const storedStates = () => Object.fromEntries(stored().fixes.map((each) => [each.host, each.state]));

  it('plan writes what would mend it as sh and as a playbook, and changes nothing', async () => {
    const before = await state();
    const { code, stdout, stderr } = await fix('plan', ['plan', '--timeout', '60']);
    expect(code, stderr).to.be.oneOf([0, 3]);
    expect(stdout)
      .to.contain('director/ip-forward-persistence@director1 (warn): ')
      .and.contain('  1. Turn forwarding on')
      .and.match(/not done by ipvet[^]*real-server\/web-service@rs3\/web \(fail\)/)
      .and.contain('ip route replace default via 10.10.10.254 dev eth0');
    const files = stdout.split('\n').filter((line) => line.startsWith(out));
    expect(files.map((path) => path.split('/').at(-1))).to.include.members([
      'director1.sh',
      'rs2-undo.sh',
      'playbook.yml',
    ]);
    for (const path of files) {
      expect(statSync(path).mode & 0o777).to.equal(path.endsWith('.sh') ? 0o700 : 0o600);
      if (path.endsWith('.sh')) execFileSync('sh', ['-n', path]);
    }
    expect(await state()).to.deep.equal(before);
  });

  it('without the sudo rules for it nothing is changed, and they are named', async () => {
    await preciseSudo(lab, file);
    const before = await state();
    const { code, stderr } = await fix('refused', ['apply', ...wanted, '--yes', '--timeout', '60']);
    expect(code, stderr).to.equal(5);
    expect(stderr)
      .to.contain('director1: sudo does not let ops run sh /var/tmp/ipvet/fix and sh /var/tmp/ipvet/fix-undo')
      .and.contain('ops ALL=(root) NOPASSWD: /usr/bin/sh /var/tmp/ipvet/fix, ')
      .and.match(/run \S+\/rs2\.sh on rs2 as root yourself/);
    expect(await state()).to.deep.equal(before);
    await preciseSudo(lab, file, 'change', 'fix');
  });

  it('apply mends it and looks again; undo brings back what was there, word for word', async () => {
    const before = await state();
    const dry = await fix('dry run', ['apply', ...wanted, '--dry-run', '--timeout', '60']);
    expect(dry.stdout).to.contain('sh /var/tmp/ipvet/fix').and.contain('dry run: nothing was changed');
    expect(await state()).to.deep.equal(before);

    const applied = await fix('apply', ['apply', ...wanted, '--yes', '--timeout', '60', '--json']);
    expect(applied.code, applied.stderr).to.equal(0);
    expect(statesOf(applied)).to.deep.equal({ director1: 'kept', rs2: 'kept' });
    const check = await run([
      'check',
      ...wanted.map((word) => word.split('@')[0] ?? ''),
      '-i',
      file,
      '-o',
      out,
      '--json',
      '--timeout',
      '60',
    ]);
    expect(check.code, check.stderr).to.equal(0);
    expect(record(check).verdicts.length).to.be.at.least(4);
    const mended = await state();
    expect(mended['director1'])
      .to.match(/ip_forward = 1/)
      .and.contain('/etc/sysctl.d/99-lvs.conf');
    expect(mended['rs2']).to.match(/^default via 10\.10\.10\.1 /m);

    const undone = await fix('undo', ['undo', '--yes', '--json']);
    expect(undone.code, undone.stderr).to.equal(0);
    expect(statesOf(undone)).to.deep.equal({ director1: 'taken-back', rs2: 'taken-back' });
    expect(await state()).to.deep.equal(before);
  });

  it('Ctrl-C in the middle takes everything back', async () => {
    const before = await state();
    const ended = await fix('interrupted', ['apply', ...wanted, '--yes', '--timeout', '60'], {
      after: /passes now|rs2: Make the director/,
      name: 'SIGINT',
    });
    expect(ended.code, ended.stderr).to.equal(130);
    expect(storedStates()).to.deep.equal({ director1: 'taken-back', rs2: 'taken-back' });
    expect(await state()).to.deep.equal(before);
  });

  it('a network that goes away with the fix: the hosts take it back by themselves, and the run says so', async () => {
    const before = await state();
    // One program that waits there: to ask again and again takes as long as the fix itself on a busy machine.
    const list = 'ls /var/lib/ipvet 2>/dev/null';
    const begun = onHost(
      lab,
      'root@director1',
      `was=$(${list}); n=0; while [ "$(${list})" = "$was" ]; do n=$((n + 1)); [ $n -lt 1000 ] || exit 1; sleep 0.1; done`,
    );
    const running = fix('cut off', ['apply', ...wanted, '--yes', '--timeout', '60']);
    await begun;
    await cut(lab, 'client1');
    await sleep(32_000);
    await mend(lab, 'client1');
    const back = await state();
    const ended = await running;
    expect(ended.code, ended.stderr).to.equal(1);
    expect(ended.stderr)
      .to.contain('director1: director/ip-forward@director1')
      .and.contain('the host has taken it back by itself');
    expect(storedStates()).to.deep.equal({ director1: 'taken-back', rs2: 'taken-back' });
    const alike = (each: Record<string, string>) => JSON.stringify(each).replaceAll('/var/tmp/ipvet.restored\\n', '');
    expect(alike(back)).to.equal(alike(before));
    expect(await state()).to.deep.equal(before);
  });

  it('a fix that does not help is taken back and told, the others stay; undo minds who changed what since', async () => {
    const before = await state();
    const loop = 'while :; do ip route replace default via 10.10.10.254 dev eth0 onlink; sleep 0.3; done';
    await onHost(lab, 'root@rs2', `systemd-run --quiet --unit=spoiler sh -c '${loop}'`);
    const applied = await fix('no help', ['apply', ...wanted, '--yes', '--timeout', '60', '--json']);
    await onHost(lab, 'root@rs2', 'systemctl stop spoiler');
    expect(applied.code, applied.stderr).to.equal(1);
    expect(statesOf(applied)).to.deep.equal({ director1: 'kept', rs2: 'taken-back' });
    const spoiled = (JSON.parse(applied.stdout) as FixDocument).fixes.find(({ host }) => host === 'rs2');
    expect(spoiled?.note).to.match(/real-server\/reply-route@rs2\/web is fail after it: rs2 answers client1/);
    expect((await state())['rs2']).to.equal(before['rs2']);

    await onHost(lab, 'root@director1', 'echo net.ipv4.tcp_syncookies=1 >> /etc/sysctl.d/99-lvs.conf');
    const refused = await fix('undo refused', ['undo', '--yes']);
    expect(refused.code, refused.stderr).to.equal(5);
    expect(refused.stderr).to.contain('director1 is no longer as the fix of').and.contain('/etc/sysctl.d/99-lvs.conf');
    const forced = await fix('undo --force', ['undo', '--yes', '--force']);
    expect(forced.code, forced.stderr).to.equal(0);
    expect(
      await onHost(
        lab,
        'root@director1',
        'cat /etc/sysctl.d/99-lvs.conf; sysctl -n net.ipv4.ip_forward; rm /etc/sysctl.d/99-lvs.conf',
      ),
    ).to.equal('net.ipv4.tcp_syncookies=1\n0\n');
    expect(await state()).to.deep.equal(before);
  });
});
