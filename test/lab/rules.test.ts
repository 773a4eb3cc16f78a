/** `ipvet rules` on a real director: what it puts in place is what the kernel then has, and what was there comes back. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import type { ClusterFile, VirtualServiceEntry } from '../../lib/model/cluster-file.ts';
import type { RulesPlan } from '../../lib/ipvs/plan.ts';
import { labUp, onHost, outcomes, record, rulesOn, run, skipWithoutLab } from './product.ts';

const lab = 'rules-test';
const vip = '192.168.122.100';
const ipvet = fileURLToPath(new URL('../../bin/ipvet', import.meta.url));

/** Someone's rules as they are found: one service to be changed in every way, and others that nobody declares. */
const found = [
  `-A -t ${vip}:80 -s wlc -p 50 -M 255.255.255.0`,
  `-a -t ${vip}:80 -r 10.10.10.10:80 -m -w 5 -x 100 -y 50`,
  `-a -t ${vip}:80 -r 10.10.10.99:80 -g -w 1`,
  `-A -u ${vip}:5353 -s rr --ops`,
  `-A -t ${vip}:8080 -s rr`,
  `-a -t ${vip}:8080 -r 10.10.10.10:8080 -m -w 3`,
  '-A -f 7 -s rr',
  '-a -f 7 -r 10.10.10.10:0 -m -w 1',
];

const web: VirtualServiceEntry = {
  name: 'web',
  vip,
  port: 80,
  forwarding: 'nat',
  scheduler: 'rr',
  real_servers: ['rs1', 'rs2', 'rs3'],
  identify_by: { header: 'X-Real-Server' },
};

