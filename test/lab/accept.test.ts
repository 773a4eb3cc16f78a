/** The product as a user runs it, against a real cluster. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

import { checks } from '../../checks/index.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { loadCluster } from '../../lib/config/load.ts';
import { subjectsOf } from '../../suites/subjects.ts';
import { labUp, outcomes, record, rulesOn, run, skipWithoutLab } from './product.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lab = 'accept-test';
const rulesOf = () => rulesOn(lab);

/** Of DR, TUN, IPv6, keepalived, SELinux, or of services and settings that this lab has not; `ha/` is of two directors. */
const notOfThisLab = [
  'client/source-pool',
  'director/destination-port',
  'director/firewall-mark',
  'director/ftp-application',
  'director/icmp-filter',
  'director/local-destination',
  'director/real-server-role',
  'director/real-server-segment',
  'director/redirects',
  'director/removed-destinations',
  'director/rules-persistence',
  'director/tunnel-type',
  'director/vip-retention',
  'director/vrrp-filter',
  'network/module-persistence',
  'network/neighbour-discovery',
  'network/selinux',
  'network/selinux-denials',
  'network/sysctl-persistence',
  'real-server/arp-announcement',
  'real-server/arp-suppression',
  'real-server/reverse-path-filter',
  'real-server/tunnel',
  'real-server/tunnel-mtu',
  'real-server/udp-listener',
  'real-server/vip',
  'real-server/vip-interface',
  'real-server/vip-prefix',
  'real-server/vip-reply-gateway',
  'real-server/vip-reply-route',
  'real-server/vip-source',
  'traffic/capacity',
  'virtual-service/hash-fallback',
  'virtual-service/health-checker',
  'virtual-service/overload-threshold',
  'virtual-service/quiescence',
];
/** Judged where a host spoke to the VIP lately, and where the client's kernel, which is this machine's, tracks connections. */
const lately: ReadonlySet<string> = new Set(['network/vip-neighbour', 'network/conntrack-table']);

