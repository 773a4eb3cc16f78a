import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { failureOf } from './failure.ts';
import { says, TestServer } from './server.ts';
import { type KeyPair, Workspace } from './workspace.ts';

describe('keys to log in with', () => {
  let workspace: Workspace;
  let server: TestServer;
  let hostKey: KeyPair;

  beforeEach(() => {
    workspace = new Workspace();
    hostKey = workspace.key('host_key');
  });
  afterEach(async () => {
    await workspace.close();
    await server.close();
  });

  async function start(authorized: readonly KeyPair[]): Promise<void> {
    server = await TestServer.start({ hostKeys: [hostKey], authorized, onExec: says('in\n') });
    workspace.file('known_hosts', `[127.0.0.1]:${server.port} ${hostKey.publicText}\n`);
  }

  const login = async (options: Readonly<Record<string, string>>, prompt?: (question: string) => Promise<string>) => {
    // ssh takes a keyword once; several IdentityFile lines come as one text.
    workspace.ssh('rs1', { Port: server.port, ...options });
    const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }]), prompt === undefined ? {} : { prompt });
    return (await (await fleet.host('rs1')).exec(['x'])).stdout;
  };

  it('are tried in the order of the configuration; missing files are passed over', async () => {
    const [first, second] = [workspace.key('first'), workspace.key('second', 'ecdsa')];
    await start([second]);
    const files = `${workspace.dir}/missing\n  IdentityFile ${first.path}\n  IdentityFile ${second.path}`;
    expect(await login({ IdentityFile: files })).to.equal('in\n');
    expect(server.offered).to.deep.equal([first.publicText, second.publicText]);
  });

  it('none fits: names user, host and what was tried', async () => {
    const [first, broken] = [workspace.key('first'), workspace.file('broken', 'no key at all')];
    await start([]);
    const error = await failureOf(login({ IdentityFile: `${first.path}\n  IdentityFile ${broken}` }));
    expect(error).to.include({ code: 'SSH_AUTH', host: 'rs1' });
    expect(error.message).to.contain(`127.0.0.1 port ${server.port} does not let ops in: tried ${first.path}`);
    expect(error.message).to.contain(`${broken} cannot be used`);
    expect(error.hint).to.contain('authorized_keys');
  });

  it('none there: says so', async () => {
    await start([]);
    const error = await failureOf(login({ IdentityFile: `${workspace.dir}/missing` }));
    expect(error).to.include({ code: 'SSH_AUTH', host: 'rs1' });
    expect(error.message).to.contain('there was no key to offer');
  });

  it('an encrypted one is left out where nobody can be asked', async () => {
    const key = workspace.key('locked', 'ed25519', 'open sesame');
    await start([key]);
    const error = await failureOf(login({ IdentityFile: key.path }));
    expect(error).to.include({ code: 'SSH_AUTH' });
    expect(error.message).to.contain(`${key.path} is encrypted and there is no terminal`);
    expect(server.offered).to.deep.equal([]);
  });

  it('an encrypted one is asked for once, however many hosts take it', async () => {
    const key = workspace.key('locked', 'ed25519', 'open sesame');
    await start([key]);
    workspace.ssh('rs?', { Port: server.port, IdentityFile: key.path });
    const answers = ['wrong', 'open sesame'];
    const questions: string[] = [];
    const fleet = workspace.fleet(
      workspace.cluster([
        { name: 'rs1', user: 'ops' },
        { name: 'rs2', user: 'admin' },
      ]),
      {
        prompt: (question) => {
          questions.push(question);
          return Promise.resolve(answers.shift() ?? '');
        },
      },
    );
    const hosts = await Promise.all([fleet.host('rs1'), fleet.host('rs2')]);
    expect(hosts.map(({ user }) => user)).to.deep.equal(['ops', 'admin']);
    expect(questions).to.deep.equal([`Passphrase for ${key.path}: `, `Passphrase for ${key.path}: `]);
  });

  it('waiting for a passphrase has no deadline, and no answer is no key', async () => {
    const key = workspace.key('locked', 'ed25519', 'open sesame');
    await start([key]);
    workspace.ssh('rs1', { Port: server.port, IdentityFile: key.path });
    const fleet = workspace.fleet(workspace.cluster([{ name: 'rs1' }]), {
      connectTimeoutMs: 1000,
      prompt: () =>
        new Promise((resolve) => {
          setTimeout(() => {
            resolve('');
          }, 1200);
        }),
    });
    const error = await failureOf(fleet.host('rs1'));
    expect(error).to.include({ code: 'SSH_AUTH' });
    expect(error.message).to.contain(`${key.path} could not be unlocked`);
  });

  describe('of the agent', () => {
    let agent: ChildProcess;
    let socket: string;

    beforeEach(async function () {
      socket = join(workspace.dir, 'agent');
      agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
      const failed = once(agent, 'error').then(() => 'there is no ssh-agent here');
      const started = agent.stdout === null ? Promise.resolve() : once(agent.stdout, 'data').then(() => undefined);
      const reason = await Promise.race([failed, started]);
      if (reason !== undefined) {
        await start([]);
        this.test?.parent?.tests.forEach((test) => (test.title += ` (skipped: ${reason})`));
        this.skip();
      }
      expect(existsSync(socket)).to.be.true;
    });
    afterEach(async () => {
      if (agent.pid === undefined || agent.exitCode !== null) return;
      const gone = once(agent, 'exit');
      agent.kill();
      await gone;
    });

    function add(key: KeyPair): void {
      const { status, stderr } = spawnSync('ssh-add', ['-q', key.path], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      });
      expect(status, stderr.toString()).to.equal(0);
    }

    it('come first', async () => {
      const [inAgent, inFile] = [workspace.key('in_agent', 'ecdsa'), workspace.key('in_file')];
      add(inAgent);
      await start([inFile]);
      expect(await login({ IdentityAgent: socket, IdentityFile: inFile.path })).to.equal('in\n');
      expect(server.offered).to.deep.equal([inAgent.publicText, inFile.publicText]);
    });

    it('sign', async () => {
      const key = workspace.key('in_agent');
      add(key);
      await start([key]);
      expect(await login({ IdentityAgent: socket, IdentityFile: `${workspace.dir}/missing` })).to.equal('in\n');
    });

    it('are left out with IdentitiesOnly, save those the configuration names', async () => {
      const [other, named] = [workspace.key('other'), workspace.key('named')];
      add(other);
      add(named);
      workspace.file('named.pub', named.publicText);
      workspace.file('named', 'the private half is in the agent only');
      await start([named]);
      expect(await login({ IdentityAgent: socket, IdentitiesOnly: 'yes', IdentityFile: named.path })).to.equal('in\n');
      expect(server.offered).to.deep.equal([named.publicText]);
    });

    it('an agent that is gone is no reason not to try the files', async () => {
      const key = workspace.key('in_file');
      await start([key]);
      expect(await login({ IdentityAgent: `${workspace.dir}/gone`, IdentityFile: key.path })).to.equal('in\n');
    });
  });
});
