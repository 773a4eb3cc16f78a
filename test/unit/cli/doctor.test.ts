import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { doctorCommand } from '../../../cli/doctor.ts';
import { examineMachine } from '../../../cli/doctor-machine.ts';
import { IpvetError } from '../../../lib/errors.ts';
import { natText } from '../config/cluster-text.ts';
import { printed } from './printed.ts';

describe('ipvet doctor', () => {
  let folder = '';
  let good = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvet-doctor-'));
    good = join(folder, 'cluster.yaml');
    await writeFile(good, natText);
  });
  after(() => rm(folder, { recursive: true }));

  const run = (...argv: string[]): Promise<string> => printed(doctorCommand(), argv);

  it('prints the sudo rules of each role, up to a tier, for a user', async () => {
    const text = await run('-i', good, 'doctor', 'sudoers', '--user', 'tester', '--tier', 'read');
    expect(text).to.contain('tester ALL=(root) NOPASSWD: IPVET_TESTER_DIRECTOR_READ');
    expect(text).to.contain('tester ALL=(root) NOPASSWD: IPVET_TESTER_REAL_SERVER_READ');
    expect(text).not.to.contain('ipvsadm -R');
    expect(text).to.contain('visudo -cf ipvet-tester-director');
  });

  it('prints one file for one host, and all of it as JSON', async () => {
    const files = JSON.parse(
      await run('-i', good, '--json', 'doctor', 'sudoers', '--user', 'tester', '--host', 'director1'),
    ) as { hosts: string[]; role: string; text: string; commands: { argv: string[] }[] }[];
    expect(files).to.have.length(1);
    expect(files[0]).to.deep.include({ role: 'director', hosts: ['director1'] });
    expect(files[0]?.commands.map(({ argv }) => argv.join(' '))).to.include('ipvsadm -R');
    expect(files[0]?.text).to.contain('/usr/sbin/ipvsadm -R');
  });

  it('has once what both of two directors are asked, and what drills do to real servers', async () => {
    const pair = join(folder, 'pair.yaml');
    await writeFile(
      pair,
      [
        'version: 1',
        'name: pair',
        'environment: lab',
        'directors:',
        '  - { name: lb1, host: 192.0.2.1, dip: 10.0.0.1, interface: eth0, vip_interface: eth0 }',
        '  - { name: lb2, host: 192.0.2.2, dip: 10.0.0.2, interface: eth0, vip_interface: eth0 }',
        'real_servers: [{ name: rs1, host: 192.0.2.11, rip: 10.0.0.11 }]',
        'virtual_services: [{ name: web, vip: 10.0.0.100, port: 80, forwarding: dr, scheduler: rr, real_servers: all }]',
        'rules: { managed_by: keepalived }',
        'ha: { engine: keepalived, vrid: 51, advert_int: 1s }',
      ].join('\n'),
    );
    const files = JSON.parse(
      await run('-i', pair, '--json', 'doctor', 'sudoers', '--user', 'tester', '--tier', 'disrupt'),
    ) as { role: string; commands: { argv: string[] }[] }[];
    const words = (role: string) =>
      files.filter((file) => file.role === role).flatMap(({ commands }) => commands.map(({ argv }) => argv.join(' ')));
    const directors = words('director');
    expect(directors).to.include.members(['keepalived --config-test', 'ipvsadm -Ln --daemon']);
    expect(new Set(directors).size).to.equal(directors.length);
    expect(words('real-server')).to.include('iptables -I INPUT -p tcp --dport 80 -j DROP');
  });

  it('refuses a host that the cluster file does not have', async () => {
    const error: unknown = await run('-i', good, 'doctor', 'sudoers', '--host', 'lb9').catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(IpvetError).with.property('code', 'USAGE');
  });

  it('says what this machine has, and what to do about what it has not', async () => {
    const findings = await examineMachine({ inventory: good, out: join(folder, 'runs') });
    const of = (what: string) => findings.find((finding) => finding.what === what);
    expect(of('node')).to.include({ state: 'ok', found: `node ${process.versions.node}` });
    expect(of('cluster file')).to.include({ state: 'ok' });
    expect(of('run folder')?.found).to.match(/MiB free$/);
    expect(findings.map(({ what }) => what)).to.include.members(['ssh client', 'ssh keys', 'arping', 'lab']);
    for (const { state, todo } of findings) if (state === 'missing') expect(todo).to.be.a('string').and.not.equal('');
  });

  it('names a cluster file that cannot be used', async () => {
    const file = join(folder, 'broken.yaml');
    await writeFile(file, 'version: 1\n');
    const broken = await examineMachine({ inventory: file, out: folder });
    expect(broken.find(({ what }) => what === 'cluster file')).to.include({
      state: 'missing',
      todo: `ipvet config validate -i ${file}`,
    });
    const absent = await examineMachine({ inventory: join(folder, 'none.yaml'), out: folder });
    expect(absent.find(({ what }) => what === 'cluster file')?.state).to.equal('missing');
  });
});
