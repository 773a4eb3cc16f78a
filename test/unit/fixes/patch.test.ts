import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import type { FixDocument } from '../../../lib/fixes/document.ts';
import { inventoryText, patchFiles } from '../../../lib/fixes/patch.ts';
import { shellWord } from '../../../lib/model/shell-word.ts';
import { aCluster, aRealServer } from '../../builders.ts';

const hostile = `eth0'; touch PWNED; {{ lookup('pipe', 'touch PWNED') }} $(touch PWNED)`;

const aDocument = (folder: string): FixDocument => ({
  format: 'ipvet-fix/1',
  id: 'fix-20261123T030000Z-abcd',
  cluster: { name: 'web-lvs', environment: 'preprod' },
  run: { id: '20261123T030000Z-abcd', judgedAt: '2026-11-23T03:00:00.000Z', ageS: 3 },
  undecided: [],
  left: [],
  fixes: [
    {
      number: 1,
      host: 'rs2',
      state: 'planned',
      summary: `Mend ${hostile}`,
      findings: [
        {
          check: 'real-server/reply-route',
          host: 'rs2',
          outcome: 'fail',
          reason: `rs2 said\ntouch PWNED\r\n\u2028touch PWNED ${hostile}`,
          found: hostile,
          expected: 'eth0',
        },
      ],
      commands: [`printf '%s\\n' ${shellWord(hostile)} > ${folder}/now`],
      persistent: [`grep -qsxF -- kept ${folder}/file || echo kept >> ${folder}/file`],
      undo: ['false', `rm -f ${folder}/now ${folder}/file`],
    },
    {
      number: 2,
      host: 'rs1',
      state: 'planned',
      summary: 'Other',
      findings: [],
      commands: [`echo rs1 > ${folder}/rs1`],
      persistent: [],
      undo: [`rm -f ${folder}/rs1`],
    },
  ],
});

describe('patch files of a fix plan', () => {
  let folder = '';
  const cluster = aCluster({ realServers: [aRealServer(1), aRealServer(2)] });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipvet-patch-'));
    for (const { name, text } of patchFiles(aDocument(folder), cluster)) writeFileSync(join(folder, name), text);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  // Ansible takes no other encoding, and keeps files at home.
  const run = (program: string, ...args: string[]) =>
    spawnSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...process.env, LC_ALL: 'C.UTF-8', HOME: folder },
    });
  const here = (name: string) => existsSync(join(folder, name));

  it('are sh for each host, an Ansible playbook for all, and the ways back', () => {
    expect(patchFiles(aDocument(folder), cluster).map(({ name }) => name)).to.deep.equal([
      'rs2.sh',
      'rs2-undo.sh',
      'rs1.sh',
      'rs1-undo.sh',
      'playbook.yml',
      'playbook-undo.yml',
      'inventory.ini',
    ]);
    const text = readFileSync(join(folder, 'rs2.sh'), 'utf8');
    expect(text).to.match(/^#!\/bin\/sh\n# fix-20261123T030000Z-abcd: rs2 of web-lvs/);
    expect(text).to.contain('\nset -eu\n').and.contain('# real-server/reply-route@rs2: rs2 said ↵ touch PWNED ↵ ');
  });

  it('do it, twice the same, and take it back; nothing a host said is run', () => {
    for (const time of [1, 2]) {
      const { status, stderr } = run('sh', 'rs2.sh');
      expect(status, `${time}: ${stderr}`).to.equal(0);
      expect(readFileSync(join(folder, 'now'), 'utf8')).to.equal(`${hostile}\n`);
      expect(readFileSync(join(folder, 'file'), 'utf8')).to.equal('kept\n');
    }
    expect(here('rs1')).to.equal(false);
    // One line of it fails, and the others are run all the same.
    expect(run('sh', 'rs2-undo.sh').status).to.equal(1);
    expect([here('now'), here('file'), here('PWNED')]).to.deep.equal([false, false, false]);
  });

  it('the playbook is YAML whose texts Ansible takes as they are', () => {
    const [playbook] = parseAllDocuments(readFileSync(join(folder, 'playbook.yml'), 'utf8'), { logLevel: 'silent' });
    const plays = playbook?.toJS() as { hosts: string; become: boolean; tasks: Record<string, unknown>[] }[];
    expect(plays.map(({ hosts, become, tasks }) => [hosts, become, tasks.length])).to.deep.equal([
      ['rs2', true, 2],
      ['rs1', true, 1],
    ]);
    const text = readFileSync(join(folder, 'playbook.yml'), 'utf8');
    expect(text.match(/cmd: !unsafe \|/g)).to.have.length(3);
    expect(text.match(/name: !unsafe /g)).to.have.length(5);
    expect(text.match(/changed_when: true/g)).to.have.length(3);
  });

  it('Ansible plays it, and interprets nothing of it', function () {
    this.timeout(300_000);
    if (run('ansible-playbook', '--version').error !== undefined) {
      process.stdout.write('  skipped: there is no ansible-playbook\n');
      this.skip();
    }
    const inventory = 'rs1 ansible_connection=local\nrs2 ansible_connection=local\n';
    writeFileSync(join(folder, 'local.ini'), inventory);
    for (const playbook of ['playbook.yml', 'playbook-undo.yml']) {
      const checked = run('ansible-playbook', '--syntax-check', '-i', 'inventory.ini', playbook);
      expect(checked.status, checked.stdout + checked.stderr).to.equal(0);
    }
    const played = run('ansible-playbook', '-i', 'local.ini', 'playbook.yml', '-e', 'ansible_become=false');
    expect(played.status, played.stdout + played.stderr).to.equal(0);
    expect(readFileSync(join(folder, 'now'), 'utf8')).to.equal(`${hostile}\n`);
    expect([here('file'), here('rs1'), here('PWNED')]).to.deep.equal([true, true, false]);
  });

  it('the inventory reaches hosts as ipvet does', () => {
    const jumping = aCluster({
      realServers: [aRealServer(1, { host: '10.10.10.10', jump: 'director1', port: 2222 })],
      ssh: { ...cluster.ssh, user: 'ops', configFile: '/home/me/my ssh/config' },
    });
    const director = jumping.directors[0]?.host ?? '';
    expect(inventoryText(jumping, ['rs1', 'director1'])).to.equal(
      `rs1 ansible_host=10.10.10.10 ansible_port=2222 ansible_user=ops ansible_ssh_common_args="-F '/home/me/my ssh/config' -J ops@${director}"\n` +
        `director1 ansible_host=${director} ansible_user=ops ansible_ssh_common_args="-F '/home/me/my ssh/config'"\n`,
    );
  });
});
