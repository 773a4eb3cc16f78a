/** Every topology of the lab, healthy: the whole acceptance as a user runs it, and nothing left behind. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { labDirectory } from '../../lab/state.ts';
import { loadCluster } from '../../lib/config/load.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { pairsOf } from '../../suites/catalogue.ts';
import { onHost, outcomes, preciseSudo, record, rulesOn, run, skipWithoutLab } from './product.ts';

const lab = 'topologies-test';

interface Case {
  readonly topology: string;
  readonly flags: readonly string[];
  /** What each real server and the client say, as part of it. */
  readonly realServer: readonly [command: string, says: string];
  readonly vip: string;
  readonly wayToVip: string;
}

const carriesOn = (device: string) => `ip -brief address show dev ${device}`;

const cases: readonly Case[] = [
  {
    topology: 'dr',
    flags: [],
    realServer: [carriesOn('lo'), '192.168.122.100/32'],
    vip: '192.168.122.100',
    wayToVip: '192.168.122.100 dev eth0 src 192.168.122.1',
  },
  {
    topology: 'dr',
    flags: ['--client', 'routed'],
    realServer: [carriesOn('lo'), '192.168.122.100/32'],
    vip: '192.168.122.100',
    wayToVip: '192.168.122.100 via 172.16.0.254 dev eth0 src 172.16.0.2',
  },
  {
    topology: 'tun',
    flags: [],
    realServer: ['lsmod; ip -brief address show dev tunl0; ip route', '192.168.122.100/32'],
    vip: '192.168.122.100',
    wayToVip: '192.168.122.100 via 172.16.0.254 dev eth0 src 172.16.0.2',
  },
  {
    topology: 'dr-v6',
    flags: [],
    realServer: [carriesOn('lo'), 'fd00:122::100/128'],
    vip: 'fd00:122::100',
    wayToVip: 'fd00:122::100 from :: dev eth0',
  },
  {
    topology: 'mixed',
    flags: [],
    realServer: ['ip -brief address', '192.168.122.101/32'],
    vip: '192.168.122.103',
    wayToVip: '192.168.122.103 via 172.16.0.254 dev eth0 src 172.16.0.2',
  },
];

/** How many verdicts each outcome has. */
const counted = ({ verdicts }: Pick<RunRecord, 'verdicts'>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { outcome } of verdicts) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

describe('topologies of the lab', function () {
  this.timeout(300_000);
  let out = '';

  before(async function () {
    skipWithoutLab(this);
    out = await mkdtemp(join(tmpdir(), 'ipvet-topologies-'));
  });
  afterEach(() => run(['lab', 'down', '--name', lab]));
  after(async () => {
    if (out !== '') await rm(out, { recursive: true, force: true });
  });

  for (const { topology, flags, realServer, vip, wayToVip } of cases) {
    it(`${[topology, ...flags].join(' ')}: accepted, with every planned verdict and the rules as found`, async () => {
      const asked = ['lab', 'up', '--name', lab, '--topology', topology, ...flags];
      const up = await run(asked);
      expect(up.code, up.stderr).to.equal(0);
      const clusterFile = up.stdout.trimEnd().split('\n').at(-1) ?? '';
      await preciseSudo(lab, clusterFile);

      const way = await run(['lab', 'exec', '--name', lab, '--', 'ip', 'route', 'get', vip]);
      expect(way.stdout.replaceAll(/\s+/g, ' ')).to.include(wayToVip);
      const [command, says] = realServer;
      expect(await onHost(lab, 'root@rs1', command)).to.include(says);
      expect((await onHost(lab, 'root@rs1', 'systemctl is-system-running')).trim()).to.equal('running');

      const rules = await rulesOn(lab);
      // Slow machines: what is judged here is the cluster, and not how long asking it takes.
      const ended = await run(['accept', '-i', clusterFile, '-o', out, '--json', '--timeout', '60']);
      expect(ended.code, `${ended.stderr}\n${ended.stdout.slice(0, 2000)}`).to.equal(0);
      const accepted = record(ended);
      // Watching a large table on a machine that others keep busy may cost more than it should.
      expect(outcomes(accepted).filter(({ check }) => check !== 'traffic/sampling')).to.deep.equal([]);
      expect(accepted).to.include({ verdict: 'pass', restored: true });
      expect(accepted.diagnoses).to.deep.equal([]);
      expect(await rulesOn(lab)).to.equal(rules);

      const cluster = await loadCluster(clusterFile);
      expect(accepted.verdicts).to.have.lengthOf(pairsOf(cluster).length);
      const loaded = cluster.virtualServices.filter(({ protocol }) => protocol === 'tcp');
      expect(
        accepted.load.map(({ service, failed, answered, requested }) => [service, failed, answered - requested]),
      ).to.deep.equal(loaded.map(({ name }) => [name, 0, 0]));
      expect(accepted.distribution.map(({ outcome }) => outcome)).to.deep.equal(loaded.map(() => 'pass'));

      // Read-only and without rules there is nothing to pass under load, and the same is planned before it.
      const checked = await run(['check', 'pre', '-i', clusterFile, '-o', out, '--json', '--timeout', '60']);
      expect(checked.code, checked.stderr).to.equal(0);
      // Whether a host has the VIP among its neighbours depends on whether it spoke to it lately.
      const lasting = (verdicts: RunRecord['verdicts']) => ({
        verdicts: verdicts.filter(({ stage, check }) => stage === 'pre' && check !== 'network/vip-neighbour'),
      });
      expect(counted(lasting(record(checked).verdicts))).to.deep.equal(counted(lasting(accepted.verdicts)));

      const again = await run(asked);
      expect([again.code, again.stdout.trim()]).to.deep.equal([0, clusterFile]);
      const other = await run(['lab', 'up', '--name', lab, '--topology', 'nat']);
      expect([other.code, other.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes(`is up with topology ${topology}, not nat`),
      );

      expect((await run(['lab', 'down', '--name', lab])).code).to.equal(0);
      expect(existsSync(labDirectory(lab))).to.equal(false);
      const left = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
      expect(left.filter((name) => name.startsWith(`ipvet-${lab}-`))).to.deep.equal([]);
    });
  }
});
