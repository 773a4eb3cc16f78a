/** Rules of two directors under keepalived: the standby gets them first, and a director that refuses them takes them from both. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { changedCopy, labUp, onHost, preciseSudo, run, skipWithoutLab } from './product.ts';

const lab = 'pair-rules-test';
const directors = ['director1', 'director2'] as const;

describe('rules of two directors under keepalived', function () {
  this.timeout(300_000);
  let file = '';
  let out = '';
  let heavier = '';

  const rules = (inventory: string, ...args: string[]) => run(['-i', inventory, '-o', out, 'rules', ...args]);
  const seen = (what: string) => Promise.all(directors.map((name) => onHost(lab, `root@${name}`, what)));
  const confs = () => seen('cat /etc/keepalived/keepalived.conf');
  const weights = async () =>
    (await seen('ipvsadm -Sn')).map((text) => [...text.matchAll(/ -w (\d+)/g)].map(([, weight]) => Number(weight)));

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(path.join(tmpdir(), 'ipvet-pair-'));
    file = await labUp(lab, '--topology', 'ha');
    await preciseSudo(lab, file, 'change');
    heavier = await changedCopy(file, path.join(out, 'heavier.yaml'), (text) => text.replace('weight: 1', 'weight: 4'));
  });

  after(async () => {
    if (file !== '') await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
  });

  it('go into keepalived.conf of the standby, are seen in its kernel, and then of the master', async () => {
    const before = await confs();
    const { code, stdout, stderr } = await rules(heavier, 'apply', '--yes');
    expect(code, stderr).to.equal(0);
    expect(stdout.indexOf('director2: 1 change')).to.be.within(0, stdout.indexOf('director1: 1 change'));
    expect(await weights()).to.deep.equal([
      [4, 1, 1],
      [4, 1, 1],
    ]);
    const times = await seen('stat -c %Y /etc/keepalived/keepalived.conf');
    expect(Number(times[1]), 'the master was changed once the standby was seen to be right').to.be.below(
      Number(times[0]),
    );
    expect((await rules(heavier, 'plan')).stdout).to.include('director1: as declared');

    const back = await rules(heavier, 'rollback', '--yes');
    expect(back.code, back.stderr).to.equal(0);
    expect(await confs()).to.deep.equal(before);
    expect(await weights()).to.deep.equal([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('are taken from the standby again where the master does not follow', async () => {
    const before = await confs();
    // Its keepalived is not told of the new file.
    await onHost(lab, 'root@director1', 'kill -STOP $(pidof keepalived)');
    try {
      const { code, stderr } = await rules(heavier, 'apply', '--yes');
      expect(code, stderr).to.equal(3);
      expect(stderr).to.include('director1');
    } finally {
      await onHost(lab, 'root@director1', 'kill -CONT $(pidof keepalived)');
    }
    expect(await confs()).to.deep.equal(before);
    expect((await weights())[1]).to.deep.equal([1, 1, 1]);
  });
});
