import { expect } from 'chai';

import { announcementsFilteredFor, arpFilteredFor } from '../../../checks/arp-silence.ts';
import { servesByRedirect } from '../../../checks/redirection.ts';
import { parseFirewall } from '../../../lib/parse/firewall.ts';
import { transcript } from '../parse/transcript.ts';

const vip = '192.168.122.100';
const arptables = (...lines: readonly string[]) =>
  parseFirewall({ iptables: [], arptables: [['*filter', ':INPUT ACCEPT', ':OUTPUT ACCEPT', ...lines, ''].join('\n')] });

describe('ARP silence by packet filter', () => {
  for (const [name, firewall] of Object.entries({
    'nftables family arp': parseFirewall({ nft: transcript('nft-arp.json'), iptables: [] }),
    'arptables-nft': parseFirewall({ iptables: [], arptables: [transcript('arptables-nft-save.txt')] }),
    'arptables-legacy': parseFirewall({ iptables: [], arptables: [transcript('arptables-legacy-save.txt')] }),
  })) {
    it(`is kept by ${name}`, () => {
      expect(arpFilteredFor(firewall, vip, 'eth0')).to.equal('filtered');
      expect(announcementsFilteredFor(firewall, vip, 'eth0')).to.equal('filtered');
      expect(arpFilteredFor(firewall, '192.168.122.101', 'eth0')).to.equal('open');
    });
  }

  it('is not kept without rules, nor by rules on another interface', () => {
    expect(arpFilteredFor(arptables(), vip, 'eth0')).to.equal('open');
    const other = arptables(`-A INPUT -j DROP -i eth1 -d ${vip}`);
    expect([arpFilteredFor(other, vip, 'eth0'), arpFilteredFor(other, vip, 'eth1')]).to.deep.equal([
      'open',
      'filtered',
    ]);
  });

  it('of questions alone says nothing about announcements', () => {
    const asked = arptables(`-A INPUT -j DROP -d ${vip}`);
    expect(arpFilteredFor(asked, vip, 'eth0')).to.equal('filtered');
    expect(announcementsFilteredFor(asked, vip, 'eth0')).to.equal('open');
  });

  it('an exception comes before, a policy after', () => {
    expect(arpFilteredFor(arptables(`-A INPUT -j ACCEPT -d ${vip}`, '-A INPUT -j DROP'), vip, 'eth0')).to.equal('open');
    const policy = parseFirewall({ iptables: [], arptables: ['*filter\n:INPUT DROP\n:OUTPUT ACCEPT\n'] });
    expect(arpFilteredFor(policy, vip, 'eth0')).to.equal('filtered');
  });

  it('is unknown past other conditions, for IPv6, and where nobody looked', () => {
    expect(arpFilteredFor(arptables(`-A INPUT -j DROP -d ${vip} --src-mac 00:00:5e:00:53:01`), vip, 'eth0')).to.equal(
      'unknown',
    );
    expect(arpFilteredFor(arptables(`-A INPUT -j QUIET -d ${vip}`), vip, 'eth0')).to.equal('unknown');
    expect(arpFilteredFor(arptables(), 'fd00::1', 'eth0')).to.equal('unknown');
    const unseen = {
      engines: [],
      rules: [],
      policies: { input: 'accept', forward: 'accept', output: 'accept' },
    } as const;
    expect(arpFilteredFor(unseen, vip, 'eth0')).to.equal('unknown');
  });
});

describe('serving the VIP by a rule', () => {
  const nat = (...lines: readonly string[]) =>
    parseFirewall({ iptables: [['*nat', ':PREROUTING ACCEPT [0:0]', ...lines, 'COMMIT', ''].join('\n')] });
  const rule = `-A PREROUTING -d ${vip}/32 -p tcp -m tcp --dport 80 -j`;

  it('REDIRECT, TPROXY and DNAT to an own address do', () => {
    expect(servesByRedirect(nat(`${rule} REDIRECT`), vip, 80)).to.equal('yes');
    const lvs = parseFirewall({ iptables: [transcript('iptables-legacy-lvs.txt')] });
    expect(servesByRedirect(lvs, '192.168.122.101', 80), 'TPROXY').to.equal('yes');
    const dnat = nat(`${rule} DNAT --to-destination 10.0.0.11:8080`);
    expect(servesByRedirect(dnat, vip, 80, { own: ['10.0.0.11'] })).to.equal('yes');
    expect(servesByRedirect(dnat, vip, 80)).to.equal('no');
  });

  it('another address, port or protocol does not, and unknown conditions leave it open', () => {
    expect(servesByRedirect(nat(`${rule} REDIRECT`), vip, 443)).to.equal('no');
    expect(servesByRedirect(nat(`${rule} REDIRECT`), '192.168.122.101', 80)).to.equal('no');
    expect(servesByRedirect(nat(`${rule} REDIRECT`), vip, 80, { protocol: 'udp' })).to.equal('no');
    const perhaps = `${rule.replace(' -j', ' -m set --match-set users src -j')} REDIRECT`;
    expect(servesByRedirect(nat(perhaps), vip, 80)).to.equal('unknown');
  });
});
