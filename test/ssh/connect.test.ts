import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import type { Host } from '../../lib/ssh/host.ts';
import { failureOf } from './failure.ts';
import { says, type ServerOptions, TestServer } from './server.ts';
import { type KeyPair, Workspace } from './workspace.ts';

describe('connections', () => {
  let workspace: Workspace;
  let hostKey: KeyPair;
  let userKey: KeyPair;
  const servers: { close(): Promise<void> }[] = [];
  const known: string[] = [];

  beforeEach(() => {
    workspace = new Workspace();
    hostKey = workspace.key('host_key');
    userKey = workspace.key('user_key');
  });
  afterEach(async () => {
    await workspace.close();
    known.length = 0;
    for (const server of servers.splice(0)) await server.close();
  });

  /** A server known as `alias`. */
  async function start(alias: string, options: Partial<ServerOptions> = {}): Promise<TestServer> {
    const server = await TestServer.start({
      hostKeys: [hostKey],
      authorized: [userKey],
      onExec: says(`${alias}\n`),
      ...options,
    });
    servers.push(server);
    declare(alias, server.port);
    return server;
  }

  function declare(alias: string, port: number, more: Readonly<Record<string, string | number>> = {}): void {
    workspace.ssh(alias, { Port: port, IdentityFile: userKey.path, ...more });
    known.push(`[127.0.0.1]:${port} ${hostKey.publicText}`);
    workspace.file('known_hosts', `${known.join('\n')}\n`);
  }

  /** A TCP server that is no ssh server. */
  async function listen(serve: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      serve(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({
      async close() {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      },
    });
    return (server.address() as AddressInfo).port;
  }

  const nameOf = async (host: Host) => (await host.exec(['hostname'])).stdout.trim();

  describe('that do not come about', () => {
    it('refused: says where, and what to try', async () => {
      const port = await listen(() => undefined);
      await servers.pop()?.close();
      declare('rs1', port);
      const error = await failureOf(workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1'));
      expect(error).to.include({ code: 'SSH_UNREACHABLE', host: 'rs1' });
      expect(error.message).to.equal(`rs1: 127.0.0.1 port ${port} refuses connections.`);
      expect(error.hint).to.contain(`ssh -F ${workspace.dir}/config rs1`);
    });

    it('a name nobody knows', async () => {
      workspace.ssh('rs1', { HostName: 'rs1.invalid' });
      const error = await failureOf(workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1'));
      expect(error).to.include({ code: 'SSH_UNREACHABLE', host: 'rs1' });
      expect(error.message).to.contain('rs1.invalid is not known');
    });

    it('a server that accepts and says nothing', async () => {
      declare('rs1', await listen(() => undefined));
      const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }]), { connectTimeoutMs: 150 });
      const error = await failureOf(fleet.host('rs1'));
      expect(error).to.include({ code: 'SSH_TIMEOUT', host: 'rs1' });
      expect(error.message).to.contain('did not speak ssh within 0.15 s');
    });

    it('a server that says nothing, to somebody in haste', async () => {
      declare('rs1', await listen(() => undefined));
      const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }]), { reachTimeoutMs: 150 });
      const error = await failureOf(fleet.host('rs1'));
      expect(error.message).to.contain('did not speak ssh within 0.15 s');
    });

    it('a server that hangs in the login', async () => {
      const server = await start('rs1');
      const reached = server.expect('a login', () => undefined);
      const cluster = workspace.cluster([{ name: 'rs1' }]);
      const fleet = workspace.fleet(cluster, { connectTimeoutMs: 300 });
      const waiting = failureOf(fleet.host('rs1'));
      const connection = await server.connection();
      connection.removeAllListeners('authentication');
      connection.on('authentication', reached);
      const error = await waiting;
      expect(error).to.include({ code: 'SSH_TIMEOUT', host: 'rs1' });
      expect(error.message).to.contain('did not finish the login');
    });

    for (const [what, serve] of [
      ['closes at once', (socket: Socket) => socket.destroy()],
      ['closes after its banner', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
      ['is no ssh server', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ] as const)
      it(`a server that ${what}`, async () => {
        declare('rs1', await listen(serve));
        const error = await failureOf(workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1'));
        expect(error).to.include({ code: 'SSH_CLOSED', host: 'rs1' });
        expect(error.message).to.contain('during the ssh handshake');
      });

    it('no algorithm in common', async () => {
      await start('rs1', { config: { algorithms: { kex: ['diffie-hellman-group1-sha1'] } } });
      const error = await failureOf(workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1'));
      expect(error).to.include({ code: 'SSH_CONFIG', host: 'rs1' });
      expect(error.hint).to.contain('KexAlgorithms');
    });

    it('interrupted', async () => {
      const abort = new AbortController();
      declare(
        'rs1',
        await listen(() => {
          abort.abort();
        }),
      );
      const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }]), { signal: abort.signal });
      expect(await failureOf(fleet.host('rs1'))).to.include({ code: 'ABORTED' });
    });

    it('an ssh configuration that ssh does not accept', async () => {
      workspace.ssh('rs1', { NoSuchOption: 'x' });
      const error = await failureOf(workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1'));
      expect(error).to.include({ code: 'SSH_CONFIG', host: 'rs1' });
      expect(error.message.toLowerCase()).to.contain('nosuchoption');
    });

    it('asks a host that failed no second time', async () => {
      const server = await start('rs1', { authorized: [] });
      const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }]));
      const first = await failureOf(fleet.host('rs1'));
      expect(await failureOf(fleet.host('rs1'))).to.equal(first);
      expect(server.accepted).to.equal(1);
      expect(workspace.events.map(({ kind }) => kind)).to.deep.equal(['failed']);
    });

    it('a host the cluster file does not have', async () => {
      const error = await failureOf(workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs2'));
      expect(error).to.include({ code: 'CONFIG' });
      expect(error.hint).to.contain('rs1');
    });
  });

  it('is one per host, kept', async () => {
    const server = await start('rs1', { banner: 'authorised use only\n' });
    const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }]));
    const [one, two] = await Promise.all([fleet.host('rs1'), fleet.host('rs1')]);
    expect(one).to.equal(two);
    expect(await nameOf(one)).to.equal('rs1');
    expect(await nameOf(two)).to.equal('rs1');
    expect(one.user).to.equal('ops');
    expect(server.accepted).to.equal(1);
    expect(workspace.events.find(({ kind }) => kind === 'banner')).to.include({ text: 'authorised use only' });
  });

  it('are made in parallel, so many at a time', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `rs${index}`);
    let now = 0;
    let most = 0;
    for (const name of names) {
      const server = await start(name);
      server.onConnection(() => {
        most = Math.max(most, ++now);
      });
    }
    const cluster = workspace.cluster(
      names.map((name) => ({ name })),
      { parallel: 2 },
    );
    const fleet = workspace.fleet(cluster, {
      onEvent: ({ kind }) => {
        if (kind === 'connected') now--;
      },
    });
    const hosts = await Promise.all(names.map((name) => fleet.host(name)));
    expect(await Promise.all(hosts.map(nameOf))).to.deep.equal(names);
    expect(most).to.equal(2);
  });

  it('take user and port of the cluster file before those of the ssh configuration', async () => {
    const server = await start('rs1');
    workspace.ssh('other', { Port: 1, User: 'nobody', IdentityFile: userKey.path });
    const fleet = workspace.fleet(
      workspace.cluster([{ name: 'rs1', host: 'other', port: server.port, user: 'admin' }]),
    );
    expect((await fleet.host('rs1')).user).to.equal('admin');
  });

  describe('through a jump host', () => {
    it('of the cluster file: one connection to it for all behind it', async () => {
      const jump = await start('director1');
      const servers = [await start('rs1'), await start('rs2')];
      const cluster = workspace.cluster([
        { name: 'director1' },
        { name: 'rs1', jump: 'director1' },
        { name: 'rs2', jump: 'director1' },
      ]);
      const fleet = workspace.fleet(cluster);
      const hosts = await Promise.all(['rs1', 'rs2', 'director1'].map((name) => fleet.host(name)));
      expect(await Promise.all(hosts.map(nameOf))).to.deep.equal(['rs1', 'rs2', 'director1']);
      expect(jump.accepted).to.equal(1);
      expect(jump.forwarded).to.have.members(servers.map(({ port }) => `127.0.0.1:${port}`));
    });

    it('of ssh: any number of hops, shared with the host of the cluster that is the same', async () => {
      const first = await start('hop1');
      const second = await start('hop2');
      const target = await start('target');
      workspace.ssh('rs1', {
        Port: target.port,
        IdentityFile: userKey.path,
        ProxyJump: `hop1,ops@hop2:${second.port}`,
      });
      const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }, { name: 'director1', host: 'hop1' }]));
      const [rs1, director] = await Promise.all([fleet.host('rs1'), fleet.host('director1')]);
      expect(await nameOf(rs1)).to.equal('target');
      expect(await nameOf(director)).to.equal('hop1');
      expect([first.accepted, second.accepted, target.accepted]).to.deep.equal([1, 1, 1]);
      expect(first.forwarded).to.deep.equal([`127.0.0.1:${second.port}`]);
      expect(second.forwarded).to.deep.equal([`127.0.0.1:${target.port}`]);
    });

    it('that cannot be reached: says so of the host behind it', async () => {
      await start('director1', { authorized: [] });
      await start('rs1');
      const fleet = workspace.fleet(workspace.cluster([{ name: 'director1' }, { name: 'rs1', jump: 'director1' }]));
      const error = await failureOf(fleet.host('rs1'));
      expect(error).to.include({ code: 'SSH_AUTH', host: 'rs1' });
      expect(error.message).to.match(/^rs1: its jump host director1: /);
    });

    it('that does not forward', async () => {
      await start('director1', { forwarding: false });
      await start('rs1');
      const fleet = workspace.fleet(workspace.cluster([{ name: 'director1' }, { name: 'rs1', jump: 'director1' }]));
      const error = await failureOf(fleet.host('rs1'));
      expect(error).to.include({ code: 'SSH_UNREACHABLE', host: 'rs1' });
      expect(error.message).to.contain('director1');
    });

    it('is no answer of the network where sshd forwards nothing', async () => {
      await start('rs1', { forwarding: false });
      const host = await workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1');
      const options = { timeoutMs: 2000, signal: new AbortController().signal };
      expect(await host.dial?.('127.0.0.1', 1, options)).to.have.property('untried');
    });

    it('that is lost: so is every host behind it, and all come back', async () => {
      const jump = await start('director1');
      await start('rs1');
      const fleet = workspace.fleet(workspace.cluster([{ name: 'director1' }, { name: 'rs1', jump: 'director1' }]));
      const host = await fleet.host('rs1');
      const lost = new Promise<void>((resolve) => {
        const watch = () => {
          if (workspace.events.filter(({ kind }) => kind === 'lost').length === 2) resolve();
          else setImmediate(watch);
        };
        watch();
      });
      for (const connection of jump.connections) connection.end();
      await lost;
      expect(await nameOf(host)).to.equal('rs1');
      expect(jump.accepted).to.equal(2);
    });

    it('that leads back to itself', async () => {
      workspace.ssh('rs1', { ProxyJump: 'rs2' });
      workspace.ssh('rs2', { ProxyJump: 'rs1' });
      const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }, { name: 'rs2' }]));
      const errors = await Promise.all(['rs1', 'rs2'].map((name) => failureOf(fleet.host(name))));
      for (const error of errors) expect(error).to.include({ code: 'SSH_CONFIG' });
    });
  });

  describe('through a ProxyCommand', () => {
    const forwarder = `const s = require('node:net').connect(process.argv[1], '127.0.0.1'); process.stdin.pipe(s).pipe(process.stdout); s.on('close', () => process.exit())`;

    it('talks over its standard input and output, and ends it', async () => {
      const server = await start('target');
      const script = workspace.file('forward.cjs', forwarder.replace('argv[1]', 'argv[2]'));
      workspace.ssh('rs1', {
        Port: server.port,
        IdentityFile: userKey.path,
        ProxyCommand: `${process.execPath} ${script} %p`,
      });
      const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }]));
      expect(await nameOf(await fleet.host('rs1'))).to.equal('target');
      const connection = await server.connection();
      const gone = once(connection, 'close');
      await fleet.close();
      await gone;
    });

    it('that fails: says what it said', async () => {
      workspace.ssh('rs1', { ProxyCommand: 'sh -c "echo no such namespace >&2; exit 1"' });
      const error = await failureOf(workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1'));
      expect(error).to.include({ code: 'SSH_UNREACHABLE', host: 'rs1' });
      expect(error.message).to.contain('no such namespace');
    });

    it('that does not exist', async () => {
      workspace.ssh('rs1', { ProxyCommand: '/no/such/program' });
      const error = await failureOf(workspace.fleet(workspace.cluster([{ name: 'rs1' }])).host('rs1'));
      expect(error).to.include({ code: 'SSH_UNREACHABLE', host: 'rs1' });
      expect(error.message).to.contain('/no/such/program');
    });
  });
});
