import { expect } from 'chai';
import { collectFacts } from '../../../lib/facts/collect.ts';
import { Unanswered } from '../../../lib/facts/collector.ts';
import { persistedNetwork } from '../../../lib/facts/persisted-network.ts';
import { savedRules } from '../../../lib/facts/saved-rules.ts';
import { transcript } from '../parse/transcript.ts';
import { aSection, someQuestions } from './a-section.ts';
import { shellHost } from './shell-host.ts';

const as = (managedBy: 'ipvsadm' | 'keepalived' | 'none') =>
  someQuestions({ root: { role: 'director', managedBy, tiers: ['read'] } });
const debian = {
  '/etc/init.d/ipvsadm': transcript('init.d-ipvsadm', 'debian12-6.1.176'),
  '/etc/default/ipvsadm': transcript('default-ipvsadm', 'debian12-6.1.176'),
  '/etc/ipvsadm.rules': `# ipvsadm.rules\n${transcript('ipvsadm-save', 'debian12-6.1.176')}`,
};
const auto = { '/etc/default/ipvsadm': 'AUTO="false"\nAUTO="true" # at boot\n' };
const rhel = {
  '/usr/lib/systemd/system/ipvsadm.service':
    '[Service]\nType=oneshot\nExecStart=/bin/bash -c "exec /sbin/ipvsadm-restore < /etc/sysconfig/ipvsadm"\n',
};
const conf = '/etc/keepalived/keepalived.conf';
const services =
  'virtual_server 10.0.0.100 80 {\n lb_algo wrr\n lb_kind DR\n protocol TCP\n real_server 10.0.0.11 80 {\n  weight 3\n }\n}\n';
const rules = (
  managedBy: 'ipvsadm' | 'keepalived' | 'none',
  files: Readonly<Record<string, string>>,
  stdout = 'enabled ipvsadm\nenabled keepalived\nsystemd\n',
  unreadable: readonly string[] = [],
) => savedRules.parse(aSection({ files: new Map(Object.entries(files)), stdout, unreadable }), as(managedBy));

