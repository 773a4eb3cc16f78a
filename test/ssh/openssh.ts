/**
 * OpenSSH's own sshd on loopback, in a mount namespace of its own: there the password database has one user more, `ops`,
 * and /run is empty. Nothing of it is left once the process is gone.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { KeyPair } from './workspace.ts';

const program = '/usr/sbin/sshd';
const opsId = 64_999;

/** Why there can be no sshd here; undefined when there can. */
export function sshdMissing(): string | undefined {
  if (process.platform !== 'linux') return 'mount namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'sshd for two users needs root';
  if (!existsSync(program)) return `${program} is not installed`;
  return spawnSync('unshare', ['-m', 'true']).status === 0 ? undefined : 'no mount namespace may be made here';
}

export class OpenSshServer {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#process = child;
  }

  /** `dir` is a folder of the test's; its name must be short of blanks. */
  static async start(
    dir: string,
    hostKey: KeyPair,
    authorized: KeyPair,
    lines: readonly string[] = [],
  ): Promise<OpenSshServer> {
    const port = await freePort();
    const own = join(dir, `sshd-${port}`);
    const home = join(own, 'home');
    mkdirSync(home, { recursive: true });
    // sshd reads authorized_keys as the user, who has to get there.
    chmodSync(dir, 0o755);
    const write = (name: string, text: string, mode = 0o644) => {
      writeFileSync(join(own, name), text, { mode });
      return join(own, name);
    };
    const passwd = write('passwd', `${readFileSync('/etc/passwd', 'utf8')}ops:x:${opsId}:${opsId}::${home}:/bin/sh\n`);
    const shadow = write('shadow', `${readFileSync('/etc/shadow', 'utf8')}ops:*:19000:0:99999:7:::\n`, 0o600);
    const group = write('group', `${readFileSync('/etc/group', 'utf8')}ops:x:${opsId}:\n`);
    const config = write(
      'config',
      [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${hostKey.path}`,
        `AuthorizedKeysFile ${write('authorized_keys', `${authorized.publicText}\n`)}`,
        'PidFile none',
        'UsePAM no',
        'StrictModes no',
        'PermitRootLogin yes',
        ...lines,
      ].join('\n'),
    );
    const script = [
      `mount --bind ${passwd} /etc/passwd`,
      `mount --bind ${shadow} /etc/shadow`,
      `mount --bind ${group} /etc/group`,
      'mount -t tmpfs tmpfs /run',
      'mkdir -p /run/sshd',
      `exec ${program} -D -e -f ${config}`,
    ].join(' && ');
    const child = spawn('unshare', ['-m', '--', '/bin/sh', '-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (piece: Buffer) => {
        said += piece.toString();
        if (said.includes('listening on')) resolve();
      });
      child.once('exit', () => {
        reject(new Error(`sshd ended: ${said}`));
      });
    });
    return new OpenSshServer(port, child);
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill();
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
