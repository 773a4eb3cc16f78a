import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { processId } from '../../../lab/processes.ts';
import {
  bootId,
  changeState,
  checkLabName,
  claim,
  labDirectory,
  labNames,
  type LabState,
  loadState,
  namespaceOf,
  saveState,
  withHost,
} from '../../../lab/state.ts';
import { labStatus, labThatIsUp } from '../../../lab/status.ts';
import { downLab } from '../../../lab/teardown.ts';
import { IpvetError } from '../../../lib/errors.ts';

const gone = { pid: process.pid, startTime: '1' };

function state(changes: Partial<LabState> = {}): LabState {
  return {
    format: 'ipvet-lab/1',
    name: 'one',
    topology: 'nat',
    phase: 'starting',
    owner: gone,
    bootId: bootId(),
    namespaces: [],
    hosts: [
      { name: 'rs1', role: 'real-server', kind: 'netns', because: 'asked', address: '10.10.10.10' },
      { name: 'rs2', role: 'real-server', kind: 'netns', because: 'asked', address: '10.10.10.20' },
    ],
    faults: [],
    ...changes,
  };
}

describe('lab state', () => {
  const before_ = process.env['XDG_STATE_HOME'];
  let home = '';

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'ipvet-state-'));
    process.env['XDG_STATE_HOME'] = home;
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
    if (before_ === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = before_;
  });

  it('lies in the XDG state directory, which a relative path does not change', () => {
    expect(labDirectory('one')).to.equal(path.join(home, 'ipvet/labs/one'));
    process.env['XDG_STATE_HOME'] = 'relative';
    expect(labDirectory('one')).to.equal(path.join(homedir(), '.local/state/ipvet/labs/one'));
  });

  it('refuses names that are no file, namespace and host name', () => {
    for (const name of ['', '-a', 'A', 'a/b', '..', 'a b', 'x'.repeat(31)]) {
      expect(() => {
        checkLabName(name);
      })
        .to.throw(IpvetError)
        .that.includes({ code: 'USAGE' });
    }
    checkLabName('a-1');
  });

  it('can be claimed once, and is whole from the first moment', () => {
    expect(claim(state())).to.equal(true);
    expect(claim(state({ topology: 'other' }))).to.equal(false);
    expect(loadState('one')).to.deep.equal(state());
    expect(readdirSync(path.join(home, 'ipvet/labs'))).to.deep.equal(['one']);
    expect(labNames()).to.deep.equal(['one']);
  });

  it('is replaced as a whole and leaves no drafts', () => {
    claim(state());
    const process_ = { pid: 4, startTime: '5' };
    const changed = changeState(state(), { hosts: withHost(state(), 'rs2', { process: process_ }) });
    expect(loadState('one')).to.deep.equal(changed);
    expect(changed.hosts.map(({ process: each }) => each)).to.deep.equal([undefined, process_]);
    expect(readdirSync(labDirectory('one'))).to.deep.equal(['state.json']);
  });

  it('says where it cannot be written', () => {
    writeFileSync(path.join(home, 'ipvet'), 'a file in the way');
    expect(() => claim(state()))
      .to.throw(IpvetError, labDirectory('one'))
      .that.includes({ code: 'STORAGE' });
    expect(() => {
      saveState(state());
    })
      .to.throw(IpvetError)
      .that.includes({ code: 'STORAGE' });
  });

  it('is not guessed from a broken or foreign file', () => {
    claim(state());
    for (const text of ['', '{', 'null', '{"format":"ipvet-lab/9"}']) {
      writeFileSync(path.join(labDirectory('one'), 'state.json'), text);
      expect(() => loadState('one'))
        .to.throw(IpvetError, /state\.json is not the state/)
        .that.includes({ code: 'LAB' });
    }
  });

  it('keeps the namespaces of two labs apart', () => {
    expect(namespaceOf('a', 'rs1')).not.to.equal(namespaceOf('a-rs1', 'switch'));
  });

  it('shows a lab as what is left of it', () => {
    const own = processId(process.pid);
    expect(labStatus({ name: 'one' })).to.deep.equal({ name: 'one', phase: 'down', hosts: [], faults: [] });
    claim(state());
    expect(labStatus({ name: 'one' }).phase).to.equal('broken');
    saveState(state({ owner: own }));
    expect(labStatus({ name: 'one' }).phase).to.equal('starting');

    const running = state().hosts.map((host) => ({ ...host, process: own }));
    saveState(state({ phase: 'up', hosts: running }));
    expect(labStatus({ name: 'one' })).to.include({ phase: 'up', clusterFile: `${labDirectory('one')}/cluster.yaml` });
    expect(labThatIsUp('one').name).to.equal('one');

    saveState(state({ phase: 'up', hosts: withHost(state({ hosts: running }), 'rs2', { process: gone }) }));
    const half = labStatus({ name: 'one' });
    expect(half.phase).to.equal('broken');
    expect(half.hosts.map(({ running: runs }) => runs)).to.deep.equal([true, false]);

    const off = withHost(state({ hosts: running }), 'rs2', { process: gone, power: 'off', cut: ['servers'] });
    saveState(state({ phase: 'up', hosts: off }));
    expect(labStatus({ name: 'one' }).phase).to.equal('up');
    expect(labStatus({ name: 'one' }).hosts[1]).to.deep.include({ running: false, power: 'off', cut: ['servers'] });

    saveState(state({ phase: 'up', hosts: running, bootId: 'before the reboot' }));
    expect(labStatus({ name: 'one' }).phase).to.equal('broken');
    expect(() => labThatIsUp('one')).to.throw(IpvetError, /not up/);
  });

  it('is not taken down under the hands of who is bringing the lab up', async () => {
    const other = processId(process.ppid);
    claim(state({ owner: other }));
    const error: unknown = await downLab({ name: 'one' }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(IpvetError).that.includes({ code: 'REFUSED' });
    expect(existsSync(labDirectory('one'))).to.equal(true);
  });

  it('has nothing to take down twice', async () => {
    expect(await downLab({ name: 'one' })).to.deep.equal({ name: 'one', existed: false });
  });
});