describe('rules of a director', function () {
  // A lab boots, and a run locks the director and arms its guard, in seconds; not so on a busy machine.
  this.timeout(300_000);
  let clusterFile = '';
  let out = '';

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(join(tmpdir(), 'ipvet-rules-'));
    clusterFile = await labUp(lab);
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
  });

  beforeEach(() => install(...found));

  const director = (line: string) => onHost(lab, 'root@director1', line);
  const install = (...lines: string[]) => director(`ipvsadm -C; ipvsadm -R <<'END'\n${lines.join('\n')}\nEND`);
  /** Both listings, in an order of their own: the kernel's says nothing. Of the second one `upper lower` of each destination. */
  const state = async (): Promise<readonly string[]> => {
    const limits: string[] = [];
    let service = '';
    for (const line of (await director('ipvsadm -Ln --thresholds')).split('\n').slice(3)) {
      const [arrow, destination = '', upper = '', lower = ''] = line.trim().split(/\s+/);
      if (arrow === '->') limits.push(`${destination} of ${service}: ${upper} ${lower}`);
      else service = line.trim().split(/\s+/).slice(0, 2).join(' ');
    }
    return [...(await saved()), ...limits.toSorted()];
  };
  const saved = async (): Promise<readonly string[]> => (await rulesOn(lab)).trim().split('\n').toSorted();

  /** The lab's cluster file with these services; for those of IPv6 the real servers a second time, under addresses that are in rules alone. */
  async function clusterWith(...services: readonly VirtualServiceEntry[]): Promise<string> {
    const cluster = parse(await readFile(clusterFile, 'utf8')) as ClusterFile;
    const six = services.some((service) => service.vip.includes(':'))
      ? [1, 2].map((n) => ({ name: `six${n}`, host: `rs${n}`, jump: 'director1', rip: `fd00::${n}` }))
      : [];
    const ssh = { ...cluster.ssh, config: join(dirname(clusterFile), 'ssh_config') };
    const file = join(out, 'cluster.yaml');
    const changed = { ...cluster, ssh, real_servers: [...cluster.real_servers, ...six], virtual_services: services };
    await writeFile(file, stringify(changed));
    return file;
  }

  async function rules(verb: 'plan' | 'apply' | 'rollback', file: string): Promise<void> {
    const ended = await run(['rules', verb, '-i', file, '-o', out, '--yes']);
    expect(ended.code, ended.stderr).to.equal(0);
  }

  async function planned(file: string): Promise<readonly string[]> {
    const ended = await run(['rules', 'plan', '-i', file, '-o', out, '--json']);
    expect(ended.code, ended.stderr).to.equal(0);
    const { directors } = JSON.parse(ended.stdout) as { directors: readonly RulesPlan[] };
    return directors.flatMap(({ operations }) => operations.map(({ argv }) => argv.join(' ')));
  }

  it('are edited to what is declared of every kind, and come back word for word', async () => {
    const before = await state();
    const limited = { name: 'rs2', weight: 4, thresholds: { upper: 200, lower: 150 } };
    const file = await clusterWith(
      {
        ...web,
        scheduler: 'mh',
        scheduler_flags: ['mh-port', 'mh-fallback'],
        persistence: 300,
        real_servers: ['rs1', limited],
      },
      { name: 'mdns', vip, port: 5353, protocol: 'udp', forwarding: 'dr', real_servers: ['rs3'] },
      {
        name: 'sip',
        vip,
        port: 5060,
        protocol: 'udp',
        forwarding: 'nat',
        scheduler: 'wrr',
        persistence: 60,
        persistence_netmask: '255.255.255.0',
        persistence_engine: 'sip',
        real_servers: [{ name: 'rs1', port: 5061 }],
      },
      { name: 'calls', vip, port: 2905, protocol: 'sctp', forwarding: 'nat', real_servers: ['rs1'] },
      {
        name: 'six',
        vip: 'fd00:0::64',
        port: 80,
        forwarding: 'nat',
        persistence: 30,
        persistence_netmask: 64,
        real_servers: ['six1', { name: 'six2', port: 8080, weight: 0 }],
      },
      {
        name: 'marked',
        vip,
        port: 8081,
        fwmark: 7,
        forwarding: 'nat',
        scheduler: 'sh',
        real_servers: ['rs1', { name: 'rs2', port: 9000 }],
      },
      { name: 'marked6', vip: 'fd00::64', port: 8081, fwmark: 7, forwarding: 'dr', real_servers: ['six1'] },
    );
    await rules('apply', file);
    expect(await saved()).to.deep.equal(
      [
        // The netmask stays: nothing is declared of it.
        `-A -t ${vip}:80 -s mh -p 300 -M 255.255.255.0 -b mh-fallback,mh-port`,
        `-a -t ${vip}:80 -r 10.10.10.10:80 -m -w 1`,
        `-a -t ${vip}:80 -r 10.10.10.20:80 -m -w 4`,
        `-A -u ${vip}:5353 -s wlc -o`,
        `-a -u ${vip}:5353 -r 10.10.10.30:5353 -g -w 1`,
        `-A -u ${vip}:5060 -s wrr -p 60 -M 255.255.255.0 --pe sip`,
        `-a -u ${vip}:5060 -r 10.10.10.10:5061 -m -w 1`,
        `-A --sctp-service ${vip}:2905 -s wlc`,
        `-a --sctp-service ${vip}:2905 -r 10.10.10.10:2905 -m -w 1`,
        '-A -t [fd00::64]:80 -s wlc -p 30 -M 64',
        '-a -t [fd00::64]:80 -r [fd00::1]:80 -m -w 1',
        '-a -t [fd00::64]:80 -r [fd00::2]:8080 -m -w 0',
        '-A -f 7 -s sh',
        '-a -f 7 -r 10.10.10.10:0 -m -w 1',
        '-a -f 7 -r 10.10.10.20:9000 -m -w 1',
        '-A -f 7 -6 -s wlc',
        '-a -f 7 -6 -r [fd00::1]:0 -g -w 1',
        // Not declared, not touched.
        `-A -t ${vip}:8080 -s rr`,
        `-a -t ${vip}:8080 -r 10.10.10.10:8080 -m -w 3`,
      ].toSorted(),
    );
    expect(await state()).to.include.members([
      `10.10.10.10:80 of TCP ${vip}:80: 100 50`,
      `10.10.10.20:80 of TCP ${vip}:80: 200 150`,
    ]);
    expect(await planned(file)).to.deep.equal([]);

    await rules('rollback', file);
    expect(await state()).to.deep.equal(before);
  });

  it('change under a connection that is open, and it goes on with its real server', async () => {
    await install();
    const file = await clusterWith(web);
    await rules('apply', file);
    const applied = await saved();
    const connection = openConnection();
    try {
      const server = await connection.get();
      expect(server).to.match(/^rs[123]$/);
      const others = (['rs1', 'rs2', 'rs3'] as const).filter((name) => name !== server);
      await clusterWith({
        ...web,
        scheduler: 'wrr',
        real_servers: [
          { name: server, weight: 0, thresholds: { upper: 10 } },
          { name: others[0] ?? '', weight: 7 },
        ],
      });
      const operations = await planned(file);
      expect(operations.map((line) => line.split(' ')[1])).to.deep.equal(['-E', '-e', '-e', '-d']);
      await rules('apply', file);
      expect(await connection.get()).to.equal(server);

      await rules('rollback', file);
      expect(await connection.get()).to.equal(server);
      expect(await saved()).to.deep.equal(applied);
    } finally {
      connection.close();
    }
  });

  it('are as found when the kernel refuses one of them, and the run says which scheduler is not there', async () => {
    const before = await state();
    const file = await clusterWith({ ...web, scheduler: 'twos' });
    await director('echo install ip_vs_twos /bin/false >/etc/modprobe.d/no-twos.conf; rmmod ip_vs_twos || :');
    try {
      const ended = await run(['rules', 'apply', '-i', file, '-o', out, '--yes']);
      expect(ended.code).to.not.equal(0);
      expect(ended.stderr)
        .to.match(/does not have this scheduler/)
        .and.match(/modprobe ip_vs_/);
      expect(await state()).to.deep.equal(before);
    } finally {
      await director('rm /etc/modprobe.d/no-twos.conf');
    }
  });

  it('by firewall mark carry the load of an acceptance, and UDP beside them is not judged by it', async () => {
    await install();
    const mark = `iptables-legacy -t mangle -A PREROUTING -d ${vip} -p tcp --dport 80 -j MARK --set-mark 7`;
    await director(mark);
    try {
      const file = await clusterWith(
        { ...web, fwmark: 7 },
        { name: 'dns', vip, port: 53, protocol: 'udp', forwarding: 'nat', one_packet: true, real_servers: ['rs1'] },
      );
      const ended = await run(['accept', '-i', file, '-o', out, '--json']);
      const accepted = record(ended);
      // What needs no rules is judged as for any service: accept.test.ts.
      const judged = accepted.verdicts.filter(({ stage }) => stage !== 'pre');
      expect(outcomes({ ...accepted, verdicts: judged }), ended.stderr).to.deep.equal([]);
      expect(accepted).to.include({ restored: true }).and.deep.include({ diagnoses: [] });
      expect(accepted.distribution.map(({ service, basis, outcome }) => [service, basis, outcome])).to.deep.equal([
        ['web', 'director-counters', 'pass'],
      ]);
      const traffic = accepted.verdicts.filter(({ stage }) => stage === 'traffic');
      expect(
        new Set(traffic.filter(({ subject }) => subject.service === 'dns').map(({ outcome }) => outcome)),
      ).to.deep.equal(new Set(['not-applicable']));
      expect(await rulesOn(lab)).to.equal('');
    } finally {
      await director(mark.replace('-A', '-D'));
    }
  });
});

