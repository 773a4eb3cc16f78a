import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { sshConfigText } from '../../../lab/access.ts';

/** What OpenSSH itself makes of a configuration. */
function effective(config: string, host: string): Record<string, string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'ipvet-ssh-'));
  try {
    const file = path.join(directory, 'config');
    writeFileSync(file, config, { mode: 0o600 });
    const { stdout, stderr } = spawnSync('ssh', ['-T', '-G', '-F', file, host], { encoding: 'utf8' });
    expect(stderr).to.equal('');
    return Object.fromEntries(
      stdout
        .split('\n')
        .map((line): [string, string] => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('ssh configuration of a lab', () => {
  const config = sshConfigText('/var/lib/my labs/one', [
    { name: 'director1', address: '192.168.122.10', via: 'ipvet-one-client1' },
    { name: 'rs1', address: '10.10.10.10', jump: 'director1' },
  ]);

  before(function () {
    if (spawnSync('ssh', ['-V']).status !== 0) this.skip();
  });

  it('reaches the director from the client', () => {
    expect(effective(config, 'director1')).to.include({
      hostname: '192.168.122.10',
      user: 'ops',
      proxycommand: 'ip netns exec ipvet-one-client1 nc %h %p',
      hostkeyalias: 'director1',
    });
  });

  it('reaches a real server through the director, by name and by address', () => {
    for (const host of ['rs1', '10.10.10.10']) {
      expect(effective(config, host)).to.include({
        hostname: '10.10.10.10',
        proxyjump: 'director1',
        hostkeyalias: 'rs1',
      });
    }
  });

  it('uses its own key and its own known hosts, and nothing of the operator', () => {
    const { identityfile, userknownhostsfile, stricthostkeychecking, identitiesonly, identityagent, controlmaster } =
      effective(config, 'rs1');
    expect(identityfile).to.equal('/var/lib/my labs/one/id_ed25519');
    expect(userknownhostsfile).to.equal('/var/lib/my labs/one/known_hosts');
    expect([stricthostkeychecking, identitiesonly, identityagent, controlmaster]).to.deep.equal([
      'true',
      'yes',
      'none',
      'false',
    ]);
  });
});
