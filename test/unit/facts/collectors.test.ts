import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

import { reading } from '../../../lib/facts/clock.ts';
import { type Collector, Unanswered } from '../../../lib/facts/collector.ts';
import { firewall } from '../../../lib/facts/firewall.ts';
import { httpProbes } from '../../../lib/facts/http-probes.ts';
import { ipvsRules } from '../../../lib/facts/ipvs-rules.ts';
import { ipvsSupport } from '../../../lib/facts/ipvs-support.ts';
import { limits } from '../../../lib/facts/limits.ts';
import { names } from '../../../lib/facts/names.ts';
import { persistedSysctl } from '../../../lib/facts/persisted-sysctl.ts';
import { matcherOf, parseFiles } from '../../../lib/facts/script.ts';
import { selinux } from '../../../lib/facts/selinux.ts';
import { sshTrust } from '../../../lib/facts/ssh-trust.ts';
import { transcript } from '../parse/transcript.ts';
import { aSection, someQuestions } from './a-section.ts';

const ports: readonly [string, string] = ['/proc/sys/net/ipv4/ip_local_port_range', '32768\t60999\n'];

/** Whether this kind of text is refused as the host's own answer. */
function reasonOf(collector: Collector, ...args: Parameters<Collector['parse']>): string {
  try {
    collector.parse(...args);
  } catch (error) {
    if (error instanceof Unanswered) return error.reason;
    throw error;
  }
  return 'answered';
}

describe('clock reading', () => {
  it('is the middle of the bracket, plus or minus half of it', () => {
    const bracket = { text: '1000.500000000\n', notBeforeMs: 1_000_000, notAfterMs: 1_000_200 };
    expect(reading(bracket)).to.deep.equal({ offsetMs: 400, errorMs: 100 });
  });

  it('is a second wide where date knows no fractions', () => {
    const bracket = { text: '1000\n', notBeforeMs: 1_000_400, notAfterMs: 1_000_600 };
    expect(reading(bracket)).to.deep.equal({ offsetMs: 0, errorMs: 600 });
    expect(reading({ ...bracket, text: '1000.N' })).to.deep.equal({ offsetMs: 0, errorMs: 600 });
  });
});

describe('files', () => {
  it('are told apart where they are empty, missing or hold their own names', () => {
    const { files, unreadable, irregular } = parseFiles('+/a\n+/b:c\n-/e\n+/b\n!/d\n/a:/b:x\n/b:c:+y\n/b:\n/b:z\n');
    expect([...files]).to.deep.equal([
      ['/a', '/b:x\n'],
      ['/b:c', '+y\n'],
      ['/b', '\nz\n'],
    ]);
    expect(unreadable).to.deep.equal(['/d']);
    expect(irregular).to.deep.equal(['/e']);
  });

  it('match patterns within one folder', () => {
    expect(matcherOf(['/proc/sys/net/ipv4/conf/*/rp_filter'])('/proc/sys/net/ipv4/conf/eth0.100/rp_filter')).to.equal(
      true,
    );
    expect(matcherOf(['/etc/hosts', '/etc/sysctl.d/*.conf'])('/etc/sysctl.d/a/b.conf')).to.equal(false);
    expect(matcherOf(['/etc/sysctl.d/*.conf'])('/etc/sysctlxd/b.conf')).to.equal(false);
  });
});

