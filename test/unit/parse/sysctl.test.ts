import { expect } from 'chai';

import { keyOfSysctlPath, pathOfSysctlKey, persistedSysctls } from '../../../lib/parse/sysctl.ts';

const file = (path: string, ...lines: string[]) => ({ path, text: `${lines.join('\n')}\n` });
const systemd = { systemd: true };

describe('sysctl keys', () => {
  for (const [key, path] of [
    ['net.ipv4.ip_forward', '/proc/sys/net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/100.rp_filter', '/proc/sys/net/ipv4/conf/eth0.100/rp_filter'],
  ] as const) {
    it(`${key} is ${path}`, () => {
      expect(pathOfSysctlKey(key)).to.equal(path);
      expect(keyOfSysctlPath(path)).to.equal(key);
    });
  }

  it('takes the spelling with slashes', () => {
    expect(pathOfSysctlKey('net/ipv4/conf/eth0.100/rp_filter')).to.equal('/proc/sys/net/ipv4/conf/eth0.100/rp_filter');
  });

  it('knows no key for another file', () => {
    expect(keyOfSysctlPath('/etc/hosts')).to.equal(undefined);
  });
});

describe('sysctls at the next boot', () => {
  it('lets the last file by name win, whatever its directory', () => {
    const files = [
      file('/etc/sysctl.d/10-lvs.conf', 'net.ipv4.ip_forward=1'),
      file('/usr/lib/sysctl.d/50-default.conf', 'net.ipv4.ip_forward = 0'),
    ];
    expect(persistedSysctls(files, [], systemd)).to.deep.equal({
      'net.ipv4.ip_forward': { value: '0', file: '/usr/lib/sysctl.d/50-default.conf' },
    });
  });

  it('lets a file of /etc hide its namesake of /usr/lib whole', () => {
    const files = [
      file('/usr/lib/sysctl.d/50-default.conf', 'net.ipv4.ip_forward = 1', 'vm.swappiness=10'),
      file('/etc/sysctl.d/50-default.conf', '# nothing'),
    ];
    expect(persistedSysctls(files, [], systemd)).to.deep.equal({});
  });

  it('reads /etc/sysctl.conf last for procps, and only through its link for systemd', () => {
    const setting = 'net.ipv4.ip_forward=1';
    const files = [file('/etc/sysctl.conf', setting), file('/etc/sysctl.d/99-z.conf', 'net.ipv4.ip_forward=0')];
    expect(persistedSysctls(files, [], { systemd: false })['net.ipv4.ip_forward']?.value).to.equal('1');
    expect(persistedSysctls(files, [], systemd)['net.ipv4.ip_forward']?.value).to.equal('0');
    const linked = [...files, file('/etc/sysctl.d/99-sysctl.conf', setting)];
    expect(persistedSysctls(linked, [], systemd)['net.ipv4.ip_forward']).to.deep.equal({
      value: '0',
      file: '/etc/sysctl.d/99-z.conf',
    });
  });

  it('takes comments, the ignore-errors dash, blanks and slashes', () => {
    const files = [
      file(
        '/etc/sysctl.d/a.conf',
        '; a comment',
        ' # net.ipv4.ip_forward=0',
        '-net.ipv4.ip_forward =  1 ',
        'net/ipv4/conf/eth0.100/rp_filter = 2',
        'no equals sign',
        '=3',
      ),
    ];
    expect(persistedSysctls(files, [], systemd)).to.deep.equal({
      'net.ipv4.ip_forward': { value: '1', file: '/etc/sysctl.d/a.conf' },
      'net.ipv4.conf.eth0/100.rp_filter': { value: '2', file: '/etc/sysctl.d/a.conf' },
    });
  });

  it('lets a glob set the keys it matches, but for those named or taken out', () => {
    const files = [
      file(
        '/usr/lib/sysctl.d/50-default.conf',
        'net.ipv4.conf.default.rp_filter = 0',
        'net.ipv4.conf.*.rp_filter = 2',
        '-net.ipv4.conf.all.rp_filter',
      ),
    ];
    const keys = ['all', 'default', 'eth0', 'eth1'].map((name) => `net.ipv4.conf.${name}.rp_filter`);
    const settings = persistedSysctls(files, keys, systemd);
    expect(Object.entries(settings).map(([key, { value }]) => [key, value])).to.have.deep.members([
      ['net.ipv4.conf.default.rp_filter', '0'],
      ['net.ipv4.conf.eth0.rp_filter', '2'],
      ['net.ipv4.conf.eth1.rp_filter', '2'],
    ]);
  });
});
