/** `ipvet lab` as a user runs it: what it makes, and that nothing of it stays. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { packagesByProgram } from '../../lab/requirements.ts';
import type { LabState } from '../../lab/state.ts';
import type { LabStatus } from '../../lab/status.ts';

const ipvet = fileURLToPath(new URL('../../bin/ipvet', import.meta.url));
// Namespaces are named after labs, for the whole machine: these names are this test's alone.
const one = `t${process.pid}a`;
const two = `t${process.pid}b`;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('ipvet lab', function () {
  this.timeout(180_000);
  let home = '';
  let before_: string[] = [];
  let networks: number[] = [];

  const environment = (): NodeJS.ProcessEnv => ({ ...process.env, XDG_STATE_HOME: home });
  const lab = (...args: string[]): Promise<Ended> => run(process.execPath, [ipvet, 'lab', ...args], environment());
  const directory = (name: string): string => path.join(home, 'ipvet/labs', name);
  const stateOf = (name: string): LabState =>
    JSON.parse(readFileSync(path.join(directory(name), 'state.json'), 'utf8')) as LabState;
  const status = async (name: string): Promise<LabStatus> => {
    const { stdout, code } = await lab('status', '--name', name, '--json');
    expect(code).to.equal(0);
    return JSON.parse(stdout) as LabStatus;
  };
  /** Everything on this machine that bears the name of one of the two labs, or lies in their state. */
  const traces = (): string[] => [
    ...listed('/run/netns').filter((each) => mentions(each)),
    ...listed('/etc/netns').filter((each) => mentions(each)),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((each) => mentions(each)),
    ...processes().filter((each) => mentions(each)),
    ...listed(path.join(home, 'ipvet/labs')),
  ];
  const mentions = (text: string): boolean =>
    text.includes(`ipvet-${one}-`) || text.includes(`ipvet-${two}-`) || text.includes(`${home}/`);

  before(function () {
    const missing = Object.keys(packagesByProgram).filter((program) => !onPath(program));
    const reason =
      process.platform !== 'linux'
        ? 'it needs Linux'
        : process.getuid?.() !== 0
          ? 'it needs root'
          : missing.length > 0
            ? `it needs ${missing.join(', ')}`
            : undefined;
    if (reason !== undefined) {
      process.stdout.write(`  the lab is not tested: ${reason}\n`);
      this.skip();
    }
    home = mkdtempSync(path.join(tmpdir(), 'ipvet-lab-'));
    before_ = taps();
  });

  after(async () => {
    if (home === '') return;
    await lab('down', '--name', one);
    await lab('down', '--name', two);
    rmSync(home, { recursive: true, force: true });
  });

  describe('bad input', () => {
    for (const [args, words] of [
      [['up', '--topology', 'fullnat'], /no lab topology "fullnat"[^]*known: nat, dr, tun, dr-v6, mixed/],
      [['up', '--client', 'routed'], /--client routed goes with --topology dr, not with nat/],
      [['up', '--topology', 'tun', '--client', 'flat'], /--client flat goes with --topology dr, not with tun/],
      [['up', '--name', '../x'], /cannot be the name of a lab/],
      [['up', '--real-servers', '0'], /1 to 100 real servers/],
      [['up', '--real-servers', 'many'], /whole number/],
      [['up', '--hosts', 'docker'], /auto, uml, netns/],
      [['fault', 'apply', 'no-such-fault'], /no lab fault "no-such-fault"/],
    ] as const) {
      it(`ipvet lab ${args.join(' ')}`, async () => {
        const { code, stderr } = await lab(...args);
        expect(stderr).to.match(words);
        expect(code).to.equal(2);
        expect(traces()).to.deep.equal([]);
      });
    }

    it('a lab that is not up', async () => {
      for (const args of [['ssh', 'rs1'], ['exec'], ['fault', 'apply', 'nat-rs-gateway-not-director']]) {
        const { code, stderr } = await lab(...args, '--name', one);
        expect(stderr).to.include(`lab "${one}" is not up`).and.to.include(`ipvet lab up --name ${one}`);
        expect(code).to.equal(3);
      }
      expect((await status(one)).phase).to.equal('down');
      const { code, stderr } = await lab('down', '--name', one);
      expect([code, stderr]).to.deep.equal([0, `lab "${one}" is not up: nothing to do\n`]);
    });
  });

  describe('up', () => {
    let clusterFile = '';

    before(async () => {
      const { code, stdout, stderr } = await lab('up', '--name', one);
      expect(code, stderr).to.equal(0);
      clusterFile = stdout.trimEnd().split('\n').at(-1) ?? '';
      networks = stateOf(one).namespaces.map((name) => statSync(path.join('/run/netns', name)).ino);
    });

    it('prints the path of its cluster file, which the product accepts', async () => {
      expect(clusterFile).to.equal(path.join(directory(one), 'cluster.yaml'));
      const valid = await run(process.execPath, [ipvet, 'config', 'validate', '-i', clusterFile], environment());
      expect(valid.code, valid.stderr).to.equal(0);
    });

    it('shows every host, its kind and that it runs', async () => {
      const { phase, hosts, faults } = await status(one);
      expect({ phase, faults }).to.deep.equal({ phase: 'up', faults: [] });
      expect(hosts.map(({ name, kind, running }) => `${name} ${kind} ${running}`)).to.deep.equal([
        'client1 netns true',
        'infra netns true',
        'director1 uml true',
        'rs1 uml true',
        'rs2 uml true',
        'rs3 uml true',
      ]);
      expect((await lab('status', '--name', one)).stdout).to.match(/^rs1 +real-server +10\.10\.10\.10 +uml +running/m);
    });

    it('says so the second time and starts nothing', async () => {
      const state = stateOf(one);
      const { code, stdout, stderr } = await lab('up', '--name', one);
      expect([code, stdout]).to.deep.equal([0, `${clusterFile}\n`]);
      expect(stderr).to.include('already up');
      expect(stateOf(one)).to.deep.equal(state);
    });

    it('has hosts as an operator meets them', async () => {
      const question =
        'hostname; id -un; sudo id -un; ip -br -4 address show eth1; cat /proc/sys/net/ipv4/ip_forward; sudo ipvsadm -Ln';
      const { code, stdout, stderr } = await lab('ssh', 'director1', '--name', one, '--', question);
      expect(code, stderr).to.equal(0);
      expect(stdout.split('\n').map((line) => line.replace(/ +/g, ' ').trim())).to.include.members([
        'director1',
        'ops',
        'root',
        'eth1 UNKNOWN 10.10.10.1/24',
        '1',
        'IP Virtual Server version 1.2.1 (size=4096)',
      ]);
      expect(stdout).not.to.include('192.168.122.100:80');
    });

    it('lets an operator reach real servers through the director, with strict host keys', async () => {
      const ssh = ['-F', path.join(directory(one), 'ssh_config'), '-o', 'BatchMode=yes'];
      const { code, stdout, stderr } = await run('ssh', [...ssh, 'rs2', 'hostname; cat /etc/resolv.conf']);
      expect([code, stdout], stderr).to.deep.equal([0, 'rs2\nnameserver 10.10.10.2\n']);
      const stranger = await run('ssh', [...ssh, '-o', 'HostKeyAlias=rs1', '10.10.10.20', 'true']);
      expect(stranger.code).to.equal(255);
      expect(stranger.stderr).to.include('Host key verification failed');
    });

    it('passes exit code, input and output of a command through', async () => {
      const ssh = await lab('ssh', 'root@rs1', '--name', one, '--', 'id -un; exit 7');
      expect([ssh.code, ssh.stdout]).to.deep.equal([7, 'root\n']);
      const exec = await lab('exec', '--name', one, '--', 'sh', '-c', 'echo out; echo err >&2; exit 9');
      expect([exec.code, exec.stdout, exec.stderr]).to.deep.equal([9, 'out\n', 'err\n']);
      const nobody = await lab('ssh', 'rs9', '--name', one);
      expect(nobody.code).to.equal(2);
      expect(nobody.stderr).to.include('rs9 is no host').and.to.include('rs1');
    });

    it("runs programs of this machine in the client's network, which knows the name of the VIP and has no way out", async () => {
      const { stdout } = await lab(
        ...['exec', '--name', one, '--', 'sh', '-c'],
        'getent hosts www.example.com rs1; ip -4 -br address show eth0; ip route; nc -w 1 10.10.10.10 80 </dev/null || echo no',
      );
      expect(stdout).to.match(/^192\.168\.122\.100 +www\.example\.com$/m);
      expect(stdout).to.match(/^10\.10\.10\.10 +rs1$/m);
      expect(stdout).to.match(/^eth0@\S+ +UP +192\.168\.122\.1\/24/m);
      expect(stdout).not.to.include('default');
      expect(stdout).to.match(/no\n$/);
    });

    it('serves pages that name their host', async () => {
      const page = 'curl -si http://127.0.0.1/any/path; curl -si http://10.10.10.10/';
      const { stdout } = await lab('ssh', 'rs3', '--name', one, '--', page);
      expect(stdout).to.match(/X-Real-Server: rs3\r\n[^]*This is rs3\.[^]*X-Real-Server: rs1\r\n/);
    });

    it('applies a fault to a host and brings back what was there', async () => {
      const fault = ['--name', one];
      const route = async (): Promise<string> =>
        (await lab('ssh', 'rs2', '--name', one, '--', 'ip -4 route show default')).stdout;
      const healthy = await route();
      expect(healthy).to.match(/^default via 10\.10\.10\.1 dev eth0/);

      const early = await lab('fault', 'revert', 'nat-rs-gateway-not-director', ...fault);
      expect([early.code, early.stderr]).to.deep.equal([
        3,
        'ipvet: fault nat-rs-gateway-not-director is not applied to rs2\n  `ipvet lab status` lists the faults in force\n',
      ]);
      const wrong = await lab('fault', 'apply', 'nat-rs-gateway-not-director', '--on', 'director1', ...fault);
      expect(wrong.code).to.equal(2);
      expect(wrong.stderr).to.include('director1 is a director, not a real-server');

      expect((await lab('fault', 'apply', 'nat-rs-gateway-not-director', '--on', 'rs2', ...fault)).code).to.equal(0);
      expect(await route()).to.match(/^default via 10\.10\.10\.2 dev eth0/);
      expect((await status(one)).faults).to.deep.equal([{ id: 'nat-rs-gateway-not-director', host: 'rs2' }]);
      const again = await lab('fault', 'apply', 'nat-rs-gateway-not-director', ...fault);
      expect(again.code).to.equal(3);
      expect(again.stderr).to.include('already applied to rs2');

      expect((await lab('fault', 'revert', 'nat-rs-gateway-not-director', ...fault)).code).to.equal(0);
      expect(await route()).to.equal(healthy);
      expect((await status(one)).faults).to.deep.equal([]);
    });

    it('takes the power of a host, which comes back as it was declared and not as it was changed', async () => {
      const power = (verb: string, host: string) => lab('power', verb, host, '--name', one);
      const keyOf = async () => (await lab('ssh', 'rs3', '--name', one, '--', 'cat /etc/ssh/ssh_host_*.pub')).stdout;
      const key = await keyOf();
      await lab('ssh', 'root@rs3', '--name', one, '--', 'ip address add 10.10.10.33/24 dev eth0');
      expect(await power('off', 'rs3')).to.include({ code: 0, stderr: 'rs3 is off\n' });
      expect(await power('off', 'rs3')).to.include({ code: 0, stderr: 'rs3 is off already: nothing to do\n' });
      const { phase, hosts } = await status(one);
      expect(phase).to.equal('up');
      expect(hosts.find(({ name }) => name === 'rs3')).to.include({ power: 'off', running: false });
      expect((await lab('status', '--name', one)).stdout).to.match(/^rs3 .* off /m);

      const on = await power('on', 'rs3');
      expect(on.code, on.stderr).to.equal(0);
      expect(await keyOf()).to.equal(key);
      const addresses = await lab('ssh', 'rs3', '--name', one, '--', 'ip -br -4 address show eth0');
      expect(addresses.stdout).to.match(/UNKNOWN +10\.10\.10\.30\/24 *\n/);
      expect(await power('on', 'rs3')).to.include({ code: 0, stderr: 'rs3 is on already: nothing to do\n' });
      expect((await power('off', 'rs9')).code).to.equal(2);
    });

    it('cuts a host from one network or all, and connects it again', async () => {
      const asks = (host: string, address: string) =>
        lab(
          'ssh',
          host,
          '--name',
          one,
          '--',
          `curl -s -o /dev/null -m 2 http://${address}/ && echo answers || echo silence`,
        );
      const cut = await lab('cut', 'director1', '--network', 'servers', '--name', one);
      expect(cut).to.include({ code: 0, stderr: 'director1 is cut from servers\n' });
      expect((await asks('director1', '10.10.10.10')).stdout).to.equal('silence\n');
      expect((await asks('rs2', '10.10.10.10')).stdout).to.equal('answers\n');
      expect((await status(one)).hosts.find(({ name }) => name === 'director1')?.cut).to.deep.equal(['servers']);
      expect((await lab('cut', 'rs1', '--network', 'clients', '--name', one)).stderr).to.include('it is on servers');
      const mended = await lab('mend', 'director1', '--name', one);
      expect(mended).to.include({ code: 0, stderr: 'director1 is connected again to servers\n' });
      expect((await asks('director1', '10.10.10.10')).stdout).to.equal('answers\n');
    });

    it('`up` switches on and connects what was off and cut', async () => {
      await lab('power', 'off', 'rs1', '--name', one);
      await lab('cut', 'client1', '--name', one);
      const { code, stderr } = await lab('up', '--name', one);
      expect(code, stderr).to.equal(0);
      expect((await status(one)).hosts.every(({ running, cut }) => running && cut.length === 0)).to.equal(true);
      const banner = await lab('exec', '--name', one, '--', 'nc', '-w', '5', '192.168.122.10', '22');
      expect(banner.stdout).to.match(/^SSH-2/);
    });

    it('stands beside another lab with the same addresses, and outlives it', async () => {
      const second = await lab('up', '--name', two, '--hosts', 'netns', '--real-servers', '1');
      expect(second.code, second.stderr).to.equal(0);
      const { hosts } = await status(two);
      expect(hosts.find(({ name }) => name === 'rs1')).to.include({ kind: 'netns', running: true });
      const director = hosts.find(({ role }) => role === 'director');
      expect(director?.because).to.include('IPVS');

      const mark = await lab('ssh', 'rs1', '--name', two, '--', 'cat /proc/1/comm; ip -br -4 address show eth0');
      expect(mark.stdout).to.match(/^sh\neth0@\S+ +UP +10\.10\.10\.10\/24/);
      expect((await lab('ssh', 'rs1', '--name', one, '--', 'cat /proc/1/comm')).stdout).to.equal('systemd\n');

      await lab('ssh', 'root@rs1', '--name', two, '--', 'ip address add 10.10.10.33/24 dev eth0');
      const reset = await lab('power', 'reset', 'rs1', '--name', two);
      expect(reset.code, reset.stderr).to.equal(0);
      const addresses = await lab('ssh', 'rs1', '--name', two, '--', 'ip -br -4 address show eth0');
      expect(addresses.stdout).to.match(/UP +10\.10\.10\.10\/24 *\n/);

      expect((await lab('down', '--name', two)).code).to.equal(0);
      expect((await status(one)).phase).to.equal('up');
      expect((await lab('ssh', 'rs1', '--name', one, '--', 'true')).code).to.equal(0);
    });

    it('shows a host that died, and goes down with what is left', async () => {
      const director = stateOf(one).hosts.find(({ name }) => name === 'director1')?.process;
      process.kill(director?.pid ?? Number.NaN, 'SIGKILL');
      await until(async () => (await status(one)).phase === 'broken');
      expect((await status(one)).hosts.filter(({ running }) => !running).map(({ name }) => name)).to.deep.equal([
        'director1',
      ]);
      const down = await lab('down', '--name', one);
      expect([down.code, down.stderr]).to.deep.equal([0, `taking lab "${one}" down\nlab "${one}" is down\n`]);
    });
  });

  describe('down', () => {
    it('leaves nothing, and has nothing to do the second time', async () => {
      await until(() => Promise.resolve(traces().length === 0));
      expect(traces()).to.deep.equal([]);
      expect(taps()).to.deep.equal(before_);
      expect(networks).to.have.lengthOf(3);
      expect(processesIn(networks)).to.deep.equal([]);
      expect(await lab('down', '--name', one)).to.include({ code: 0, stdout: '' });
    });

    // Moments of `up`, by what is in the state by then.
    for (const [moment, reached] of [
      ['before anything was made', (state: LabState) => state.hosts.every(({ process: each }) => each === undefined)],
      ['while hosts boot', (state: LabState) => state.hosts.some(({ process: each }) => each !== undefined)],
    ] as const) {
      it(`works after kill -9 of \`up\` ${moment}`, async () => {
        const up = start('up', '--name', two, '--hosts', 'netns', '--real-servers', '1');
        await until(() => Promise.resolve(existsSync(directory(two)) && reached(stateOf(two))));
        const ended = closed(up);
        up.kill('SIGKILL');
        await ended;
        const { phase } = await status(two);
        expect(phase).to.equal('broken');
        expect((await lab('down', '--name', two)).code).to.equal(0);
        await until(() => Promise.resolve(traces().length === 0));
        expect(traces()).to.deep.equal([]);
      });
    }

    it('comes by itself when `up` is interrupted', async () => {
      const up = start('up', '--name', two, '--hosts', 'netns', '--real-servers', '1');
      await until(() =>
        Promise.resolve(
          existsSync(directory(two)) && stateOf(two).hosts.some(({ process: each }) => each !== undefined),
        ),
      );
      const other = await lab('down', '--name', two);
      expect(other.code).to.equal(5);
      expect(other.stderr).to.include('being brought up by another process');
      const ended = closed(up);
      up.kill('SIGINT');
      expect(await ended).to.equal(130);
      await until(() => Promise.resolve(traces().length === 0));
      expect(traces()).to.deep.equal([]);
    });
  });

  function start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [ipvet, 'lab', ...args], { env: environment(), stdio: 'ignore' });
  }
});

function run(program: string, args: readonly string[], env = process.env): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { env, timeout: 150_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
    child.stdin?.end();
  });
}

const closed = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('close', resolve);
  });

const listed = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);

/** Command lines of all processes, this one's aside. */
function processes(): string[] {
  return listed('/proc')
    .filter((each) => /^\d+$/.test(each) && each !== String(process.pid))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });
}

/** Pids of the processes in one of these network namespaces, given by inode. */
function processesIn(networks: readonly number[]): string[] {
  return listed('/proc').filter((each) => {
    if (!/^\d+$/.test(each)) return false;
    try {
      return networks.includes(statSync(`/proc/${each}/ns/net`).ino);
    } catch {
      // It has ended, or belongs to somebody we may not look at; a process of a lab is root's.
      return false;
    }
  });
}

/** Interfaces of this machine's own network. */
const taps = (): string[] => listed('/sys/class/net').sort();

const onPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((directory) => existsSync(path.join(directory, program)));

/** At most 15 s. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await condition()) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
