import { expect } from 'chai';
import type { Host } from '../../lib/ssh/host.ts';
import { failureOf } from './failure.ts';
import { clientClosed, type Request, TestServer } from './server.ts';
import { Workspace } from './workspace.ts';

describe('a conversation with a program', () => {
  let workspace: Workspace;
  let server: TestServer;
  let program: (request: Request) => void;
  let host: Host;

  beforeEach(async () => {
    workspace = new Workspace();
    const hostKey = workspace.key('host_key');
    const userKey = workspace.key('user_key');
    server = await TestServer.start({
      hostKeys: [hostKey],
      authorized: [userKey],
      onExec: (request) => {
        program(request);
      },
    });
    workspace.file('known_hosts', `[127.0.0.1]:${server.port} ${hostKey.publicText}\n`);
    workspace.ssh('rs1', { Port: server.port, IdentityFile: userKey.path });
    host = await workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1');
  });
  afterEach(async () => {
    await workspace.close();
    await server.close();
  });

  const textsOf = async (lines: AsyncIterable<{ readonly text: string }>) => {
    const texts: string[] = [];
    for await (const { text } of lines) texts.push(text);
    return texts;
  };

  it('is by lines, however the bytes are cut; the last one may lack its newline', async () => {
    program = ({ channel }) => {
      const bytes = Buffer.from('one\n\nzwölf\nlast');
      for (const byte of bytes) channel.write(Buffer.of(byte));
      channel.exit(0);
      channel.end();
    };
    const remote = await host.spawn(['sampler']);
    expect(await textsOf(remote.lines)).to.deep.equal(['one', '', 'zwölf', 'last']);
    expect(await remote.ended).to.deep.equal({ exitCode: 0, stderr: '', lost: false });
  });

  it('cuts a line without end', async () => {
    program = ({ channel }) => {
      channel.write('x'.repeat(3 << 20));
      channel.write('\nnext\n');
      channel.exit(0);
      channel.end();
    };
    const texts = await textsOf((await host.spawn(['x'])).lines);
    expect(texts.map(({ length }) => length)).to.deep.equal([1 << 20, 4]);
  });

  it('makes the program wait for a reader that is slow', async () => {
    const line = `${'x'.repeat(1023)}\n`;
    const total = 32 * 1024;
    let sent = 0;
    const blocked = new Promise<void>((resolve) => {
      program = ({ channel }) => {
        const more = () => {
          while (sent < total) {
            sent++;
            if (!channel.write(line)) {
              channel.once('drain', more);
              setTimeout(resolve, 200);
              return;
            }
          }
          channel.exit(0);
          channel.end();
        };
        more();
      };
    });
    const remote = await host.spawn(['x']);
    await blocked;
    expect(sent).to.be.below(total);
    expect(await textsOf(remote.lines)).to.have.length(total);
  });

  it('ends with the connection, and says that it was lost', async () => {
    program = ({ channel, connection }) => {
      channel.write('one\n');
      channel.stderr.write('oh\n');
      setTimeout(() => connection.end(), 50);
    };
    const remote = await host.spawn(['x']);
    expect(await textsOf(remote.lines)).to.deep.equal(['one']);
    expect(await remote.ended).to.deep.equal({ exitCode: null, stderr: 'oh\n', lost: true });
    remote.write('into the void\n');
    await remote.close();
  });

  it('is closed when the signal fires', async () => {
    const abort = new AbortController();
    const reached = new Promise<Request>((resolve) => {
      program = resolve;
    });
    const remote = await host.spawn(['x'], { signal: abort.signal });
    const closed = clientClosed(await reached);
    abort.abort();
    await closed;
    expect((await remote.ended).exitCode).to.be.null;
    expect(await failureOf(host.spawn(['x'], { signal: abort.signal }))).to.include({ code: 'ABORTED' });
  });

  it('does not hang on a program that floods while it is closed', async () => {
    program = (request) => {
      request.channel.on('error', () => undefined);
      const more = () => {
        while (request.channel.writable && request.channel.write('y\n'.repeat(10_000)));
        request.channel.once('drain', more);
      };
      more();
      void clientClosed(request);
    };
    const remote = await host.spawn(['yes']);
    const lines = remote.lines[Symbol.asyncIterator]();
    expect((await lines.next()).value).to.have.property('text', 'y');
    await remote.close();
  });
});
