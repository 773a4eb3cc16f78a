/** Modules, units, offloads, packages, denials and the connection table. */
import { expect } from 'chai';

import { parseIpvsTable, parseIpvsTimeouts } from '../../../lib/parse/ipvs-table.ts';
import { modulesAtBoot, parseProcModules } from '../../../lib/parse/kernel-modules.ts';
import { parseOffloads } from '../../../lib/parse/offloads.ts';
import { parseOffer } from '../../../lib/parse/package-offer.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { parseDenials } from '../../../lib/parse/selinux-denials.ts';
import { parseUnits } from '../../../lib/parse/systemd-units.ts';
import { transcript } from './transcript.ts';

describe('kernel modules', () => {
  it('are the first words of /proc/modules', () => {
    const text = 'ip_vs_rr 16384 1 - Live 0x0000000000000000\nip_vs 200704 3 ip_vs_rr, Live 0x0000000000000000\n';
    expect(parseProcModules(text)).to.deep.equal(['ip_vs_rr', 'ip_vs']);
    expect(parseProcModules('')).to.deep.equal([]);
  });

  const atBoot = (files: Readonly<Record<string, string>>, systemd = true) =>
    modulesAtBoot(new Map(Object.entries(files)), { systemd });

  it('are loaded at boot from the first file of a name, comments and options left out', () => {
    const found = atBoot({
      '/usr/lib/modules-load.d/lvs.conf': 'ip_vs_wlc\n',
      '/usr/lib/modules-load.d/other.conf': 'dummy numdummies=1\n',
      '/etc/modules-load.d/lvs.conf': '# for LVS\n; too\n\nip-vs\nip_vs\n',
    });
    expect(found).to.deep.equal([
      { name: 'ip_vs', file: '/etc/modules-load.d/lvs.conf' },
      { name: 'dummy', file: '/usr/lib/modules-load.d/other.conf' },
    ]);
  });

  it('are read from /etc/modules where a link leads there, or where systemd does not run the host', () => {
    const old = { '/etc/modules': 'ipip\n' };
    expect(atBoot(old)).to.deep.equal([]);
    const listed = [{ name: 'ipip', file: '/etc/modules' }];
    expect(atBoot(old, false)).to.deep.equal(listed);
    expect(atBoot({ ...old, '/etc/modules-load.d/modules.conf': 'ipip\n' })).to.deep.equal(listed);
  });
});

describe('units', () => {
  const text = `Id=chrony.service
LoadState=loaded
ActiveState=active
UnitFileState=enabled
NRestarts=0

Id=chrony.service
LoadState=loaded
ActiveState=active
UnitFileState=enabled
NRestarts=0

Id=keepalived.service
LoadState=not-found
ActiveState=inactive
UnitFileState=

Id=nginx.service
LoadState=loaded
ActiveState=failed
UnitFileState=disabled
NRestarts=5

Id=ufw.service
LoadState=masked
ActiveState=inactive
UnitFileState=masked
`;

  it('are those the host has, each once', () => {
    expect(parseUnits(text)).to.deep.equal([
      { name: 'chrony.service', active: 'active', enabled: 'enabled', restarts: 0 },
      { name: 'nginx.service', active: 'failed', enabled: 'disabled', restarts: 5 },
      { name: 'ufw.service', active: 'inactive', enabled: 'masked' },
    ]);
  });

  it('are not read from other text', () => {
    expect(() => parseUnits('Failed to connect to bus: Host is down')).to.throw(ParseError);
  });
});

describe('offloads', () => {
  const text = `Features for eth0:
rx-checksumming: off
tx-checksumming: off
\ttx-checksum-ipv4: off
generic-segmentation-offload: on
generic-receive-offload: on
large-receive-offload: off [fixed]
rx-gro-list: off
`;

  it('are read by their long names', () => {
    expect(parseOffloads(text, 'eth0')).to.deep.equal({
      interface: 'eth0',
      largeReceive: false,
      genericReceive: true,
      transmitChecksum: false,
    });
    expect(parseOffloads('large-receive-offload: on\n', 'ens192')).to.deep.equal({
      interface: 'ens192',
      largeReceive: true,
    });
  });

  it('are not read from other text', () => {
    expect(() => parseOffloads('netlink error: No such device', 'eth9')).to.throw(ParseError);
  });
});

