/** `ipvet explain` against a real kernel: where it says a client goes is where its connection then goes. One NAT lab. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import type { Explained } from '../../cli/explain-text.ts';
import type { Explanation, StepName } from '../../lib/explain/explanation.ts';
import type { ClientPlan, Place, Seen } from './explain/client.ts';
import { changedCopy, labUp, onHost, run, skipWithoutLab } from './product.ts';

const lab = 'explain-test';
const vip = '192.168.122.100';
/** Addresses of nobody, all of them at home in the client's network. */
const pool = '10.99.0.0/22';
const client = fileURLToPath(new URL('explain/client.ts', import.meta.url));

const ports = { sh: 80, shPort: 8001, mh: 8002, persistent: 8003, wlc: 8004, empty: 8005, none: 8099 } as const;
const weights = [3, 1, 2] as const;
const rules = [
  [ports.sh, '-s sh'],
  [ports.shPort, '-s sh -b sh-port'],
  [ports.mh, '-s mh'],
  [ports.persistent, '-s sh -p 300 -M 255.255.255.0'],
  [ports.wlc, '-s wlc'],
].flatMap(([port, scheduler]) => [
  `-A -t ${vip}:${port ?? ''} ${scheduler ?? ''}`,
  ...weights.map((weight, index) => `-a -t ${vip}:${port ?? ''} -r 10.10.10.${(index + 1) * 10}:80 -m -w ${weight}`),
]);

interface Mutable {
  ssh?: Record<string, unknown>;
  readonly directors: Record<string, unknown>[];
}