interface Connection {
  /** Asks for the page on the one connection; resolves with the real server that answered. */
  get(): Promise<string>;
  close(): void;
}

/** A connection from the client's network, kept open from one request to the next. */
function openConnection(): Connection {
  const pipe = `const s = require('net').connect(80, '${vip}'); process.stdin.pipe(s); s.pipe(process.stdout);
    s.on('close', () => process.exit());`;
  const args = [ipvet, 'lab', 'exec', '--name', lab, '--', process.execPath, '-e', pipe];
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, args, { stdio: 'pipe' });
  let answers = '';
  let told: () => void = () => undefined;
  child.stdout.on('data', (piece: Buffer) => {
    answers += piece.toString();
    told();
  });
  child.on('exit', () => {
    told();
  });
  return {
    get: async () => {
      answers = '';
      child.stdin.write(`GET / HTTP/1.1\r\nHost: ${vip}\r\n\r\n`);
      const deadline = AbortSignal.timeout(10_000);
      for (;;) {
        const length = /^Content-Length: (\d+)\r$/im.exec(answers)?.[1];
        const body = answers.split('\r\n\r\n')[1];
        if (length !== undefined && body !== undefined && body.length >= Number(length)) break;
        if (deadline.aborted || child.exitCode !== null) throw new Error(`no answer: ${JSON.stringify(answers)}`);
        await new Promise<void>((resolve) => {
          told = resolve;
          deadline.addEventListener('abort', () => {
            resolve();
          });
        });
      }
      return /^X-Real-Server: (\S+)\r$/im.exec(answers)?.[1] ?? '';
    },
    close: () => {
      child.stdin.end();
      child.kill();
    },
  };
}