describe('IPVS rules kept for the next boot', () => {
  it('are those of /etc/ipvsadm.rules when Debian is told to load them', () => {
    const found = rules('ipvsadm', { ...debian, ...auto });
    expect(found).to.include({ keeper: 'ipvsadm-debian', file: '/etc/ipvsadm.rules', atBoot: true });
    expect(found.services.map(({ scheduler }) => scheduler)).to.include.members(['sh', 'mh', 'wlc']);
    expect(found).not.to.have.property('unsure');
  });

  it('are not loaded as Debian installs the package, nor while the unit is off', () => {
    expect(rules('ipvsadm', debian)).to.include({
      atBoot: false,
      because: '/etc/default/ipvsadm does not say AUTO="true"',
    });
    expect(rules('ipvsadm', { ...debian, ...auto }, 'systemd\n')).to.include({
      atBoot: false,
      because: 'ipvsadm.service is not enabled',
    });
    expect(rules('ipvsadm', { ...debian, ...auto }, 'enabled ipvsadm\nmasked ipvsadm\nsystemd\n').because).to.include(
      'masked',
    );
    expect(rules('ipvsadm', { ...debian, ...auto }, '')).not.to.have.property('atBoot');
  });

  it('are those of /etc/sysconfig/ipvsadm on RHEL, read as root', () => {
    const stdout = `enabled ipvsadm\nsystemd\n@text /etc/sysconfig/ipvsadm\n${transcript('ipvsadm-save', 'debian12-6.1.176')}\n@text = 0\n`;
    const found = rules('ipvsadm', rhel, stdout, ['/etc/sysconfig/ipvsadm']);
    expect(found).to.include({ keeper: 'ipvsadm-rhel', atBoot: true });
    expect(found.services).to.have.length(7);
    expect(rules('ipvsadm', rhel).services).to.deep.equal([]);
  });

  it('are what directors of Rocky Linux 8 and of an el9 keep there, IP in IP named as ipvsadm 1.31 names it', () => {
    const kept = (host: string) => {
      const text = transcript('sysconfig-ipvsadm', host);
      return rules('ipvsadm', rhel, `enabled ipvsadm\nsystemd\n@text /etc/sysconfig/ipvsadm\n${text}\n@text = 0\n`, [
        '/etc/sysconfig/ipvsadm',
      ]);
    };
    expect(kept('rocky8-4.18').services[0]).to.deep.include({ address: '192.168.10.100', port: 80, scheduler: 'rr' });
    expect(kept('rocky8-4.18').services[0]?.destinations.map(({ address }) => address)).to.deep.equal([
      '192.168.188.82',
      '192.168.188.83',
    ]);
    const { services: dns, ...others } = kept('el9-5.14');
    expect(others).to.include({ keeper: 'ipvsadm-rhel', atBoot: true }).and.not.have.property('unsure');
    expect(dns.map(({ protocol, port }) => `${protocol} ${port}`)).to.deep.equal(['tcp 53', 'udp 53']);
    const tun = { address: '192.168.52.100', port: 53, forwarding: 'tun', weight: 1, extra: ['--tun-type', 'ipip'] };
    expect(dns[1]?.destinations[0]).to.deep.equal(tun);
  });

  it('are not known where root is refused', () => {
    const stdout = 'enabled ipvsadm\nsystemd\n@text /etc/sysconfig/ipvsadm\n\n@text = 126\n';
    expect(() => rules('ipvsadm', rhel, stdout, ['/etc/sysconfig/ipvsadm'])).to.throw(Unanswered, 'cannot be read');
    expect(() => rules('keepalived', {}, '', [conf])).to.throw(Unanswered, conf);
  });

  it('say which line could not be read', () => {
    const text = 'AUTO="true"\n';
    const found = rules('ipvsadm', {
      ...debian,
      '/etc/default/ipvsadm': text,
      '/etc/ipvsadm.rules':
        '-A -t 10.0.0.9:80 -s rr\n-A -t www.example.com:http -s rr\n-a -t www.example.com:http -r rs1:http -m -w 1\n',
    });
    expect(found.services).to.have.length(1);
    expect(found.unsure).to.equal('cannot read: -A -t www.example.com:http -s rr');
  });

  it('are those of keepalived.conf, includes and variables told', () => {
    const found = rules('keepalived', { [conf]: services });
    expect(found).to.include({ keeper: 'keepalived', file: conf, atBoot: true });
    expect(found.services).to.deep.equal([
      {
        protocol: 'tcp',
        address: '10.0.0.100',
        port: 80,
        scheduler: 'wrr',
        persistenceS: 0,
        extra: [],
        destinations: [{ address: '10.0.0.11', port: 80, forwarding: 'dr', weight: 3, extra: [] }],
      },
    ]);
    expect(rules('keepalived', { [conf]: 'include /srv/*.conf\n' }).unsure).to.include('/srv/*.conf');
    expect(rules('keepalived', { [conf]: services.replace('10.0.0.11', '$RS') }).unsure).to.include('line 5');
    expect(rules('keepalived', {}).keeper).to.equal('none');
  });

  it('know groups, marks and persistence of keepalived.conf', () => {
    const group = 'virtual_server_group web {\n 10.0.0.100 80\n 10.0.0.101 80\n fwmark 7\n}\n';
    const server =
      'virtual_server group web {\n persistence_timeout\n protocol UDP\n real_server 10.0.0.11 {\n  lvs_method TUN\n }\n}\n';
    const found = rules('keepalived', { [conf]: `${group}${server}virtual_server fwmark 9 {\n ip_family inet6\n}\n` });
    expect(
      found.services.map(({ address, fwmark, persistenceS, extra }) => [fwmark ?? address, persistenceS, ...extra]),
    ).to.deep.equal([
      ['10.0.0.100', 360],
      ['10.0.0.101', 360],
      [7, 360],
      [9, 0, '-6'],
    ]);
    expect(found.services[0]?.destinations[0]).to.include({ port: 80, forwarding: 'tun', weight: 1 });
  });

  it('name who else makes rules at boot', () => {
    expect(rules('ipvsadm', { ...debian, ...auto, [conf]: services }).alsoAtBoot?.[0]).to.include('keepalived.service');
    expect(rules('ipvsadm', { ...debian, ...auto, [conf]: 'vrrp_instance a {\n}\n' })).not.to.have.property(
      'alsoAtBoot',
    );
    expect(rules('keepalived', { ...debian, ...auto, [conf]: services }).alsoAtBoot?.[0]).to.include('AUTO="true"');
    expect(rules('keepalived', { ...debian, [conf]: services })).not.to.have.property('alsoAtBoot');
    expect(rules('keepalived', { [conf]: services }, 'enabled ldirectord\nsystemd\n').alsoAtBoot).to.deep.equal([
      'ldirectord.service',
    ]);
  });
});

