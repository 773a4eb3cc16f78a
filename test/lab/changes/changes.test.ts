/** Addresses, kernel settings, packet marks and a client's source addresses, taken back by the hosts themselves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { labUp, onHost, run, skipWithoutLab } from '../product.ts';

const lab = 'changes-test';
/** The guard's 20 s, its 2 s between looks, and the undoing. */
const limitMs = 30_000;

describe('changes of a host besides its rules', function () {
  this.timeout(180_000);
  let folder = '';
  let clusterFile = '';

  before(async function () {
    skipWithoutLab(this);
    folder = mkdtempSync(join(tmpdir(), 'ipvet-changes-'));
    const file = await labUp(lab);
    clusterFile = join(folder, 'cluster.yaml');
    const text = readFileSync(file, 'utf8').replace('config: ./', `config: ${dirname(file)}/`);
    // These changes are not the product's yet, so no rule of sudo allows them.
    writeFileSync(clusterFile, text.replace('user: ops', 'user: root'));
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  const state = async (): Promise<string> => {
    const look =
      "ip -o address | sed 's/ *valid_lft.*//' | sort; sysctl net.ipv4.ip_forward net.ipv4.conf.eth0.rp_filter; iptables -t mangle -S; ls -d /var/tmp/ipvet 2>/dev/null || :";
    const client = await run(['lab', 'exec', '--name', lab, '--', 'ip', '-o', '-4', 'address']);
    return (await onHost(lab, 'root@director1', look)) + client.stdout.replaceAll(/ *valid_lft.*/g, '');
  };

  it('are taken back when the run is killed', async () => {
    const found = await state();
    const changer = fileURLToPath(new URL('./changer.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', changer, clusterFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    expect(said.toString()).to.equal('made\n');
    const changed = await state();
    for (const part of ['192.168.122.77/32', 'ip_forward = 0', 'rp_filter = 2', '--set-xmark 0x7', '192.168.122.42/24'])
      expect(changed).to.include(part);

    child.kill('SIGKILL');
    const killedAt = performance.now();
    let now = changed;
    while (now !== found && performance.now() - killedAt < limitMs) now = await state();
    expect(now).to.equal(found);
    expect(await onHost(lab, 'root@director1', 'cat /var/tmp/ipvet.restored/log')).to.include(
      'undone sysctl net.ipv4.ip_forward 1',
    );
  });
});
