/** The passphrase of a key, typed at a real terminal: nobody else on the machine sees it, and nothing keeps it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { TestServer } from './server.ts';
import { Workspace } from './workspace.ts';

const ipvet = fileURLToPath(new URL('../../bin/ipvet', import.meta.url));
const passphrase = `corr'ect horse-${String(process.pid)}`;

/** Everything that other users or `ps e` could read of the processes below `parent`. */
function publicText(parent: number): { readonly text: string; readonly processes: number } {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      parents.set(Number(name), Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]));
    } catch {
      // Ended just now.
    }
  }
  const below = (pid: number): boolean => pid === parent || (parents.has(pid) && below(parents.get(pid) ?? 0));
  const own = [...parents.keys()].filter(below);
  const texts = own.flatMap((pid) =>
    ['cmdline', 'environ', 'comm'].map((file) => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'utf8');
      } catch {
        return '';
      }
    }),
  );
  return { text: texts.join('\n'), processes: own.length };
}

describe('a passphrase typed at the terminal', function () {
  this.timeout(60_000);
  let workspace: Workspace;
  let server: TestServer;

  before(function () {
    if (process.platform !== 'linux' || !existsSync('/usr/bin/script')) this.skip();
  });
  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(async () => {
    await workspace.close();
    await server.close();
  });

  it('is in no process list, no environment, no file and on no screen', async () => {
    const hostKey = workspace.key('host');
    const userKey = workspace.key('id', 'ed25519', passphrase);
    let seen = { text: '', processes: 0 };
    let scans = 0;
    server = await TestServer.start({
      hostKeys: [hostKey],
      authorized: [userKey],
      onExec: ({ channel }) => {
        // The worst a host could do with what it cannot know: say it, where the run quotes what a host says.
        seen = publicText(terminal.pid ?? 0);
        scans++;
        channel.stderr.write(`${passphrase} is what I think\n`);
        channel.exit(1);
        channel.end();
      },
    });
    workspace.file('known_hosts', `[127.0.0.1]:${server.port} ${hostKey.publicText}\n`);
    for (const name of ['d1', 'r1'])
      workspace.ssh(name, { Port: server.port, IdentityFile: userKey.path, IdentitiesOnly: 'yes' });
    const { ssh } = workspace.cluster([{ name: 'd1' }]);
    const cluster = workspace.file(
      'cluster.yaml',
      `version: 1
name: asked
environment: lab
ssh: { config: ${ssh.configFile ?? ''} }
directors: [{ name: d1, dip: 192.0.2.1, interface: eth0 }]
real_servers: [{ name: r1, rip: 192.0.2.2 }]
virtual_services: [{ name: web, vip: 192.0.2.3, port: 80, forwarding: nat }]
`,
    );
    const out = join(workspace.dir, 'runs');
    const command = [process.execPath, ipvet, 'check', 'network/hostname', '-v', '-i', cluster, '-o', out].join(' ');
    const terminal = spawn('/usr/bin/script', ['-qefc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let screen = '';
    let asked = 0;
    terminal.stdout.on('data', (piece: Buffer) => {
      screen += piece.toString();
      const times = screen.split('Passphrase for').length - 1;
      if (times <= asked) return;
      asked = times;
      terminal.stdin.write(`${passphrase}\r`);
    });
    await once(terminal, 'close');
    expect(asked, screen).to.equal(1);
    expect(scans, screen).to.be.above(0);
    expect(seen.processes).to.be.above(1);
    expect(seen.text).to.include('ipvet').and.not.include(passphrase);
    expect(screen).to.include('[redacted] is what I think').and.not.include(passphrase);
    const [id = ''] = readdirSync(out);
    const files = readdirSync(join(out, id));
    expect(files).to.include.members(['events.ndjson', 'run.json', 'index.html']);
    for (const name of files) {
      const text = readFileSync(join(out, id, name), 'utf8');
      expect(text, name).to.not.include(passphrase).and.not.include('horse');
    }
    expect(readFileSync(join(out, id, 'run.json'), 'utf8')).to.include('[redacted] is what I think');
  });
});