describe('IPVS support', () => {
  const questions = someQuestions({ schedulers: ['rr', 'wlc'] });
  const support = (...lines: string[]) => ipvsSupport.parse(aSection({ stdout: `${lines.join('\n')}\n` }), questions);
  const installed = ['@ipvs tool /usr/sbin/ipvsadm', 'ipvsadm v1.31'];

  it('is loadable when modprobe would load it', () => {
    const found = support(
      ...installed,
      '@ipvs ask ip_vs ip_vs_rr ip_vs_wlc',
      'insmod /lib/modules/6.1/ip_vs.ko',
      '@ipvs asked 0',
    );
    expect(found).to.deep.equal({
      ipvsadm: 'ipvsadm v1.31',
      loaded: false,
      loadable: true,
      schedulers: { rr: true, wlc: true },
    });
  });

  it('lacks what modprobe does not find', () => {
    const missing = 'modprobe: WARNING: Module ip_vs_wlc not found in directory /lib/modules/6.1';
    const found = support('@ipvs loaded', '@ipvs present ip_vs_rr', '@ipvs ask ip_vs_wlc', missing, '@ipvs asked 1');
    expect(found).to.deep.equal({ loaded: true, loadable: true, schedulers: { rr: true, wlc: false } });
  });

  it('reads what modprobe of a real director says', () => {
    const said = transcript('modprobe-n.txt', 'debian12-6.1.176');
    const stdout = `@ipvs ask ip_vs ip_vs_rr ip_vs_nope\n${said}@ipvs asked 1\n`;
    const found = ipvsSupport.parse(aSection({ stdout }), someQuestions({ schedulers: ['rr', 'nope'] }));
    expect(found).to.deep.equal({ loaded: false, loadable: true, schedulers: { rr: true, nope: false } });
  });

  it('says nothing about modules where there is no modprobe', () => {
    expect(support('@ipvs ask ip_vs ip_vs_rr ip_vs_wlc')).to.deep.equal({ loaded: false, schedulers: {} });
  });

  it('sees a module kept from loading', () => {
    expect(
      support('@ipvs loaded', '@ipvs present ip_vs_rr', '@ipvs ask ip_vs_wlc', 'install /bin/false', '@ipvs asked 0')
        .schedulers,
    ).to.deep.equal({
      rr: true,
      wlc: false,
    });
  });

  it('asks for each by itself where one of several is kept from loading', function () {
    // The machine's own IPVS would be in the way.
    if (existsSync('/proc/net/ip_vs') || existsSync('/sys/module/ip_vs_rr')) this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'ipvet-modprobe-'));
    const keeps = (kept: string) => {
      const modprobe = `#!/bin/sh\nfor m do case $m in -*) ;; ${kept}) echo "install /bin/false " ;; *) echo "insmod /lib/modules/6.1/$m.ko" ;; esac; done\n`;
      writeFileSync(join(folder, 'modprobe'), modprobe, { mode: 0o755 });
      const script = `has() { command -v "$1" >/dev/null 2>&1; }\n${ipvsSupport.script(questions, 0)}`;
      const stdout = execFileSync('sh', ['-c', script], {
        encoding: 'utf8',
        env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      });
      return ipvsSupport.parse(aSection({ stdout }), questions);
    };
    try {
      expect(keeps('ip_vs_wlc')).to.deep.include({ loadable: true, schedulers: { rr: true, wlc: false } });
      expect(keeps('ip_vs')).to.deep.include({ loadable: false, schedulers: { rr: true, wlc: true } });
      expect(keeps('none')).to.deep.include({ loadable: true, schedulers: { rr: true, wlc: true } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('never runs ipvsadm, which would load the module', () => {
    expect(ipvsSupport.script(questions, 0)).not.to.match(/^\s*ipvsadm|; ipvsadm /m);
    expect(ipvsRules.script(questions, 0)).to.match(/^if \[ -e \/proc\/net\/ip_vs \]; then root ipvsadm/);
  });
});

describe('IPVS rules', () => {
  const service = '-A -t 10.0.0.9:80 -s rr\n-a -t 10.0.0.9:80 -r 10.0.0.10:80 -m -w 1\n';
  const limits = 'TCP  10.0.0.9:80 rr\n  -> 10.0.0.10:80      50         0          0          0\n';

  it('have the thresholds that are listed apart', () => {
    const section = aSection({ stdout: `${service}@thresholds\n${limits}` });
    const { services } = ipvsRules.parse(section, someQuestions());
    expect(services[0]?.destinations[0]?.extra).to.deep.equal(['-x', '50']);
    expect(ipvsRules.show?.(section)).to.equal((service + limits).trim());
  });

  it('are none where IPVS is not loaded, and not known where one of the listings fails', () => {
    expect(ipvsRules.parse(aSection({ stdout: '' }), someQuestions())).to.deep.equal({ services: [] });
    const refused = aSection({ stdout: service, exitCode: 1, stderr: 'Memory allocation problem\n' });
    expect(reasonOf(ipvsRules, refused, someQuestions())).to.equal('command-failed');
  });
});

describe('firewall listing', () => {
  const listing = (stdout: string, stderr: string) => aSection({ stdout, stderr });

  it('fails when a tool that works in this kernel fails', () => {
    const section = listing(
      '@tool nft\n\n@tool 1\n',
      '@tool nft\nnetlink: Error: cache initialization failed: Permission denied\n',
    );
    expect(reasonOf(firewall, section, someQuestions())).to.equal('command-failed');
  });

  it('is not known where the kernel may have rules that no tool there lists', () => {
    const stderr = '@tool unlisted\niptables-save: not found\n';
    expect(reasonOf(firewall, listing('@tool unlisted\n\n@tool 127\n', stderr), someQuestions())).to.equal(
      'tool-absent',
    );
  });

  it('asks for what lists rules only where the kernel has a table', () => {
    const run = (names: string) => {
      const script = firewall
        .script(someQuestions(), 0)
        .replaceAll('/proc/net/', `${names}/`)
        .replaceAll('/proc/modules', `${names}/modules`);
      const tools =
        'has() { return 1; }\nabsent() { printf "%s: not found\\n" "$1" >&2; return 127; }\nroot() { "$@"; }\nPATH=/nonexistent; grep() { return 1; }\n';
      return spawnSync('/bin/sh', ['-c', `${tools}${script}`], { encoding: 'utf8' });
    };
    const directory = mkdtempSync(join(tmpdir(), 'ipvet-firewall-'));
    try {
      expect(run(directory)).to.include({ stdout: '', stderr: '', status: 0 });
      writeFileSync(join(directory, 'ip_tables_names'), '');
      expect(run(directory).stdout).to.equal('');
      writeFileSync(join(directory, 'ip_tables_names'), 'filter\n');
      const { stdout, stderr } = run(directory);
      expect(reasonOf(firewall, listing(stdout, stderr), someQuestions())).to.equal('tool-absent');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('takes a tool without its half in the kernel for an engine without rules', () => {
    const stdout = '@tool nft\n{"nftables": []}\n\n@tool 0\n@tool iptables\n\n@tool 1\n';
    const stderr =
      '@tool nft\n@tool iptables\niptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Operation not supported\n';
    expect(firewall.parse(listing(stdout, stderr), someQuestions()).engines).to.deep.equal([]);
  });
});

describe('page fetched', () => {
  it('is missing, not unanswered, when its GET left nothing', () => {
    const questions = someQuestions({ httpGets: [{ url: 'http://10.10.10.10/', timeoutMs: 1000 }] });
    expect(reasonOf(httpProbes, aSection(), questions)).to.equal('command-failed');
  });
});

describe('name lookup of a host', () => {
  const questions = someQuestions({ names: [{ name: 'www.example.com', server: '192.168.122.2' }] });
  const reason = (stdout: string) => reasonOf(names, aSection({ stdout }), questions);

  it('tells a name without address from a server that does not answer', () => {
    expect(names.parse(aSection({ stdout: '@name 0 dig 0\n' }), questions)).to.deep.equal([
      { name: 'www.example.com', addresses: [] },
    ]);
    expect(reason(';; communications error: timed out\n@name 0 dig 9\n')).to.equal('command-failed');
    expect(reason('@name 0 getent 124\n')).to.equal('command-failed');
  });

  it('tells that there is no tool to ask a server with', () => {
    expect(reason('@name 0 none 1\n')).to.equal('tool-absent');
  });
});

describe('ssh trust', () => {
  const stdout = [
    '+/home/ops/.ssh/authorized_keys',
    '+/home/ops/.ssh/known_hosts',
    '/home/ops/.ssh/authorized_keys:# mine',
    '/home/ops/.ssh/authorized_keys:ssh-ed25519 AAAAsecret ops@client1',
    '/home/ops/.ssh/known_hosts:10.10.10.20,rs2 ssh-ed25519 AAAA',
    // rs3, hashed as ssh-keygen -H does
    '/home/ops/.ssh/known_hosts:|1|MDEyMzQ1Njc4OWFiY2RlZmdoaWo=|JRZUB7t/qgRG2RSOaA0ITW4dZKw= ssh-ed25519 AAAA',
    '/home/ops/.ssh/known_hosts:@revoked rs4 ssh-ed25519 AAAA',
    '',
  ].join('\n');

  it('counts keys and finds the peers known', () => {
    const found = sshTrust.parse(
      aSection({ stdout }),
      someQuestions({ peers: ['rs2', 'rs3', 'rs4', '10.10.10.20', 'rs9'] }),
    );
    expect(found).to.deep.equal({ authorizedKeys: 1, knownHosts: ['rs2', 'rs3', '10.10.10.20'] });
  });

  it('keeps keys out of the evidence', () => {
    expect(sshTrust.show?.(aSection({ stdout }))).to.equal(
      '/home/ops/.ssh/authorized_keys: 1 keys\n/home/ops/.ssh/known_hosts: 3 entries',
    );
  });
});

describe('smaller facts', () => {
  it('reads SELinux from the kernel', () => {
    const mode = (...files: [string, string][]) =>
      selinux.parse(aSection({ files: new Map(files) }), someQuestions()).mode;
    expect(mode(['/sys/fs/selinux/enforce', '1\n'])).to.equal('enforcing');
    expect(mode(['/sys/fs/selinux/enforce', '0'])).to.equal('permissive');
    expect(mode(['/etc/selinux/config', 'SELINUX=enforcing\n'])).to.equal('disabled');
    expect(mode()).to.equal('absent');
  });

  it('reads limits, unlimited too', () => {
    const files = new Map([ports]);
    expect(limits.parse(aSection({ files, openFiles: '1024\n' }), someQuestions())).to.deep.equal({
      openFiles: 1024,
      ephemeralPorts: [32768, 60999],
    });
    expect(limits.parse(aSection({ files, openFiles: 'unlimited' }), someQuestions()).openFiles).to.equal(
      Number.MAX_SAFE_INTEGER,
    );
  });

  it('takes a settings file that is a link to /dev/null for an empty one', () => {
    const files = new Map([['/usr/lib/sysctl.d/50-a.conf', 'net.ipv4.ip_forward=1\n']]);
    const masked = aSection({ files, irregular: ['/etc/sysctl.d/50-a.conf'], stdout: 'systemd\n' });
    expect(persistedSysctl.parse(masked, someQuestions())).to.deep.equal({});
  });

  it('does not guess what is in settings files it cannot read', () => {
    for (const path of ['/etc/sysctl.d/50-a.conf', '/etc/sysctl.conf', '/etc/sysctl.d/*.conf'])
      expect(reasonOf(persistedSysctl, aSection({ unreadable: [path] }), someQuestions())).to.equal('permission');
  });
});
