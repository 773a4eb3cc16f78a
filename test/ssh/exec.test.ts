import { once } from 'node:events';
import { expect } from 'chai';
import { ipvsadmSave } from '../../lib/privileges/index.ts';
import type { IpvetError } from '../../lib/errors.ts';
import type { Host } from '../../lib/ssh/host.ts';
import { failureOf } from './failure.ts';
import { clientClosed, flood, type Request, says, type ServerOptions, TestServer } from './server.ts';
import { Workspace } from './workspace.ts';

describe('programs over ssh', () => {
  let workspace: Workspace;
  let server: TestServer;
  /** What the program of this test does; set before it is asked for. */
  let program: (request: Request) => void;

  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(async () => {
    await workspace.close();
    await server.close();
  });

  async function connect(options: Partial<ServerOptions> = {}, signal = new AbortController().signal): Promise<Host> {
    const hostKey = workspace.key('host_key');
    const userKey = workspace.key('user_key');
    server = await TestServer.start({
      hostKeys: [hostKey],
      authorized: [userKey],
      onExec: (request) => {
        program(request);
      },
      ...options,
    });
    workspace.file('known_hosts', `[127.0.0.1]:${server.port} ${hostKey.publicText}\n`);
    workspace.ssh('rs1', { Port: server.port, IdentityFile: userKey.path });
    return workspace.fleet(workspace.cluster([{ name: 'rs1' }]), { signal }).host('rs1');
  }

  it('gives both streams, the exit code and the time', async () => {
    const host = await connect();
    program = says('out', 0, 'err');
    const before = performance.now();
    const result = await host.exec(['printf', '%s', "it's"]);
    expect(result).to.include({ exitCode: 0, stdout: 'out', stderr: 'err', truncated: false });
    expect(result.argv).to.deep.equal(['printf', '%s', "it's"]);
    expect(result.requestedAtMs).to.be.within(before, performance.now());
    expect(result.durationMs).to.be.within(0, performance.now() - before);
    expect(server.commands).to.deep.equal([String.raw`printf %s 'it'\''s'`]);
  });

  it('raises an exit code that was not named as an answer', async () => {
    const host = await connect();
    program = says('', 3, 'first\nno such table\n');
    expect((await host.exec(['ipvsadm', '-Ln'], { exitCodes: [0, 3] })).exitCode).to.equal(3);
    expect((await host.exec(['ipvsadm', '-Ln'], { exitCodes: 'any' })).exitCode).to.equal(3);
    const error = await failureOf(host.exec(['ipvsadm', '-Ln']));
    expect(error).to.include({ code: 'EXEC_FAILED', host: 'rs1' });
    expect(error.message).to.equal('rs1: ipvsadm -Ln ended with exit code 3: no such table');
    expect(error.cause).to.have.property('exitCode', 3);
  });

  it('tells a program that a signal ended', async () => {
    const host = await connect();
    program = ({ channel }) => {
      channel.exit('KILL', false, '');
      channel.end();
    };
    expect(await host.exec(['x'], { exitCodes: 'any' })).to.include({ exitCode: null, signal: 'SIGKILL' });
    expect((await failureOf(host.exec(['x']))).message).to.contain('SIGKILL');
  });

  it('gives the program its input, and then the end of it', async () => {
    const host = await connect();
    program = ({ channel }) => {
      let text = '';
      channel.on('data', (piece: Buffer) => (text += piece.toString()));
      channel.on('end', () => {
        channel.write(`${text.length} ${text.slice(0, 5)}`);
        channel.exit(0);
        channel.end();
      });
    };
    expect((await host.exec(['wc'])).stdout).to.equal('0 ');
    expect((await host.exec(['wc'], { stdin: 'hello'.repeat(1_000_000) })).stdout).to.equal('5000000 hello');
  });

  it('hands out standard output as it comes', async () => {
    const host = await connect();
    program = ({ channel }) => {
      channel.write('one\n');
      setImmediate(() => {
        channel.write('two\n');
        channel.exit(0);
        channel.end();
      });
    };
    const pieces: string[] = [];
    const times: number[] = [];
    const { requestedAtMs } = await host.exec(['x'], {
      onStdout: (piece, atMs) => {
        pieces.push(piece.toString());
        times.push(atMs);
      },
    });
    expect(pieces.join('')).to.equal('one\ntwo\n');
    expect(Math.min(...times)).to.be.at.least(requestedAtMs);
  });

  it('drains a flood on both streams, and keeps what was asked for', async function () {
    this.timeout(60_000);
    const host = await connect();
    const bytes = 50 * 1024 * 1024;
    program = (request) => {
      void flood(request, bytes).then(() => {
        request.channel.exit(0);
        request.channel.end();
      });
    };
    const before = process.memoryUsage().rss;
    let most = before;
    let received = 0;
    const result = await host.exec(['yes'], {
      maxBytes: 1000,
      timeoutMs: 50_000,
      onStdout: (piece) => {
        received += piece.length;
        most = Math.max(most, process.memoryUsage().rss);
      },
    });
    expect(received).to.equal(bytes);
    expect(result.truncated).to.be.true;
    expect(result.stdout).to.equal('x'.repeat(1000));
    expect(result.stderr).to.equal('x'.repeat(1000));
    expect((most - before) / 1024 / 1024, 'MiB more than before').to.be.below(100);
  });

  it('says that the connection was lost in the middle, and makes a new one for the next program', async () => {
    const host = await connect();
    program = ({ channel, connection }) => {
      channel.write('half a li');
      setImmediate(() => connection.end());
    };
    const error = await failureOf(host.exec(['x']));
    expect(error).to.include({ code: 'SSH_CLOSED', host: 'rs1' });
    expect(error.message).to.match(/^rs1: .*lost/);
    expect(error.hint).to.not.be.empty;
    program = says('back');
    expect((await host.exec(['x'])).stdout).to.equal('back');
    expect(server.accepted).to.equal(2);
    expect(workspace.events.map(({ kind }) => kind)).to.deep.equal(['connected', 'lost', 'connected']);
  });

  it('says that a program ended without telling how', async () => {
    const host = await connect();
    program = ({ channel }) => {
      channel.end();
    };
    expect(await failureOf(host.exec(['x']))).to.include({ code: 'SSH_CLOSED', host: 'rs1' });
  });

  it('does not wait longer than allowed, and lets go of the program', async () => {
    const host = await connect();
    const closed = new Promise<void>((resolve) => {
      program = (request) => {
        request.channel.stderr.write('waiting for a lock\n');
        resolve(clientClosed(request));
      };
    });
    const error = await failureOf(host.exec(['flock', '/x'], { timeoutMs: 100 }));
    expect(error).to.include({ code: 'EXEC_TIMEOUT', host: 'rs1' });
    expect(error.message).to.contain('0.1 s');
    expect(error.hint).to.contain('waiting for a lock');
    await closed;
    program = says('on');
    expect((await host.exec(['x'])).stdout).to.equal('on');
  });

  it('stops when the signal of the call fires, and not before', async () => {
    const host = await connect();
    const abort = new AbortController();
    const reached = new Promise<Request>((resolve) => {
      program = resolve;
    });
    const running = failureOf(host.exec(['sleep'], { signal: abort.signal }));
    const closed = clientClosed(await reached);
    abort.abort();
    await closed;
    expect(await running).to.include({ code: 'ABORTED', host: 'rs1' });
    expect(await failureOf(host.exec(['x'], { signal: abort.signal }))).to.include({ code: 'ABORTED' });
    expect(server.commands).to.have.length(1);
  });

  it('lets an undo with a signal of its own run after the run was interrupted', async () => {
    const abort = new AbortController();
    const host = await connect({}, abort.signal);
    abort.abort();
    program = says('undone');
    expect(await failureOf(host.exec(['x']))).to.include({ code: 'ABORTED' });
    expect((await host.exec(['undo'], { signal: new AbortController().signal })).stdout).to.equal('undone');
  });

  it('runs no more at a time on one connection than sshd allows', async () => {
    const host = await connect({ maxSessions: 10 });
    let now = 0;
    let most = 0;
    program = ({ channel }) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        channel.exit(0);
        channel.end();
      }, 5);
    };
    await Promise.all(Array.from({ length: 40 }, () => host.exec(['x'])));
    expect(most).to.equal(8);
    expect(server.commands).to.have.length(40);
    expect(server.accepted).to.equal(1);
  });

  it('takes turns where MaxSessions is smaller still', async () => {
    const host = await connect({ maxSessions: 2 });
    program = says('x');
    const results = await Promise.all(Array.from({ length: 12 }, () => host.exec(['x'])));
    expect(results.map(({ exitCode }) => exitCode)).to.deep.equal(Array.from({ length: 12 }, () => 0));
  });

  it('says so where no program may be started at all', async () => {
    const host = await connect({ maxSessions: 0 });
    const error = await failureOf(host.exec(['x']));
    expect(error).to.include({ code: 'EXEC_FAILED', host: 'rs1' });
    expect(error.hint).to.contain('MaxSessions');
  });

  it('goes through sudo as another user, and reports what sudo says', async () => {
    const host = await connect();
    program = says('-A -f 7 -s rr\n');
    expect((await host.exec(ipvsadmSave.argv, { asRoot: true })).stdout).to.equal('-A -f 7 -s rr\n');
    expect(server.commands).to.deep.equal(['env LC_ALL=C sudo -n -- ipvsadm -Sn']);
    program = says('', 1, 'sudo: a password is required\n');
    const error: IpvetError = await failureOf(host.exec(ipvsadmSave.argv, { asRoot: true, exitCodes: 'any' }));
    expect(error).to.include({ code: 'PERMISSION', host: 'rs1' });
    expect(error.message).to.contain('a password is required');
    expect(error.message).to.contain('ipvsadm -Sn');
    expect(error.hint).to.contain('ipvet doctor sudoers --host rs1');
    expect(await failureOf(host.exec(['id', '-u'], { asRoot: true }))).to.include({ code: 'INTERNAL' });
    expect(await failureOf(host.spawn(['id', '-u'], { asRoot: true }))).to.include({ code: 'INTERNAL' });
    expect(server.commands).to.have.length(2);
  });

  it('ends everything when the fleet is closed', async () => {
    const host = await connect();
    const reached = new Promise<void>((resolve) => {
      program = () => {
        resolve();
      };
    });
    const running = failureOf(host.exec(['sleep']));
    await reached;
    await workspace.close();
    expect(await running).to.include({ code: 'SSH_CLOSED' });
    expect(await failureOf(host.exec(['x']))).to.be.instanceOf(Error);
    while (server.connections.size > 0) for (const connection of server.connections) await once(connection, 'close');
  });
});