describe('offer of a package', () => {
  const apt = `ipvsadm:
  Installed: (none)
  Candidate: 1:1.31-1+b1
  Version table:
     1:1.31-1+b1 500
`;

  it('is the version, null where there is none, undefined where the manager did not say', () => {
    expect(parseOffer('apt', 'ipvsadm', apt, 0)).to.equal('1:1.31-1+b1');
    expect(parseOffer('apt', 'ipvsadm', apt.replace('1:1.31-1+b1\n', '(none)\n'), 0)).to.equal(null);
    expect(parseOffer('apt', 'ipvsadm', '', 0)).to.equal(null);
    expect(parseOffer('apt', 'ipvsadm', 'E: The package cache file is corrupted', 100)).to.equal(undefined);
    const dnf =
      'Last metadata expiration check: 0:01 ago\nAvailable Packages\nipvsadm.x86_64    1.31-6.el9    appstream\n';
    expect(parseOffer('dnf', 'ipvsadm', dnf, 0)).to.equal('1.31-6.el9');
    expect(parseOffer('yum', 'ipvsadm', 'Error: No matching Packages to list\n', 1)).to.equal(null);
    expect(parseOffer('dnf', 'ipvsadm', "Error: Cache-only enabled but no cache for 'baseos'\n", 1)).to.equal(
      undefined,
    );
    expect(parseOffer('dnf', 'keepalived', transcript('dnf-list.txt', 'rocky8-4.18'), 0)).to.equal('2.1.5-6.el8');
    expect(parseOffer('dnf', 'ipvsadm', transcript('dnf-list-none.txt', 'rocky9-5.14'), 1)).to.equal(null);
    expect(parseOffer('zypper', 'ipvsadm', 'Version        : 1.31-3.1\nArch           : x86_64\n', 0)).to.equal(
      '1.31-3.1',
    );
    expect(parseOffer('zypper', 'ipvsadm', "package 'ipvsadm' not found.\n", 104)).to.equal(null);
    expect(parseOffer('zypper', 'ipvsadm', '', 7)).to.equal(undefined);
    expect(parseOffer('apk', 'ipvsadm', 'ipvsadm policy:\n  1.31-r2:\n    lib/apk/db/installed\n', 0)).to.equal(
      '1.31-r2',
    );
    expect(parseOffer('apk', 'ipvsadm', '', 0)).to.equal(null);
    expect(parseOffer('apk', 'ipvsadm', 'ERROR: Unable to open database', 1)).to.equal(undefined);
  });
});

describe('SELinux denials', () => {
  it('are told once each, as hosts recorded them', () => {
    const found = parseDenials(transcript('ausearch-raw.txt', 'centos8-4.18'));
    expect(
      found.map(({ program, domain, permission, target }) => ({ program, domain, permission, target })),
    ).to.deep.equal([
      { program: 'httpd', domain: 'httpd_t', permission: 'name_connect', target: 'http_port_t:tcp_socket' },
      { program: 'keepalived', domain: 'keepalived_t', permission: 'setattr', target: 'neutron_var_lib_t:file' },
    ]);
    expect(found[0]?.text).to.include(':3143');
  });

  it('are those of daemons and of the policy too, and name a program that was written in hexadecimal', () => {
    const context =
      'scontext=system_u:system_r:init_t:s0 tcontext=system_u:object_r:httpd_unit_file_t:s0 tclass=service';
    const [daemon] = parseDenials(
      `type=USER_AVC msg=audit(1.2:3): pid=1 uid=0 msg='avc:  denied  { start } for auid=0 path="/x" ${context} exe="/usr/lib/systemd/systemd" sauid=0'`,
    );
    expect(daemon).to.include({ program: '/usr/lib/systemd/systemd', permission: 'start' });
    const [invalid] = parseDenials(
      'type=SELINUX_ERR msg=audit(1.2:3): op=security_compute_av reason=bounds scontext=a:b:httpd_t:s0 tcontext=a:b:c_t:s0 tclass=file perms=execmod',
    );
    expect(invalid).to.include({ program: 'httpd_t', permission: 'execmod' });
    const [odd] = parseDenials(
      `type=AVC msg=audit(1.2:3): avc:  denied  { read } for  pid=1 comm=6120622063 ${context}`,
    );
    expect(odd).to.include({ program: 'a b c' });
  });

  it('are none in other records', () => {
    expect(parseDenials('type=SYSCALL msg=audit(1.2:3): arch=c000003e\n----\n')).to.deep.equal([]);
    expect(parseDenials('type=AVC msg=audit(1.2:3): avc:  granted  { load_policy }')).to.deep.equal([]);
  });
});

describe('connection table', () => {
  it('has its buckets, and the entries of all destinations', () => {
    const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A87A64:0050 rr persistent 300 FFFFFFFF
  -> 0A0A0A14:0050      Masq    1      3          20
  -> 0A0A0A0A:0050      Masq    1      0          19
FWM  00000007 rr
  -> [2001:0db8:0000:0000:0000:0000:0000:0011]:0050      Tunnel  1      1          0
`;
    expect(parseIpvsTable(text)).to.deep.equal({ buckets: 4096, entries: 43 });
    expect(parseIpvsTable(text.split('\n').slice(0, 3).join('\n'))).to.deep.equal({ buckets: 4096, entries: 0 });
    expect(() => parseIpvsTable('')).to.throw(ParseError);
  });

  it('has timeouts where ipvsadm told them', () => {
    expect(parseIpvsTimeouts('Timeout (tcp tcpfin udp): 900 120 300\n')).to.deep.equal({
      tcp: 900,
      tcpFin: 120,
      udp: 300,
    });
    expect(parseIpvsTimeouts('')).to.equal(undefined);
  });
});
