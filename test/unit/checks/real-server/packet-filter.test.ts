/** What a real server of DR or TUN lets through, asked with rules as their tools print them. */
import { expect } from 'chai';

import { firewall } from '../../../../checks/real-server/firewall.ts';
import type { Cluster } from '../../../../lib/model/cluster.ts';
import type { Firewall } from '../../../../lib/model/facts.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
import { aCluster, aDirectCluster } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';
import { transcript } from '../../parse/transcript.ts';

const vip = '192.168.122.100';
const open = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT'].map((chain) => `:${chain} ACCEPT [0:0]`);
const save = (table: string, ...lines: readonly string[]): string => {
  const chains = open.filter((line) => !lines.some((own) => own.startsWith(line.slice(0, line.indexOf(' ') + 1))));
  return [`*${table}`, ...chains, ...lines, 'COMMIT', ''].join('\n');
};
const filter = (...lines: readonly string[]): Firewall => parseFirewall({ iptables: [save('filter', ...lines)] });
const on = (cluster: Cluster, rules: Firewall) => judge(firewall, { cluster, facts: { rs1: { firewall: rules } } });
const closed = ':INPUT DROP [0:0]';
const [dr, tun, nat] = [aDirectCluster('dr'), aDirectCluster('tun'), aCluster()];

describe('real-server/firewall of DR and TUN', () => {
  it('an opening for the RIP is none for the VIP', () => {
    const rules = filter(closed, '-A INPUT -d 192.168.122.11/32 -p tcp -m tcp --dport 80 -j ACCEPT');
    const { reason, remedy } = finding(on(dr, rules));
    expect(reason).to.include(`${vip}:80`).and.include('policy');
    expect(remedy?.commands).to.deep.equal([`iptables -I INPUT 1 -d ${vip} -p tcp --dport 80 -j ACCEPT`]);
    expect(on(dr, filter(closed, `-A INPUT -d ${vip}/32 -j ACCEPT`)).outcome).to.equal('pass');
  });

  it('answers from the VIP may be dropped as forged', () => {
    for (const cluster of [dr, tun]) {
      const { reason } = finding(on(cluster, filter('-A OUTPUT ! -s 192.168.122.0/28 -o eth0 -j DROP')));
      expect(reason).to.include('answers').and.include('OUTPUT');
    }
  });

  it('TUN: IP protocol 4 from the DIP comes first', () => {
    const inner = `-A INPUT -d ${vip}/32 -p tcp -m tcp --dport 80 -j ACCEPT`;
    const { reason, remedy } = finding(on(tun, filter(closed, inner)));
    expect(reason).to.include('IP protocol 4').and.include('192.168.122.10').and.include('10.20.1.11');
    expect(remedy?.commands).to.deep.equal(['iptables -I INPUT 1 -d 10.20.1.11 -p ipencap -j ACCEPT']);
    expect(on(tun, filter(closed, inner, '-A INPUT -s 192.168.122.10/32 -p ipencap -j ACCEPT')).outcome).to.equal(
      'pass',
    );
    expect(finding(on(tun, filter('-A INPUT -p 4 -j REJECT'))).reason).to.include('rejects');
    expect(on(dr, filter('-A INPUT -p 4 -j DROP')).outcome).to.equal('pass');
  });

  it('TUN: what comes out of the tunnel comes in by tunl0', () => {
    expect(on(tun, filter('-A INPUT -i tunl0 -p tcp -j DROP')).outcome).to.equal('fail');
    expect(on(tun, filter('-A INPUT -i eth0 -p tcp -j DROP')).outcome).to.equal('pass');
  });

  it('firewalld with http allowed passes, without it fails', () => {
    const firewalld = (name: string) => parseFirewall({ nft: transcript(name), iptables: [] });
    for (const cluster of [nat, dr]) {
      expect(on(cluster, firewalld('nft-firewalld-http.json')).outcome).to.equal('pass');
      expect(finding(on(cluster, firewalld('nft-firewalld-closed.json'))).remedy?.commands).to.deep.equal([
        'firewall-cmd --add-port=80/tcp',
      ]);
    }
  });

  it('where REDIRECT serves the VIP, INPUT sees the port behind it', () => {
    const redirected = (...lines: readonly string[]) =>
      parseFirewall({
        iptables: [
          save('nat', `-A PREROUTING -d ${vip}/32 -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080`) +
            save('filter', closed, ...lines),
        ],
      });
    expect(on(dr, redirected('-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT')).outcome).to.equal('pass');
    expect(on(dr, redirected('-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT')).outcome).to.equal('fail');
    expect(on(dr, redirected('-A INPUT -m conntrack --ctstate DNAT -j ACCEPT')).outcome).to.equal('pass');
  });

  it('where docker publishes the port, FORWARD decides, not INPUT', () => {
    const published = (...lines: readonly string[]) =>
      parseFirewall({
        iptables: [
          save('nat', '-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80') +
            save('filter', closed, ':FORWARD DROP [0:0]', ...lines),
        ],
      });
    expect(on(nat, published('-A FORWARD -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j ACCEPT')).outcome).to.equal(
      'pass',
    );
    const byInterface = published(
      '-A FORWARD -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT',
    );
    expect(on(nat, byInterface).outcome, 'docker as it is').to.equal('not-applicable');
    expect(finding(on(nat, published())).reason).to.include('FORWARD');
  });
});
