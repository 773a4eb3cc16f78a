import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { allEnded, childrenOf, isAlive, processId, signalProcess } from '../../../lab/processes.ts';
import { IpvetError } from '../../../lib/errors.ts';

describe('processes of a lab', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('are alive as long as pid and start time both fit', () => {
    const own = processId(process.pid);
    expect(isAlive(own)).to.equal(true);
    expect(isAlive({ ...own, startTime: '1' })).to.equal(false);
  });

  it('are found below their parent, ended, and waited for', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'ipvet-process-'));
    // The name of the program is a field of its own in /proc/PID/stat, and this one looks like the fields after it.
    const program = path.join(directory, 'x) R 1 2');
    copyFileSync('/bin/sleep', program);
    const child = spawn(program, ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const id = processId(child.pid ?? 0);
    expect(childrenOf(processId(process.pid))).to.deep.include(id);
    const closed = once(child, 'close');
    signalProcess({ ...id, startTime: '1' }, 'SIGKILL');
    expect(isAlive(id)).to.equal(true);
    signalProcess(id, 'SIGKILL');
    await allEnded([id], 5000);
    expect(isAlive(id)).to.equal(false);
    await closed;
    signalProcess(id, 'SIGKILL');
    expect(() => processId(child.pid ?? 0)).to.throw(IpvetError);
    expect(childrenOf(id)).to.deep.equal([]);
    rmSync(directory, { recursive: true });
  });

  it('that do not end are named', async () => {
    const own = processId(process.pid);
    const error: unknown = await allEnded([own], 20).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(IpvetError);
    expect((error as IpvetError).message).to.include(`${process.pid}`);
  });
});
