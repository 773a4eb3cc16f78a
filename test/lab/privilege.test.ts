/** The login user may run as root exactly what `ipvet doctor sudoers` prints, and that is enough. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Tier } from '../../lib/model/tier.ts';
import { rootCommandsOf, withinTier } from '../../lib/privileges/index.ts';
import { labUp, onHost, outcomes, preciseSudo, record, rulesOn, run, skipWithoutLab } from './product.ts';

const lab = 'privilege-test';
const hosts = ['director1', 'rs1', 'rs2', 'rs3'];

/**
 * In front of sudo on the login user's path: sudo itself logs what it ran, and leaves out what it refused without asking
 * for a password.
 */
const witness = `#!/bin/sh
printf '%s\\n' "$*" >>/tmp/sudo-asked
exec /usr/bin/sudo "$@"
`;

async function install(host: string): Promise<void> {
  const file = '/usr/local/bin/sudo';
  await onHost(
    lab,
    `root@${host}`,
    `printf %s '${witness.replaceAll("'", String.raw`'\''`)}' >${file} && chmod 755 ${file}`,
  );
}

/** What sudo was asked to run since the last call, each once, without its own options. */
async function asked(host: string): Promise<readonly string[]> {
  const text = await onHost(lab, `root@${host}`, 'cat /tmp/sudo-asked 2>/dev/null; rm -f /tmp/sudo-asked');
  const lines = text.split('\n').filter((line) => line !== '');
  return [...new Set(lines.map((line) => line.replace(/^-n (-- )?/, '')))].toSorted();
}

/** What the rules do not allow, but for the questions what they do: all of it, or one command (`-l COMMAND`). */
function beyond(lines: readonly string[], role: 'director' | 'real-server', tier: Tier): readonly string[] {
  const allowed = rootCommandsOf({ role, managedBy: 'ipvsadm' }, 'ops').filter((command) => withinTier(command, tier));
  const words = new Set(['-l -l', ...allowed.map(({ argv }) => argv.join(' '))]);
  return lines.filter((line) => !words.has(line) && !words.has(line.replace(/^-l /, '')));
}

describe('least privilege on a real cluster', function () {
  this.timeout(360_000);
  let clusterFile: string;
  let out = '';

  before(async function () {
    skipWithoutLab(this);
    out = await mkdtemp(join(tmpdir(), 'ipvet-privilege-'));
    clusterFile = await labUp(lab);
    await Promise.all(hosts.map(install));
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') await rm(out, { recursive: true, force: true });
  });

  it('the rules are the only ones there, and anything else would be seen', async () => {
    const listed = await onHost(lab, 'rs1', 'sudo -n -l -l');
    expect(listed).to.contain('/usr/sbin/nft -j list ruleset').and.not.contain('\tALL');
    expect(await onHost(lab, 'rs1', 'sudo -n id 2>&1 || echo refused')).to.contain('refused');
    expect(beyond(await asked('rs1'), 'real-server', 'change')).to.deep.equal(['id']);
  });

  it('check and accept pass, and sudo is asked for nothing that it refuses', async () => {
    const check = await run(['check', '-i', clusterFile, '-o', out, '--timeout', '60', '--json']);
    expect(outcomes(record(check))).to.deep.equal([]);
    expect(check.code, check.stderr).to.equal(0);
    const accept = await run(['accept', '-i', clusterFile, '-o', out, '--timeout', '60', '--json']);
    expect(outcomes(record(accept))).to.deep.equal([]);
    expect(accept.code, accept.stderr).to.equal(0);
    expect(record(accept)).to.include({ verdict: 'pass', restored: true });
    const director = await asked('director1');
    expect(director).to.include.members(['ipvsadm -R', 'ipvsadm -Sn', 'ipvsadm -Ln --stats --exact', '-l -l']);
    expect(beyond(director, 'director', 'change')).to.deep.equal([]);
    for (const host of ['rs1', 'rs2', 'rs3'])
      expect(beyond(await asked(host), 'real-server', 'change'), host).to.deep.equal([]);
  });

  it('with the read tier alone check passes', async () => {
    await preciseSudo(lab, clusterFile, 'read');
    const check = await run(['check', '-i', clusterFile, '-o', out, '--timeout', '60', '--json']);
    expect(outcomes(record(check))).to.deep.equal([]);
    expect(check.code, check.stderr).to.equal(0);
    expect(beyond(await asked('director1'), 'director', 'read')).to.deep.equal([]);
  });

  it('with the read tier alone accept says which rules are missing, and changes nothing', async () => {
    const before = await rulesOn(lab);
    const accept = await run(['accept', '-i', clusterFile, '-o', out, '--timeout', '60', '--json']);
    expect(accept.code, accept.stderr).to.equal(1);
    const judged = record(accept);
    const trust = judged.verdicts.find(
      ({ check, subject }) => check === 'network/ssh-trust' && subject.host === 'director1',
    );
    expect(trust).to.include({
      outcome: 'fail',
      reason: 'director1 does not let ops run as root: ipvsadm -Ln --stats --exact (traffic) and ipvsadm -R (change)',
    });
    expect(judged.problems.map(({ message }) => message).join('\n')).to.contain('sudo does not let ops run ipvsadm -R');
    expect(judged.changes).to.deep.equal([]);
    expect(await rulesOn(lab)).to.equal(before);
    // Load is sent, as the operator allowed, and the counters are asked for beside it.
    const more = beyond(await asked('director1'), 'director', 'read');
    expect(more).not.to.include('ipvsadm -R');
  });
});