describe('addresses of the next boot', () => {
  const parse = (change: Parameters<typeof aSection>[0]) => persistedNetwork.parse(aSection(change), as('none'));
  const keyfile = '/etc/NetworkManager/system-connections/eth0.nmconnection';

  it('are not known where keyfiles are closed and nothing else names one', () => {
    expect(() => parse({ stdout: '@scripts\n', unreadable: [keyfile] })).to.throw(Unanswered, keyfile);
    const refused = '@scripts\n@profiles\nError: NetworkManager is not running.\n@profiles 8\n';
    expect(() => parse({ stdout: refused, unreadable: [keyfile] })).to.throw(Unanswered, 'cannot be read by ops');
  });

  it('are known by nmcli then, or by the files that could be read', () => {
    const profile = 'connection.id:eth0\nconnection.interface-name:eth0\nipv4.addresses:10.0.0.1/24\n';
    const asked = parse({ stdout: `@scripts\n@profiles\n${profile}@profiles 0\n`, unreadable: [keyfile] });
    expect(asked.addresses).to.deep.equal([
      { interface: 'eth0', address: '10.0.0.1', prefixLength: 24, file: 'NetworkManager profile eth0' },
    ]);
    const files = new Map([['/etc/network/interfaces', 'auto eth0\niface eth0 inet static\n address 10.0.0.1/24\n']]);
    expect(parse({ files, stdout: '@scripts\n', unreadable: [keyfile] }).unread).to.deep.equal([keyfile]);
  });

  it('take lines of scripts by file, and show no password', () => {
    const files = new Map([[keyfile, '[ipv4]\naddress1=10.0.0.1/24\n[wifi-security]\npsk=secret\n']]);
    const section = aSection({
      files,
      stdout: '@executable /etc/rc.local\n@scripts\n/etc/init.d/lvs:VIP=10.0.0.100\n',
    });
    expect(persistedNetwork.parse(section, as('none')).other).to.deep.equal([
      { text: 'VIP=10.0.0.100', file: '/etc/init.d/lvs' },
    ]);
    expect(persistedNetwork.show?.(section)).to.include('address1').and.to.include('VIP=').and.not.to.include('secret');
  });
});

describe('both facts on this machine', () => {
  it('come back from its shell', async () => {
    const host = await shellHost();
    try {
      const questions = { ...as('ipvsadm'), facts: ['savedRules', 'persistedNetwork'] as const };
      const { facts } = await collectFacts(host, questions, {
        signal: new AbortController().signal,
        timeoutMs: 20_000,
      });
      expect(facts.persistedNetwork).to.have.property('known', true);
      expect(facts.savedRules).to.have.nested.property('value.keeper').that.is.a('string');
    } finally {
      await host.close();
    }
  });
});
