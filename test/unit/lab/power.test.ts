import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { cut, mend, powerOff, powerOn } from '../../../lab/power.ts';
import { processId } from '../../../lab/processes.ts';
import { bootId, claim, type HostState, loadState } from '../../../lab/state.ts';
import { IpvetError } from '../../../lib/errors.ts';

const silent = { onProgress: () => undefined };

/** What the functions refuse or have nothing to do about; what they do is seen on a real lab. */
describe('power and network of a lab host', () => {
  const before_ = process.env['XDG_STATE_HOME'];
  let home = '';

  const host = (name: string, role: HostState['role'], changes: Partial<HostState> = {}): HostState => ({
    ...{ name, role, kind: 'uml', because: '', address: '', process: processId(process.pid) },
    ...changes,
  });

  beforeEach(function () {
    if (process.platform !== 'linux') this.skip();
    home = mkdtempSync(path.join(tmpdir(), 'ipvet-power-'));
    process.env['XDG_STATE_HOME'] = home;
    claim({
      ...{ format: 'ipvet-lab/1', name: 'one', topology: 'nat', phase: 'up', bootId: bootId(), namespaces: [] },
      owner: processId(process.pid),
      hosts: [
        host('client1', 'client', { kind: 'netns' }),
        host('infra', 'infrastructure', { kind: 'netns' }),
        host('director1', 'director', { cut: ['clients'] }),
        host('rs1', 'real-server', { power: 'off', process: { pid: process.pid, startTime: '1' } }),
      ],
      faults: [],
    });
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
    if (before_ === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = before_;
  });

  const refusal = async (work: Promise<unknown>): Promise<IpvetError> => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof IpvetError) return error;
    throw new Error('it was not refused', { cause: error });
  };

  it('knows the hosts of the lab only', async () => {
    for (const work of [powerOff('one', 'rs2'), powerOn('one', 'rs2', silent), cut('one', 'rs2'), mend('one', 'rs2')]) {
      expect(await refusal(work)).to.include({
        code: 'USAGE',
        message: 'rs2 is no host of lab "one"',
        hint: 'hosts: client1, infra, director1, rs1',
      });
    }
    expect(await refusal(powerOff('two', 'rs1'))).to.include({ code: 'LAB' });
  });

  it('knows the networks of the host only', async () => {
    for (const work of [cut('one', 'rs1', ['clients']), mend('one', 'rs1', ['servers', 'clients'])]) {
      expect(await refusal(work)).to.include({ code: 'USAGE', hint: 'it is on servers' });
    }
  });

  it('has nothing to do where it was done before, and then changes nothing', async () => {
    const before = loadState('one');
    expect(await powerOff('one', 'rs1')).to.equal(false);
    expect(await powerOn('one', 'director1', silent)).to.equal(false);
    expect(await cut('one', 'director1', ['clients'])).to.deep.equal([]);
    expect(await mend('one', 'director1', ['servers'])).to.deep.equal([]);
    expect(loadState('one')).to.deep.equal(before);
  });

  it('is kept for the host that is off: it boots without the network it is cut from', async () => {
    expect(await cut('one', 'rs1')).to.deep.equal(['servers']);
    expect(loadState('one')?.hosts.at(-1)).to.deep.include({ power: 'off', cut: ['servers'] });
  });
});
