/** Servers that are no good host: garbage instead of ssh, banners and output without end. Each ends in time, by name, in bounded memory. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import { expect } from 'chai';

import { collectFacts } from '../../lib/facts/collect.ts';
import { questionsFor } from '../../lib/facts/questions.ts';
import { failureOf } from './failure.ts';
import { says, TestServer } from './server.ts';
import { type KeyPair, Workspace } from './workspace.ts';

const megabyte = 1 << 20;

/** Growth of this process's memory while `work` goes on, in MB; the collector runs before, so that old garbage is not counted. */
async function growthMb(work: () => Promise<void>): Promise<number> {
  let highest = 0;
  const before = process.memoryUsage.rss();
  const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 10);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return (Math.max(highest, process.memoryUsage.rss()) - before) / megabyte;
}

/** Writes until the other end has gone. */
function pour(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (socket.writable && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

describe('a hostile ssh server', function () {
  this.timeout(30_000);
  let workspace: Workspace;
  let hostKey: KeyPair;
  let userKey: KeyPair;
  const servers: { close(): unknown }[] = [];

  beforeEach(() => {
    workspace = new Workspace();
    hostKey = workspace.key('host');
    userKey = workspace.key('id');
  });
  afterEach(async () => {
    await workspace.close();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const clusterAt = (port: number) => {
    workspace.file('known_hosts', `[127.0.0.1]:${port} ${hostKey.publicText}\n`);
    workspace.ssh('rs1', { Port: port, IdentityFile: userKey.path, IdentitiesOnly: 'yes' });
    return workspace.cluster([{ name: 'rs1' }]);
  };

  /** A TCP server that is no ssh server; counts what it got rid of. */
  const raw = async (speak: (socket: Socket) => void): Promise<number> => {
    const open = new Set<Socket>();
    const server: Server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
      speak(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({
      close: () => {
        for (const socket of open) socket.destroy();
        server.close();
      },
    });
    return (server.address() as AddressInfo).port;
  };

  for (const [what, first, piece] of [
    ['garbage without a line end', '', Buffer.alloc(64 * 1024, 'x')],
    ['lines before its name, without end', '', Buffer.from('welcome to this machine\r\n'.repeat(1000))],
    ['zeros', '', Buffer.alloc(64 * 1024)],
    ['garbage after its name', 'SSH-2.0-OpenSSH_9.2\r\n', Buffer.alloc(64 * 1024, 0xff)],
    ['a huge packet after its name', 'SSH-2.0-OpenSSH_9.2\r\n', Buffer.from('7fffffff'.repeat(8192), 'hex')],
    ['escapes for a name', 'SSH-2.0-\u001b[31m\u001b]0;owned\u0007\r\n', Buffer.alloc(1024, 7)],
  ] as const) {
    it(`that sends ${what} is named, soon, in bounded memory`, async () => {
      const port = await raw((socket) => {
        socket.write(first);
        pour(socket, piece);
      });
      const fleet = workspace.fleet(clusterAt(port), { connectTimeoutMs: 1500 });
      const startedAt = performance.now();
      const growth = await growthMb(async () => {
        const error = await failureOf(fleet.host('rs1'));
        expect(error.code).to.be.oneOf(['SSH_CLOSED', 'SSH_TIMEOUT', 'SSH_CONFIG']);
        expect(error.message).to.include('rs1').and.have.length.below(1000);
      });
      expect(performance.now() - startedAt).to.be.below(5000);
      expect(growth).to.be.below(150);
    });
  }

  it('with a banner of 10 MB lets us in or is refused by name; what is kept of the banner is short and shows its escapes', async () => {
    for (const size of [3000, 30_000, 10 * megabyte]) {
      const banner = `\u001b[31mred\u202e${'b'.repeat(size)}`;
      const server = await TestServer.start({ hostKeys: [hostKey], authorized: [userKey], banner, onExec: says('in') });
      servers.push(server);
      const local = new Workspace();
      try {
        local.file('known_hosts', `[127.0.0.1]:${server.port} ${hostKey.publicText}\n`);
        local.ssh('rs1', { Port: server.port, IdentityFile: userKey.path, IdentitiesOnly: 'yes' });
        const fleet = local.fleet(local.cluster([{ name: 'rs1' }]), { connectTimeoutMs: 5000 });
        const growth = await growthMb(async () => {
          const host = await fleet.host('rs1').catch((error: unknown) => error);
          if (host instanceof Error) expect(host).to.have.property('code').that.matches(/^SSH_/);
          else expect(size).to.be.below(megabyte);
        });
        expect(growth).to.be.below(200);
        for (const event of local.events) {
          if (event.kind !== 'banner') continue;
          expect(event.text.length).to.be.below(2200);
          expect(event.text)
            .to.include('^[[31mred<U+202E>')
            .and.not.match(/(?!\n)\p{Cc}|\p{Cf}/u);
        }
        expect(size > megabyte || local.events.some(({ kind }) => kind === 'banner')).to.equal(true);
      } finally {
        await local.close();
      }
    }
  });

  for (const [what, line] of [
    ['one line without end', 'x'.repeat(64 * 1024)],
    ['lines without end', 'x\n'.repeat(32 * 1024)],
    ['line ends alone', '\n'.repeat(64 * 1024)],
    ['marker-like lines', '@ipvet-0123456789 1.0 b os\n'.repeat(2000)],
  ] as const) {
    it(`whose programs print ${what} leaves facts missing with a reason, and no more`, async () => {
      const server = await TestServer.start({
        hostKeys: [hostKey],
        authorized: [userKey],
        onExec: ({ channel }) => {
          let closed = false;
          channel.on('close', () => (closed = true));
          const more = (): void => {
            while (!closed && channel.write(line));
            if (!closed) channel.once('drain', more);
          };
          more();
        },
      });
      servers.push(server);
      const cluster = clusterAt(server.port);
      const fleet = workspace.fleet(cluster);
      const host = await fleet.host('rs1');
      const startedAt = performance.now();
      const growth = await growthMb(async () => {
        const asked = ['os', 'hostname', 'sysctl'] as const;
        const report = await collectFacts(host, questionsFor(cluster, host.declaration, asked), {
          signal: new AbortController().signal,
          timeoutMs: 1500,
        });
        for (const name of asked) {
          const fact = report.facts[name];
          expect(fact?.known, name).to.equal(false);
          expect(fact).to.have.property('message').that.includes('rs1').and.has.length.below(1000);
        }
        expect(JSON.stringify(report).length).to.be.below(4 * megabyte);
      });
      expect(performance.now() - startedAt).to.be.below(12_000);
      expect(growth).to.be.below(300);
    });
  }
});
