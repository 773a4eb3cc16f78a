import { homedir, userInfo } from 'node:os';
import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { defaultConfig, parseConfig, parseHop, proxyCommandLine } from '../../../lib/ssh/config.ts';

const answer = `host rs1
user ops
hostname 10.10.10.10
port 2222
addressfamily inet
identitiesonly yes
stricthostkeychecking true
serveralivecountmax 2
serveraliveinterval 15
hostkeyalgorithms ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-512
kexalgorithms curve25519-sha256
identityfile ~/.ssh/id_%r
identityfile /keys/%h-%p
identityfile none
identityagent /run/agent-%%
globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
userknownhostsfile ~/.ssh/known_hosts /etc/kh
proxyjump ops@lb1:2200,lb2
hostkeyalias first-rs
connecttimeout 7
`;

describe('ssh configuration', () => {
  const home = userInfo().homedir;

  it('reads the answer of ssh -G', () => {
    const config = parseConfig(answer, 'rs1');
    expect(config).to.include({
      alias: 'rs1',
      hostname: '10.10.10.10',
      user: 'ops',
      port: 2222,
      identitiesOnly: true,
      addressFamily: 4,
      hostKeyChecking: 'strict',
      hostKeyAlias: 'first-rs',
      proxyJump: 'ops@lb1:2200,lb2',
      agentSocket: '/run/agent-%',
      connectTimeoutMs: 7000,
      keepaliveIntervalMs: 15_000,
      keepaliveCountMax: 2,
    });
    expect(config.identityFiles).to.deep.equal([`${home}/.ssh/id_ops`, '/keys/10.10.10.10-2222']);
    expect(config.knownHostsFiles).to.deep.equal([
      `${home}/.ssh/known_hosts`,
      '/etc/kh',
      '/etc/ssh/ssh_known_hosts',
      '/etc/ssh/ssh_known_hosts2',
    ]);
    expect(config.hostKeyAlgorithms).to.include('rsa-sha2-512');
    expect(config).not.to.have.any.keys('proxyCommand', 'bindAddress');
  });

  it('takes none and zero for absent', () => {
    const config = parseConfig(
      'proxyjump none\nproxycommand none\nconnecttimeout none\nserveraliveinterval 0\nidentityagent none\n',
      'lb1',
    );
    expect(config).not.to.have.any.keys(
      'proxyJump',
      'proxyCommand',
      'connectTimeoutMs',
      'keepaliveIntervalMs',
      'agentSocket',
    );
    expect(config.hostname).to.equal('lb1');
    expect(config.port).to.equal(22);
  });

  for (const [value, expected] of [
    ['ask', 'strict'],
    ['true', 'strict'],
    ['yes', 'strict'],
    ['no', 'accept-new'],
    ['false', 'accept-new'],
    ['off', 'accept-new'],
    ['accept-new', 'accept-new'],
  ] as const)
    it(`StrictHostKeyChecking ${value} is ${expected}`, () => {
      expect(parseConfig(`stricthostkeychecking ${value}\n`, 'x').hostKeyChecking).to.equal(expected);
    });

  it('does without ssh', () => {
    const config = defaultConfig({ alias: 'ops@lb1', port: 2200 });
    expect(config).to.include({ user: 'ops', hostname: 'lb1', port: 2200, hostKeyChecking: 'strict' });
    expect(config.identityFiles).to.include(`${homedir()}/.ssh/id_ed25519`);
    expect(defaultConfig({ alias: 'lb1', user: 'root' }).user).to.equal('root');
  });

  it('fills in the tokens of ProxyCommand', () => {
    const config = parseConfig('user ops\nhostname 10.0.0.1\nport 2222\n', 'rs1');
    expect(proxyCommandLine('nc -X 5 %h %p # %r %n 100%% %z', config)).to.equal(
      'nc -X 5 10.0.0.1 2222 # ops rs1 100% %z',
    );
  });

  for (const [text, hop] of [
    ['lb1', { alias: 'lb1' }],
    ['ops@lb1:2200', { alias: 'lb1', user: 'ops', port: 2200 }],
    ['ssh://ops@lb1:2200/', { alias: 'lb1', user: 'ops', port: 2200 }],
    ['[fd00::1]:22', { alias: 'fd00::1', port: 22 }],
    ['a@b@lb1', { alias: 'lb1', user: 'a@b' }],
  ] as const)
    it(`reads the hop ${text}`, () => {
      expect(parseHop(text)).to.deep.equal(hop);
    });

  it('refuses a hop that is none', () => {
    expect(() => parseHop('ops@'))
      .to.throw(IpvetError, 'ops@')
      .with.property('code', 'SSH_CONFIG');
  });
});
