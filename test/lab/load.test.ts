/** What stands around the load, on a real cluster: a pool of source addresses, the words of ab, thresholds, the count of three ends, the capacity. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { changedCopy, labUp, onHost, outcomes, record, run, skipWithoutLab } from './product.ts';

const lab = 'load';
const ipvet = fileURLToPath(new URL('../../bin/ipvet', import.meta.url));
const vip = 'http://192.168.122.100/';
const oneAddress = /cip: 192\.168\.122\.\d+/;
/** One more than the client has, and seven that it does not have. */
const pool = (text: string) =>
  text.replace(oneAddress, (cip) => `cip: ['${cip.slice(5)}', 192.168.122.40-192.168.122.46]`);

describe('load on a real cluster', function () {
  this.timeout(240_000);
  let file = '';
  let folder = '';
  const copy = (name: string, change: (text: string) => string) =>
    changedCopy(file, join(folder, `${name}.yaml`), change);
  const load = (inventory: string, ...args: readonly string[]) =>
    run(['load', '-i', inventory, '-o', join(folder, 'runs'), '--yes', ...args]);
  const addresses = async (): Promise<readonly string[]> => {
    const { stdout } = await run(['lab', 'exec', '--name', lab, '--', 'ip', '-o', 'address', 'show', 'dev', 'eth0']);
    return [...stdout.matchAll(/inet (192\.168\.122\.\d+)\//g)].map(([, address = '']) => address).toSorted();
  };
  const apply = async (inventory: string): Promise<void> => {
    const applied = await run(['rules', 'apply', '-i', inventory, '--yes']);
    expect(applied.code, applied.stderr).to.equal(0);
  };

  before(async function () {
    skipWithoutLab(this);
    folder = mkdtempSync(join(tmpdir(), 'ipvet-load-'));
    file = await labUp(lab);
    await apply(file);
  });
  after(async () => {
    if (file !== '') await run(['lab', 'down', '--name', lab]);
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
    // The account of the guard that undid for the killed runner, which no further run comes to read.
    rmSync(`/var/tmp/ipvet.netns-ipvet-${lab}-client1.restored`, { recursive: true, force: true });
  });

  it('comes from a pool of addresses, each of which persistence keeps at one real server; they go again, one that was there stays', async () => {
    const persistent = await copy('pool', (text) =>
      pool(text).replace('scheduler: rr', 'scheduler: rr\n    persistence: 60'),
    );
    await apply(persistent);
    await run(['lab', 'exec', '--name', lab, '--', 'ip', 'address', 'add', '192.168.122.43/24', 'dev', 'eth0']);
    const before = await addresses();
    const ended = await load(persistent, '-n', '160', '-c', '8', '--json');
    const run1 = record(ended);
    const [result] = run1.load;
    expect(result?.sources, JSON.stringify(outcomes(run1))).to.have.length(8);
    expect(Object.keys(result?.answersByRealServer ?? {}).length).to.be.greaterThan(1);
    expect(run1.changes.map(({ host, undone }) => ({ host, undone }))).to.deep.equal(
      Array.from({ length: 6 }, () => ({ host: 'client1', undone: true })),
    );
    expect(
      run1.guards?.map(({ host, released, before: first, after: last }) => ({ host, released, same: first === last })),
    ).to.deep.equal([{ host: 'client1', released: true, same: true }]);
    expect(await addresses())
      .to.deep.equal(before)
      .and.to.include('192.168.122.43');
    await run(['lab', 'exec', '--name', lab, '--', 'ip', 'address', 'delete', '192.168.122.43/24', 'dev', 'eth0']);
    await apply(file);
  });

  it('takes the addresses away when the runner was killed', async () => {
    const inventory = await copy('killed', pool);
    const before = await addresses();
    const runner = spawn(
      process.execPath,
      [ipvet, 'load', '-i', inventory, '-o', join(folder, 'runs'), '--yes', '-n', '100000', '-c', '2', '-t', '60'],
      {
        stdio: 'ignore',
        cwd: dirname(inventory),
      },
    );
    const until = async (what: () => Promise<boolean>, limitMs: number) => {
      for (const end = performance.now() + limitMs; performance.now() < end;) {
        if (await what()) return true;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      return false;
    };
    const added = await until(async () => (await addresses()).length === before.length + 7, 40_000);
    runner.kill('SIGKILL');
    expect(added, 'addresses were added').to.equal(true);
    expect(await until(async () => (await addresses()).length === before.length, 40_000), 'and removed').to.equal(true);
    expect(await addresses()).to.deep.equal(before);
  });

  it('prints what ab prints, for a declared VIP and no other address', async () => {
    const ended = await load(file, '-n', '200', '-c', '20', '-H', 'X-Test: 1', vip);
    expect(ended.stdout, ended.stderr)
      .to.match(/^Complete requests: {6}200$/m)
      .and.match(/^Failed requests: {8}0$/m);
    expect(ended.stdout)
      .to.match(/^Requests per second: {4}[\d.]+ \[#\/sec\] \(mean\)$/m)
      .and.match(/^ {2}95% +\d+$/m);
    expect(ended.code, ended.stdout).to.be.oneOf([0, 3]);
    expect((await load(file, '-n', '1', '-c', '1', 'http://192.168.122.99/')).code).to.equal(5);
    expect((await load(file, '-n', '1', '-c', '1', 'http://10.10.10.10/')).code).to.equal(5);
  });

  it('fails by a threshold that is crossed, and is not begun for one on a figure there is not', async () => {
    const strict = await copy('strict', (text) =>
      text.replace('metric: errors.rate', 'metric: total.min').replace(/max: 0\.1%/, 'max: 0.001ms'),
    );
    const ended = await load(strict, '-n', '100', '-c', '5', '--json');
    expect(ended.code, ended.stderr).to.equal(1);
    expect(outcomes(record(ended))).to.deep.include.members([
      outcomes(record(ended)).find(({ check }) => check === 'traffic/thresholds'),
    ]);
    expect(outcomes(record(ended)).find(({ check }) => check === 'traffic/thresholds')).to.include({ outcome: 'fail' });
    const unknown = await copy('unknown', (text) => text.replace('metric: errors.rate', 'metric: total.p97'));
    const refused = await load(unknown);
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.include('there is no metric `total.p97`');
  });

  it('locates SYNs that are dropped on one real server', async () => {
    const drop = (verb: string) =>
      `for i in iptables-legacy iptables; do $i ${verb} INPUT -p tcp --dport 80 --syn -j DROP && exit 0; done; exit 1`;
    await onHost(lab, 'root@rs2', drop('-I'));
    try {
      const ended = await load(file, '-n', '60', '-c', '30', '-s', '3', '--json');
      const verdict = record(ended).verdicts.find(({ check }) => check === 'traffic/reconciliation');
      expect(verdict, ended.stderr).to.include({ outcome: 'fail' });
      expect(verdict?.reason).to.match(
        /^director1 sent rs2 the SYNs of \d+ connections, and rs2 completed \d handshakes?: \d+ lost on rs2 itself/,
      );
      expect(verdict?.reason).to.not.include('rs1').and.not.include('rs3');
      expect(ended.code).to.equal(1);
    } finally {
      await onHost(lab, 'root@rs2', drop('-D'));
    }
  });

  it('finds the capacity within its bounds, and compares with the way around the director', async () => {
    const search = await copy('capacity', (text) =>
      text.replace(
        /smoke:\n( +)mode: ab\n +requests: \d+\n +concurrency: \d+\n/,
        'smoke:\n$1mode: capacity\n$1control: true\n$1capacity: { start: 20, ceiling: 80, step: 1s, latency: 2s }\n',
      ),
    );
    const ended = await load(search, '--json');
    const [result] = record(ended).load;
    expect(result?.capacity, ended.stderr).to.have.property('limitedBy').that.is.a('string');
    const { steps = [], rateRps = 0 } = result?.capacity ?? {};
    expect(steps.length).to.be.within(1, 16);
    expect(rateRps).to.be.at.most(80);
    expect(steps.every((step) => step.rateRps <= 80)).to.equal(true);
    expect(result?.control?.runs.map(({ realServer }) => realServer)).to.deep.equal([undefined, 'rs1', 'rs2', 'rs3']);
    expect(result?.control?.runs[0]?.answered).to.be.greaterThan(0);
  });
});
