import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import type { LabHostSpec } from '../../../../lab/hosts/host.ts';
import { consoleTail, cpuList } from '../../../../lab/hosts/uml.ts';
import { hostFiles, interfacesBatch, interfacesFile, layHost } from '../../../../lab/hosts/uml-files.ts';

const director: LabHostSpec = {
  name: 'director1',
  role: 'director',
  kind: 'uml',
  memoryMb: 256,
  interfaces: [
    {
      name: 'eth0',
      bridge: 'clients',
      mac: '02:00:00:00:00:01',
      addresses: ['192.168.122.10/24', '192.168.122.100/32'],
    },
    { name: 'eth1', bridge: 'servers', mac: '02:00:00:00:00:02', addresses: ['10.10.10.1/24'] },
  ],
  gateway: '10.10.10.254',
  routes: ['172.16.0.0/12 via 10.10.10.9'],
  services: ['ssh'],
  files: [
    { path: '/etc/hosts', mode: 0o644, content: '127.0.0.1 localhost\n' },
    { path: '/home/ops/.ssh/authorized_keys', mode: 0o600, content: 'ssh-ed25519 AAAA\n' },
  ],
};

describe('host of kind uml', () => {
  let place: string;
  before(() => {
    place = mkdtempSync(path.join(tmpdir(), 'ipvet-uml-'));
  });
  after(() => {
    rmSync(place, { recursive: true, force: true });
  });

  it('has its interfaces written as interfaces(5) wants them, the gateway under the network that holds it', () => {
    expect(interfacesFile(director)).to.equal(
      `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 192.168.122.10/24
    up ip address add 192.168.122.100/32 dev eth0

auto eth1
iface eth1 inet static
    address 10.10.10.1/24
    gateway 10.10.10.254
    up ip route add 172.16.0.0/12 via 10.10.10.9
`,
    );
  });

  it('brings up the same in one run of ip, links before routes', () => {
    expect(interfacesBatch(director).trimEnd().split('\n')).to.deep.equal([
      'link set lo up',
      'address add 192.168.122.10/24 dev eth0',
      'address add 192.168.122.100/32 dev eth0',
      'link set eth0 up',
      'address add 10.10.10.1/24 dev eth1',
      'link set eth1 up',
      'route add default via 10.10.10.254',
      'route add 172.16.0.0/12 via 10.10.10.9',
    ]);
  });

  it('lays its files with their modes, directories as the root has them, and enables its services', async () => {
    const root = path.join(place, 'root');
    mkdirSync(path.join(root, 'home/ops'), { recursive: true });
    chmodSync(path.join(root, 'home/ops'), 0o750);
    const units = path.join(root, 'etc/systemd/system');
    mkdirSync(units, { recursive: true });
    writeFileSync(path.join(units, 'ssh.service'), '');
    const files = path.join(place, 'files');
    await layHost(director, root, files);
    const mode = (name: string): number => statSync(path.join(files, name)).mode & 0o7777;
    expect(mode('home/ops')).to.equal(0o750);
    expect(mode('home/ops/.ssh/authorized_keys')).to.equal(0o600);
    expect(readFileSync(path.join(files, 'etc/hostname'), 'utf8')).to.equal('director1\n');
    expect(readlinkSync(path.join(files, 'etc/systemd/system/multi-user.target.wants/ssh.service'))).to.equal(
      '/etc/systemd/system/ssh.service',
    );
    const wanted = readlinkSync(path.join(files, 'etc/systemd/system/multi-user.target.wants/networking.service'));
    expect(wanted, "Debian's own, where the lab has none").to.equal('/lib/systemd/system/networking.service');
  });

  it('has a machine id of its own', () => {
    const id = (name: string): string | undefined =>
      hostFiles({ ...director, name }).find((file) => file.path === '/etc/machine-id')?.content;
    expect(id('rs1')).to.match(/^[0-9a-f]{32}\n$/);
    expect(id('rs1')).not.to.equal(id('rs2'));
  });

  it('reads lists of processors', () => {
    expect(cpuList('0-2,7\n')).to.deep.equal([0, 1, 2, 7]);
    expect(cpuList('5')).to.deep.equal([5]);
  });

  it('gives the end of a console as plain text', async () => {
    const file = path.join(place, 'console.log');
    writeFileSync(file, 'one\r\n\u001b[0;32mtwo\u001b[0m\r\nthree\r\n\r\n');
    expect(await consoleTail(file, 2)).to.equal('two\nthree');
    expect(await consoleTail(path.join(place, 'none'))).to.equal('');
  });
});