describe('lab: where a client goes', function () {
  this.timeout(240_000);
  let out = '';
  let clusterFile = '';

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(join(tmpdir(), 'ipvet-explain-'));
    clusterFile = await labUp(lab);
    await inClient(['ip', 'route', 'add', 'local', pool, 'dev', 'lo']);
    await director(`ip route add ${pool} via 192.168.122.1`);
    await director(`ipvsadm -R <<'END'\n${[...rules, `-A -t ${vip}:${ports.empty} -s rr`].join('\n')}\nEND`);
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
  });

  const director = (line: string) => onHost(lab, 'root@director1', line);

  async function inClient(command: readonly string[]): Promise<string> {
    const ended = await run(['lab', 'exec', '--name', lab, '--', ...command]);
    expect(ended.code, ended.stderr).to.equal(0);
    return ended.stdout;
  }

  async function went(port: number, from: readonly Place[], holdMs = 0): Promise<readonly Seen[]> {
    const plan: ClientPlan = { vip, port, from, holdMs };
    return JSON.parse(await inClient([process.execPath, '--import', 'tsx', client, JSON.stringify(plan)])) as Seen[];
  }

  async function explain(from: Place, port: number, code = 0): Promise<Explained> {
    const cip = from.port === undefined ? from.address : `${from.address}:${from.port}`;
    const ended = await run(['explain', cip, `${vip}:${port}`, '-i', clusterFile, '--json']);
    expect(ended.code, `${ended.stdout}${ended.stderr}`).to.equal(code);
    return JSON.parse(ended.stdout) as Explained;
  }

  function changed(change: (file: Mutable) => void): Promise<string> {
    return changedCopy(clusterFile, join(out, 'cluster.yaml'), (text) => {
      const file = parse(text) as Mutable;
      change(file);
      return stringify(file);
    });
  }

  const serverOf = ({ answer }: Explained) => (answer.kind === 'real-server' ? answer.to.realServer : answer.kind);
  const step = ({ directors }: Explained, name: StepName) =>
    (directors[0] as Explanation | undefined)?.steps.find((one) => one.step === name);

  /** Predicts before anything is connected, then connects. */
  async function foretold(port: number, from: readonly Place[]): Promise<void> {
    const told: (string | undefined)[] = [];
    for (const place of from) told.push(serverOf(await explain(place, port)));
    expect(await went(port, from)).to.deep.equal(told);
    expect(new Set(told).size, 'all went to one real server, which any guess finds').to.be.above(1);
  }

  it('sh: by the address', () =>
    foretold(
      ports.sh,
      [10, 11, 12, 77, 140, 201].map((last) => ({ address: `10.99.1.${last}` })),
    ));

  it('sh-port: by address and port; without the port it cannot be told', async () => {
    await foretold(
      ports.shPort,
      [40_001, 40_002, 40_003, 51_234].map((port) => ({ address: '10.99.1.10', port })),
    );
    const { answer } = await explain({ address: '10.99.1.10' }, ports.shPort);
    expect(answer).to.deep.include({ kind: 'one-of' });
    expect(answer.kind === 'one-of' && answer.because).to.contain('sh-port');
  });

  it('mh: by the address', () =>
    foretold(
      ports.mh,
      [10, 11, 12, 77, 140].map((last) => ({ address: `10.99.2.${last}` })),
    ));

  it('a live entry decides, and is gone on to after it ended', async () => {
    const from = { address: '10.99.1.20', port: 45_000 };
    const held = went(ports.wlc, [from], 20_000);
    let seen = await explain(from, ports.wlc);
    for (let tries = 0; tries < 8 && step(seen, 'entry')?.decides !== true; tries++) {
      await sleep(500);
      seen = await explain(from, ports.wlc);
    }
    expect(step(seen, 'entry')).to.include({ decides: true });
    expect(step(seen, 'entry')?.text).to.match(
      /^10\.99\.1\.20:45000 → rs\d 10\.10\.10\.\d0:80, ESTABLISHED, 8\d\d s left$/,
    );
    expect([serverOf(seen)]).to.deep.equal(await held);
    const any = await explain({ address: from.address }, ports.wlc);
    expect(step(any, 'entry')?.entries).to.have.lengthOf(1);
    expect(step(any, 'entry')?.decides).to.equal(false);
    const over = await explain(from, ports.wlc);
    expect(step(over, 'entry')?.text).to.match(
      /(TIME_WAIT|CLOSE), \d+ s left; .*scheduled anew: .*conn_reuse_mode is 1$/,
    );
    expect(over.answer).to.include({ kind: 'real-server', by: 'scheduler' });
  });

  it('wlc: by the counters as they are', async () => {
    const from = { address: '10.99.1.30' };
    const told = serverOf(await explain(from, ports.wlc));
    expect(await went(ports.wlc, [from])).to.deep.equal([told]);
  });

  it('a template binds the whole /24, also to a quiesced real server unless expire_quiescent_template is 1', async () => {
    const [first, neighbour] = [{ address: '10.99.3.10' }, { address: '10.99.3.99' }];
    const told = await explain(first, ports.persistent);
    expect(told.answer).to.include({ kind: 'real-server', by: 'scheduler' });
    const [server] = await went(ports.persistent, [first]);
    expect(serverOf(told)).to.equal(server);
    const bound = await explain(neighbour, ports.persistent);
    expect(bound.answer).to.include({ kind: 'real-server', by: 'template' });
    expect(serverOf(bound)).to.equal(server);
    expect(step(bound, 'template')?.text).to.match(/^10\.99\.3\.0 → rs\d 10\.10\.10\.\d0:80, 2\d\d s left; .*300 s$/);
    expect(await went(ports.persistent, [neighbour])).to.deep.equal([server]);

    const rip = `10.10.10.${(server ?? '').replace('rs', '')}0`;
    const other = { address: '10.99.3.200' };
    await director(`ipvsadm -e -t ${vip}:${ports.persistent} -r ${rip}:80 -m -w 0`);
    const quiesced = await explain(other, ports.persistent);
    expect(serverOf(quiesced)).to.equal(server);
    expect((quiesced.directors[0] as Explanation).notes.join()).to.contain('persistence-ignores-quiesce');
    expect(await went(ports.persistent, [other])).to.deep.equal([server]);

    await director('sysctl -qw net.ipv4.vs.expire_quiescent_template=1');
    const last = { address: '10.99.3.201' };
    const freed = await explain(last, ports.persistent);
    expect(step(freed, 'template')?.text).to.contain('counts no more');
    const [seen] = await went(ports.persistent, [last]);
    expect(seen).to.equal(freed.answer.kind === 'refused' ? 'ECONNREFUSED' : serverOf(freed));
    expect(seen).to.not.equal(server);
  });

  it('no real server, and no service: refused in different ways', async () => {
    const from = { address: '10.99.1.40' };
    expect((await explain(from, ports.empty)).answer).to.include({ kind: 'refused', reply: 'icmp-port-unreachable' });
    const none = await explain(from, ports.none);
    expect(none.answer).to.include({ kind: 'refused', reply: 'tcp-reset' });
    expect(step(none, 'service')?.text).to.contain(`it has TCP ${vip}:`);
    expect(await went(ports.empty, [from])).to.deep.equal(['ECONNREFUSED']);
    expect(await went(ports.none, [from])).to.deep.equal(['ECONNREFUSED']);
    const absent = await run(['explain', from.address, '192.168.122.222:80', '-i', clusterFile, '--json']);
    expect((JSON.parse(absent.stdout) as Explained).answer.kind).to.equal('nowhere');
  });

  it('a director that cannot be reached is said, and the other is told all the same: exit code 3', async () => {
    const copy = await changed((file) => {
      file.directors.push({ name: 'lost', host: '127.0.0.1', port: 1, dip: '10.10.10.2', interface: 'eth1' });
    });
    const ended = await run(['explain', '10.99.1.10', `${vip}:${ports.sh}`, '-i', copy]);
    expect(ended.code, ended.stdout).to.equal(3);
    expect(ended.stdout).to.contain('lost could not be asked').and.contain('director1 sends it to rs');
  });

  it('without sudo the flags of sh are not known, and it says so: exit code 3', async () => {
    const copy = await changed((file) => {
      file.ssh = { ...file.ssh, become: 'none' };
    });
    const ended = await run(['explain', '10.99.1.10', `${vip}:${ports.sh}`, '-i', copy, '--json']);
    expect(ended.code, ended.stderr).to.equal(3);
    const told = JSON.parse(ended.stdout) as Explained;
    expect(told.answer.kind).to.equal('one-of');
    expect((told.directors[0] as Explanation).lacking.join()).to.contain('the flags of sh');
  });

  it('is text for people', async () => {
    const { stdout } = await run(['explain', '10.99.1.10', `${vip}:${ports.sh}`, '-i', clusterFile]);
    expect(stdout).to.match(
      /^10\.99\.1\.10 → 192\.168\.122\.100:80 \(tcp\)\n\ndirector1: has the VIP\n {2}service {4}TCP/,
    );
    expect(stdout).to.match(/\n\* scheduler {2}sh goes by the hash of the client's address: rs\d /);
  });
});