describe('acceptance of a VS/NAT cluster', function () {
  this.timeout(300_000);
  let clusterFile: string;
  let out = '';
  let accept: readonly string[];

  before(async function () {
    skipWithoutLab(this);
    out = await mkdtemp(join(tmpdir(), 'ipvet-accept-'));
    clusterFile = await labUp(lab);
    accept = ['accept', '-i', clusterFile, '-o', out, '--json', '--timeout', '60'];
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') await rm(out, { recursive: true, force: true });
  });

  it('passes when healthy, with every planned verdict, and leaves the rules as found', async () => {
    const before = await rulesOf();
    const ended = await run(accept);
    expect(ended.code, ended.stderr).to.equal(0);
    const healthy = record(ended);
    expect(outcomes(healthy)).to.deep.equal([]);
    expect(healthy).to.include({ verdict: 'pass', restored: true });
    expect(healthy.diagnoses).to.deep.equal([]);
    const cluster = await loadCluster(clusterFile);
    const planned = checks.flatMap((check) => subjectsOf(cluster, check)).length;
    expect(healthy.verdicts).to.have.length(planned);
    const judged = new Set(healthy.verdicts.filter(({ outcome }) => outcome === 'pass').map(({ check }) => check));
    const nowhere = checks.map(({ id }) => id).filter((id) => !judged.has(id) && !lately.has(id));
    const ofPairs = checks.map(({ id }) => id).filter((id) => id.startsWith('ha/'));
    expect(nowhere.toSorted()).to.deep.equal([...notOfThisLab, ...ofPairs].toSorted());
    expect(new Set(healthy.verdicts.map(({ stage }) => stage))).to.deep.equal(new Set(['pre', 'post', 'traffic']));
    const [load] = healthy.load;
    expect(load).to.include({ requested: 2000, sent: 2000, answered: 2000, failed: 0 });
    expect(Object.keys(load?.answersByRealServer ?? {}).toSorted()).to.deep.equal(['rs1', 'rs2', 'rs3']);
    expect(healthy.distribution[0]).to.include({ scheduler: 'rr', outcome: 'pass' });
    expect(healthy.changes.length).to.be.at.least(4);
    expect(await rulesOf()).to.equal(before);
  });

  it('does the same under plain mocha, which finds its run finished and restored', async () => {
    const before = await rulesOf();
    const folder = await mkdtemp(join(tmpdir(), 'ipvet-mocha-'));
    try {
      const environment = { ...process.env, IPVET_INVENTORY: clusterFile, IPVET_OUT: folder };
      await promisify(execFile)(process.execPath, ['node_modules/mocha/bin/mocha.js'], {
        cwd: root,
        timeout: 90_000,
        env: environment,
      });
      const [id = ''] = await readdir(folder);
      const stored = JSON.parse(await readFile(join(folder, id, 'run.json'), 'utf8')) as RunRecord;
      expect(stored).to.include({ verdict: 'pass', restored: true, command: 'mocha' });
      expect(await rulesOf()).to.equal(before);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('writes a report folder that only its owner reads', async () => {
    const [folder] = await readdir(out);
    const files = await readdir(join(out, folder ?? ''));
    expect(files).to.include.members(['events.ndjson', 'run.json', 'index.html', 'junit.xml']);
    for (const file of files) expect((await stat(join(out, folder ?? '', file))).mode & 0o077, file).to.equal(0);
    expect(await readFile(join(out, folder ?? '', 'index.html'), 'utf8')).to.include('PASS');
  });

  it('names the real server whose gateway is not the director, and blames no other; passes again after revert', async () => {
    const fault = 'nat-rs-gateway-not-director';
    expect((await run(['lab', 'fault', 'apply', fault, '--on', 'rs2', '--name', lab])).code).to.equal(0);
    const ended = await run(accept);
    const faulty = record(ended);
    expect(ended.code).to.equal(1);
    expect(faulty.diagnoses[0]).to.include({ cause: fault, host: 'rs2', certainty: 'certain' });
    expect(new Set(faulty.diagnoses.map(({ host }) => host))).to.deep.equal(new Set(['rs2']));
    expect(faulty.diagnoses[0]?.evidence).to.not.be.empty;
    expect(faulty.diagnoses[0]?.remedy?.commands.join()).to.include('10.10.10.1');
    const blamed = faulty.verdicts
      .filter(({ outcome, stage }) => stage !== 'traffic' && outcome === 'fail')
      .map(({ subject }) => subject.host);
    expect(new Set(blamed)).to.deep.equal(new Set(['rs2']));
    expect(faulty.restored).to.equal(true);

    // The rules are taken back with the run: without them something else would be wrong.
    expect((await run(['rules', 'apply', '-i', clusterFile, '-o', out, '--yes'])).code).to.equal(0);
    const events = join(out, 'diagnose.ndjson');
    const diagnosed = await run(['diagnose', '-i', clusterFile, '-o', out, '--json', '--events', events]);
    expect(record(diagnosed).diagnoses[0]).to.include({ cause: fault, host: 'rs2', certainty: 'certain' });
    const stages = (await readFile(events, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"stage-started"'))
      .map((line) => (JSON.parse(line) as { readonly name: string }).name);
    expect(stages.slice(0, 2), 'load first').to.deep.equal(['load web', 'facts']);
    await rm(events);
    expect((await run(['rules', 'rollback', '-i', clusterFile, '-o', out, '--yes'])).code).to.equal(0);

    expect((await run(['lab', 'fault', 'revert', fault, '--on', 'rs2', '--name', lab])).code).to.equal(0);
    const again = await run(accept);
    expect(again.code, JSON.stringify(outcomes(record(again)))).to.equal(0);
  });

  it('takes the rules back when interrupted under load, and exits 130', async () => {
    const before = await rulesOf();
    const ended = await run(['accept', '-i', clusterFile, '-o', out, '--timeout', '60'], {
      after: /reading the rules back/,
      name: 'SIGINT',
    });
    expect(ended.code, ended.stderr).to.equal(130);
    expect(await rulesOf()).to.equal(before);
  });

  it('is inconclusive about a host that does not answer, and says which', async () => {
    const text = await readFile(clusterFile, 'utf8');
    const file = join(out, 'unreachable.yaml');
    const folder = clusterFile.slice(0, clusterFile.lastIndexOf('/'));
    await writeFile(
      file,
      text
        .replace('- name: rs3\n', '- name: rs3\n    host: 10.10.10.31\n')
        .replace(/config: *\.\//, `config: ${folder}/`),
    );
    const ended = await run(['check', '-i', file, '-o', out, '--json']);
    expect(ended.code, ended.stderr).to.equal(3);
    expect(ended.stderr).to.include('rs3');
    const errors = record(ended).verdicts.filter(({ outcome }) => outcome === 'error');
    expect(errors.map(({ subject }) => subject.host)).to.include('rs3');
  });

  it('refuses load on a cluster that is no lab, without consent, before it touches a host', async () => {
    const file = join(out, 'preprod.yaml');
    await writeFile(file, (await readFile(clusterFile, 'utf8')).replace('environment: lab', 'environment: preprod'));
    const ended = await run(['accept', '-i', file, '-o', join(out, 'none')]);
    expect(ended.code).to.equal(5);
    expect(ended.stderr).to.include('--allow traffic');
  });
});
