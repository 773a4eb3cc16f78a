import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { nftListing } from '../../lib/privileges/index.ts';
import type { Host } from '../../lib/ssh/host.ts';
import { failureOf } from './failure.ts';
import { OpenSshServer, sshdMissing } from './openssh.ts';
import { type KeyPair, Workspace } from './workspace.ts';

const missing = sshdMissing();

(missing === undefined ? describe : describe.skip)(
  `OpenSSH's sshd${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let workspace: Workspace;
    let hostKey: KeyPair;
    let userKey: KeyPair;
    let server: OpenSshServer;

    before(async () => {
      workspace = new Workspace();
      hostKey = workspace.key('host_key');
      userKey = workspace.key('user_key');
      server = await OpenSshServer.start(workspace.dir, hostKey, userKey);
      workspace.file('known_hosts', `[127.0.0.1]:${server.port} ${hostKey.publicText}\n`);
      workspace.ssh('root', { User: 'root' });
      workspace.ssh('root ops', { Port: server.port, IdentityFile: userKey.path });
    });
    after(async () => {
      await workspace.close();
      await server.close();
    });

    let hosts: { readonly root: Host; readonly ops: Host };
    before(async () => {
      const fleet = workspace.fleet(workspace.cluster([{ name: 'root' }, { name: 'ops' }]));
      const [root, ops] = await Promise.all([fleet.host('root'), fleet.host('ops')]);
      hosts = { root, ops };
    });

    it('runs programs as root and as another user', async () => {
      expect(hosts.root.user).to.equal('root');
      expect((await hosts.root.exec(['id', '-un'])).stdout).to.equal('root\n');
      const listed = await hosts.root.exec(nftListing.argv, { asRoot: true, exitCodes: 'any' });
      expect(listed).to.deep.include({ argv: nftListing.argv });
      expect(hosts.ops.user).to.equal('ops');
      expect((await hosts.ops.exec(['id', '-un'])).stdout).to.equal('ops\n');
    });

    it('gives words through as they are', async () => {
      const words = ['', 'a b', "it's", '$HOME', '*', 'ä\n'];
      const { stdout } = await hosts.ops.exec(['printf', '[%s]', ...words]);
      expect(stdout).to.equal(words.map((word) => `[${word}]`).join(''));
    });

    it('makes a connection, or says why there is none', async () => {
      const options = { timeoutMs: 5000, signal: new AbortController().signal };
      const dialled = await hosts.root.dial?.('127.0.0.1', server.port, options);
      if (dialled === undefined || !('stream' in dialled)) throw new Error(JSON.stringify(dialled));
      const [banner] = (await once(dialled.stream, 'data')) as [Buffer];
      dialled.stream.destroy();
      expect(banner.toString()).to.match(/^SSH-2.0-OpenSSH/);
      expect(await hosts.root.dial?.('127.0.0.1', 1, options)).to.deep.equal({ refused: 'refused' });
    });

    it('takes input, exit codes and signals', async () => {
      expect((await hosts.ops.exec(['wc', '-c'], { stdin: 'x'.repeat(3_000_000) })).stdout.trim()).to.equal('3000000');
      expect((await hosts.ops.exec(['sh', '-c', 'exit 7'], { exitCodes: [7] })).exitCode).to.equal(7);
      expect(await hosts.ops.exec(['sh', '-c', 'kill -9 $PPID'], { exitCodes: 'any' })).to.include({
        exitCode: null,
        signal: 'SIGKILL',
      });
      expect(await failureOf(hosts.ops.exec(['no-such-program']))).to.include({ code: 'EXEC_FAILED', host: 'ops' });
    });

    it('drains both streams at once', async function () {
      this.timeout(60_000);
      const script = 'head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2; wait';
      let received = 0;
      const result = await hosts.ops.exec(['sh', '-c', script], {
        maxBytes: 10,
        timeoutMs: 50_000,
        onStdout: (piece) => (received += piece.length),
      });
      expect(received).to.equal(20_000_000);
      expect(result).to.include({ truncated: true, exitCode: 0 });
    });

    it('ends a program that runs too long', async () => {
      let pid = '';
      const running = hosts.ops.exec(['sh', '-c', 'echo $$; exec sleep 300'], {
        timeoutMs: 500,
        onStdout: (piece) => (pid += piece.toString().trim()),
      });
      expect(await failureOf(running)).to.include({ code: 'EXEC_TIMEOUT', host: 'ops' });
      expect(pid).to.match(/^\d+$/);
      while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 20));
    });

    it('says so where there is no sudo, or none for this user', async () => {
      const error = await failureOf(hosts.ops.exec(nftListing.argv, { asRoot: true, exitCodes: 'any' }));
      expect(error).to.include({ code: 'PERMISSION', host: 'ops' });
      expect(error.hint).to.match(/sudo/);
    });

    it('talks with a program by lines, and lets it end', async () => {
      const remote = await hosts.ops.spawn([
        'sh',
        '-c',
        'while read word; do echo "got $word"; done; echo bye >&2; exit 3',
      ]);
      const lines = remote.lines[Symbol.asyncIterator]();
      remote.write('one\n');
      expect((await lines.next()).value).to.have.property('text', 'got one');
      remote.write('two\n');
      expect((await lines.next()).value).to.have.property('text', 'got two');
      await Promise.all([remote.close(), remote.close()]);
      expect(await remote.ended).to.deep.equal({ exitCode: 3, stderr: 'bye\n', lost: false });
      expect((await lines.next()).done).to.be.true;
    });

    it('ends a program that does not listen to the end of its input', async () => {
      const remote = await hosts.ops.spawn(['sleep', '300']);
      await remote.close();
      expect((await remote.ended).exitCode).to.be.null;
    });

    it('runs many at a time over one connection', async () => {
      const results = await Promise.all(Array.from({ length: 20 }, (_, n) => hosts.ops.exec(['echo', String(n)])));
      expect(results.map(({ stdout }) => Number(stdout))).to.deep.equal(Array.from({ length: 20 }, (_, n) => n));
    });

    it('is configured and reached as ssh would: Include, Match, ProxyJump over two hops', async () => {
      const hops = [
        await OpenSshServer.start(workspace.dir, hostKey, userKey),
        await OpenSshServer.start(workspace.dir, hostKey, userKey),
      ];
      const own = new Workspace();
      try {
        const known = [server, ...hops].map(({ port }) => `[127.0.0.1]:${port} ${hostKey.publicText}\n`).join('');
        own.file('known_hosts', known);
        const included = own.file(
          'included',
          [`Match host rs*`, `  IdentityFile ${userKey.path}`, `  Port ${server.port}`].join('\n'),
        );
        own.ssh('first', { Port: hops[0]?.port ?? 0, IdentityFile: userKey.path });
        own.ssh('second', { Port: hops[1]?.port ?? 0, IdentityFile: userKey.path, ProxyJump: 'first' });
        own.ssh('rs1', { Include: included, ProxyJump: 'second' });
        const host = await own.fleet(own.cluster([{ name: 'rs1' }])).host('rs1');
        // What sshd saw: the connection came from the second hop, on this machine, to the port of the target.
        expect((await host.exec(['sh', '-c', 'echo $SSH_CONNECTION'])).stdout.trim().split(' ').at(-1)).to.equal(
          String(server.port),
        );
        expect(own.events.filter(({ kind }) => kind === 'connected').map(({ host: name }) => name)).to.deep.equal([
          'first',
          'second',
          'rs1',
        ]);
      } finally {
        await own.close();
        await Promise.all(hops.map((hop) => hop.close()));
      }
    });
  },
);
