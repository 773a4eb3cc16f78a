import { createHmac, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { IpvetError } from '../../lib/errors.ts';
import { failureOf } from './failure.ts';
import { says, TestServer } from './server.ts';
import { type KeyPair, Workspace } from './workspace.ts';

describe('host keys', () => {
  let workspace: Workspace;
  let server: TestServer;
  let ed25519: KeyPair;
  let ecdsa: KeyPair;
  let stranger: KeyPair;
  let userKey: KeyPair;

  before(() => {
    workspace = new Workspace();
    ed25519 = workspace.key('ed25519');
    ecdsa = workspace.key('ecdsa', 'ecdsa');
    stranger = workspace.key('stranger');
    userKey = workspace.key('user');
  });
  beforeEach(async () => {
    server = await TestServer.start({
      hostKeys: [ed25519, ecdsa],
      authorized: [userKey],
      onExec: says('in\n'),
    });
  });
  afterEach(async () => {
    await server.close();
  });
  after(() => workspace.close());

  /** What comes of a connection when known_hosts holds `lines`; `HOST` stands for the server's name in it. */
  async function connect(lines: readonly string[], options: Readonly<Record<string, string>> = {}): Promise<string> {
    const own = new Workspace();
    try {
      own.file('known_hosts', lines.map((line) => `${line.replace('HOST', `[127.0.0.1]:${server.port}`)}\n`).join(''));
      own.ssh('rs1', { Port: server.port, IdentityFile: userKey.path, ...options });
      const fleet = own.fleet(own.cluster([{ name: 'rs1' }]));
      const host = await fleet.host('rs1');
      return (await host.exec(['x'])).stdout;
    } finally {
      await own.close();
    }
  }

  async function refusal(
    lines: readonly string[],
    options: Readonly<Record<string, string>> = {},
  ): Promise<IpvetError> {
    const error = await failureOf(connect(lines, options));
    expect(error).to.include({ code: 'SSH_HOST_KEY', host: 'rs1' });
    expect(error.message).to.match(/^rs1: .*SHA256:/);
    // Nothing was told to a server that may be another one.
    expect(server.offered).to.deep.equal([]);
    return error;
  }

  it('a known one is accepted', async () => {
    expect(await connect([`HOST ${ed25519.publicText}`])).to.equal('in\n');
  });

  it('a hashed name is found', async () => {
    const salt = randomBytes(20);
    const hash = createHmac('sha1', salt).update(`[127.0.0.1]:${server.port}`).digest('base64');
    expect(await connect([`|1|${salt.toString('base64')}|${hash} ${ed25519.publicText}`])).to.equal('in\n');
  });

  it('a host known by its ECDSA key only is asked for that one', async () => {
    expect(await connect([`HOST ${ecdsa.publicText}`])).to.equal('in\n');
  });

  it('HostKeyAlias names the entry', async () => {
    expect(await connect([`first-rs ${ed25519.publicText}`], { HostKeyAlias: 'first-rs' })).to.equal('in\n');
  });

  it('an unknown one is refused, with its fingerprint and the line to run', async () => {
    const error = await refusal([`[127.0.0.1]:1 ${ed25519.publicText}`]);
    expect(error.message).to.contain('is not known (ssh-ed25519 SHA256:');
    expect(error.hint).to.contain(`ssh-keyscan -p ${server.port} 127.0.0.1`);
  });

  it('a changed one is refused, with the line that contradicts it', async () => {
    const error = await refusal(['# comment', `HOST ${stranger.publicText}`]);
    expect(error.message).to.contain('known_hosts:2');
    expect(error.hint).to.contain('ssh-keygen').and.to.contain(`'[127.0.0.1]:${server.port}'`);
  });

  it('a changed one is refused whatever StrictHostKeyChecking says', async () => {
    for (const value of ['no', 'accept-new'])
      expect((await refusal([`HOST ${stranger.publicText}`], { StrictHostKeyChecking: value })).message).to.contain(
        'known_hosts:1',
      );
  });

  it('an unknown one is accepted with accept-new', async () => {
    expect(await connect([], { StrictHostKeyChecking: 'accept-new' })).to.equal('in\n');
  });

  it('a revoked one is refused with words of its own', async () => {
    const error = await refusal([`HOST ${ed25519.publicText}`, `@revoked * ${ed25519.publicText}`]);
    expect(error.message).to.contain('revoked in').and.to.contain('known_hosts:2');
  });

  it('a host known through an authority only is refused, and told why', async () => {
    const error = await refusal([`@cert-authority * ${stranger.publicText}`]);
    expect(error.message).to.contain('certificate authority');
    expect(error.hint).to.contain('plain key');
  });

  it('are asked for in an order that finds a known one, and no other type is taken for new', async () => {
    const error = await refusal([`HOST ${ecdsa.publicText}`], {
      HostKeyAlgorithms: 'ssh-ed25519',
      StrictHostKeyChecking: 'no',
    });
    expect(error.message).to.contain('ecdsa-sha2-nistp256 only');
  });
});
