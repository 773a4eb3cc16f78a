import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { Host } from '../../lib/ssh/host.ts';
import { failureOf } from './failure.ts';
import { Workspace } from './workspace.ts';

const rootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;

describe('this machine as a host', () => {
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(() => workspace.close());

  const local = (netns?: string): Promise<Host> => {
    const host = { name: 'client1', host: 'localhost', ...(netns === undefined ? {} : { netns }) };
    return workspace.fleet(workspace.cluster([host], { become: 'none' })).host('client1');
  };

  it('runs programs without ssh', async () => {
    const host = await local();
    const result = await host.exec(['sh', '-c', 'cat; echo err >&2; exit 4'], { stdin: 'in', exitCodes: [4] });
    expect(result).to.include({ exitCode: 4, stdout: 'in', stderr: 'err\n', truncated: false });
    expect(result.durationMs).to.be.above(0);
  });

  it('says of a missing program what a shell says: 127', async () => {
    const host = await local();
    expect((await host.exec(['no-such-program'], { exitCodes: [127] })).exitCode).to.equal(127);
    expect(await failureOf(host.exec(['no-such-program']))).to.include({ code: 'EXEC_FAILED', host: 'client1' });
  });

  it('drains a flood, and keeps what was asked for', async () => {
    const host = await local();
    const script = 'head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2; wait';
    const result = await host.exec(['sh', '-c', script], { maxBytes: 5 });
    expect(result.truncated).to.be.true;
    expect(result.stdout).to.have.length(5);
  });

  it('ends a program that runs too long, with what it started', async () => {
    const host = await local();
    let pid = '';
    const error = await failureOf(
      host.exec(['sh', '-c', 'sleep 300 & echo $!; wait'], {
        timeoutMs: 300,
        onStdout: (piece) => (pid += piece.toString().trim()),
      }),
    );
    expect(error).to.include({ code: 'EXEC_TIMEOUT', host: 'client1' });
    while (alive(Number(pid))) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('ends a program that does not hear the first word', async () => {
    const host = await local();
    const remote = await host.spawn(['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done']);
    const lines = remote.lines[Symbol.asyncIterator]();
    expect((await lines.next()).value).to.have.property('text', 'ready');
    await remote.close();
    expect((await remote.ended).exitCode).to.be.null;
  });

  it('ends what still runs when the fleet is closed', async () => {
    const host = await local();
    const remote = await host.spawn(['sleep', '300']);
    await workspace.close();
    expect((await remote.ended).exitCode).to.be.null;
  });

  it('says so where there is no such network namespace', async function () {
    const error = await failureOf(local('ipvet-no-such-ns'));
    expect(error.host).to.equal('client1');
    expect(error.code).to.equal(process.platform === 'linux' ? 'SSH_UNREACHABLE' : 'CONFIG');
    expect(error.message).to.contain('ipvet-no-such-ns');
  });

  (rootOnLinux ? it : it.skip)(
    `runs programs in a network namespace${rootOnLinux ? '' : ' (skipped: needs root on Linux)'}`,
    async () => {
      const netns = `ipvet-t-${process.pid}`;
      expect(spawnSync('ip', ['netns', 'add', netns]).status).to.equal(0);
      try {
        const host = await local(netns);
        const { stdout } = await host.exec(['ip', '-o', 'link']);
        expect(
          stdout
            .trim()
            .split('\n')
            .filter(
              (line) => !/: (lo|tunl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|sit0|ip6tnl0|ip6gre0)[@:]/.test(line),
            ),
        ).to.deep.equal([]);
      } finally {
        expect(spawnSync('ip', ['netns', 'del', netns]).status).to.equal(0);
      }
    },
  );
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
