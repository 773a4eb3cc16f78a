/** What programs of CentOS 7 print, which know no JSON: test/transcripts/centos7-3.10/README.md says where each form is from. */
import { expect } from 'chai';

import { firewall as directorFirewall } from '../../../checks/director/firewall.ts';
import { firewall as serverFirewall } from '../../../checks/real-server/firewall.ts';
import { parseDestinationCounters } from '../../../lib/parse/destination-counters.ts';
import { parseFirewall } from '../../../lib/parse/firewall.ts';
import { parseIpAddressText } from '../../../lib/parse/ip-address.ts';
import { parseIpLinkText } from '../../../lib/parse/ip-link.ts';
import { parseRouteRefusal, parseRouteText } from '../../../lib/parse/ip-route.ts';
import { parseIpvsRules } from '../../../lib/parse/ipvs-rules.ts';
import { parseIpvsTable } from '../../../lib/parse/ipvs-table.ts';
import { parseSsListeners } from '../../../lib/parse/listeners.ts';
import { parseOffer } from '../../../lib/parse/package-offer.ts';
import { parseSavedRules } from '../../../lib/parse/saved-rules.ts';
import { parseUnits } from '../../../lib/parse/systemd-units.ts';
import { parseChronyText, parseChronyTracking } from '../../../lib/parse/time-service.ts';
import { finding, judge } from '../../judgement.ts';
import { dr, on } from '../../packet-filter.ts';
import { closedByCode, transcript } from './transcript.ts';

const centos7 = (name: string) => transcript(name, 'centos7-3.10');

describe('CentOS 7', () => {
  it('addresses: a label is no interface, and a secondary address is told as one', () => {
    const found = parseIpAddressText(centos7('ip-o-addr.txt'));
    expect(found).to.have.length(7);
    expect(found[1]).to.deep.include({
      interface: 'lo',
      address: '192.168.122.100',
      prefixLength: 32,
      scope: 'global',
    });
    expect(found[3]).to.deep.include({ interface: 'ens192', address: '192.168.122.11', scope: 'global' });
    expect(found[4]).to.deep.include({ interface: 'ens192', address: '192.168.122.77', flags: ['secondary'] });
    expect(found[6]).to.deep.include({ interface: 'ens224.100', address: '10.10.10.11' });
  });

  it('links: a tunnel that is down, a VLAN', () => {
    const [lo, plain, tunnel, vlan] = parseIpLinkText(centos7('ip-o-d-link.txt'));
    expect(lo).to.deep.include({ name: 'lo', mtu: 65536, up: true });
    expect(plain).to.deep.include({ name: 'ens192', mac: '00:50:56:00:00:0b', up: true, noArp: false });
    expect(tunnel).to.deep.include({ name: 'tunl0', mtu: 1480, up: false, noArp: true, kind: 'ipip' });
    expect(vlan).to.deep.include({ name: 'ens224.100', kind: 'vlan' });
  });

  it('routes, with a source and to its own VIP', () => {
    const [out, from, local, none] = closedByCode(centos7('ip-o-route-get.txt')).map(({ output }) => output);
    const client = { destination: '172.16.0.2' };
    const way = { outcome: 'unicast', gateway: '192.168.122.254', interface: 'ens192' };
    expect(parseRouteText(out ?? '', client)).to.deep.include({ ...way, source: '192.168.122.11' });
    expect(parseRouteText(from ?? '', { ...client, from: '192.168.122.100' })).to.deep.include(way);
    expect(parseRouteText(local ?? '', { destination: '192.168.122.100' })).to.include({ outcome: 'local' });
    expect(parseRouteRefusal(none ?? '', client)).to.include({ outcome: 'no-route' });
  });

  it('listeners, whose IPv6 addresses have no brackets', () => {
    const found = parseSsListeners(centos7('ss-Hltun.txt'));
    expect(found.map(({ protocol = 'tcp', address, port }) => `${protocol} ${address} ${port}`)).to.deep.equal([
      'udp 127.0.0.1 323',
      'udp ::1 323',
      'tcp * 22',
      'tcp 127.0.0.1 25',
      'tcp * 80',
      'tcp * 22',
    ]);
  });

  it('rules of ipvsadm 1.27, its counters, and the table of 3.10', () => {
    const { services } = parseIpvsRules(centos7('ipvsadm-Sn.txt'));
    expect(services.map(({ protocol, scheduler, persistenceS }) => [protocol, scheduler, persistenceS])).to.deep.equal([
      ['tcp', 'wrr', 300],
      ['udp', 'rr', 0],
      ['fwmark', 'wlc', 0],
    ]);
    expect(services[2]?.destinations[0]).to.deep.include({ address: '192.168.122.12', forwarding: 'tun' });
    expect(parseSavedRules(centos7('ipvsadm-Sn.txt')).services).to.deep.equal(services);
    const counters = parseDestinationCounters(centos7('ipvsadm-Ln-stats.txt'), 'TCP', '192.168.122.100:80');
    expect(counters?.map(({ connections, inPackets }) => [connections, inPackets])).to.deep.equal([
      [20, 138],
      [10, 69],
    ]);
    expect(parseIpvsTable(centos7('ip_vs'))).to.deep.equal({ buckets: 4096, entries: 30 });
  });

  it('firewalld on iptables: a real server is let alone, a director of DR loses the FIN', () => {
    const rules = parseFirewall({ iptables: [centos7('iptables-save-firewalld.txt')] });
    expect(rules.engines).to.deep.equal(['iptables', 'firewalld']);
    expect(rules.rules.filter(({ understood }) => !understood).map(({ text }) => text)).to.deep.equal([]);
    expect(judge(serverFirewall, { cluster: dr, on: 'rs1', facts: { rs1: { firewall: rules } } }).outcome).to.equal(
      'pass',
    );
    const { outcome, reason } = finding(on(directorFirewall, dr, rules));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('FIN');
  });

  it('units without a count of restarts, chronyc without -c, what yum offers', () => {
    expect(parseUnits(centos7('systemctl-show.txt'))).to.deep.equal([
      { name: 'ipvsadm.service', active: 'active', enabled: 'enabled' },
      { name: 'chronyd.service', active: 'active', enabled: 'enabled' },
    ]);
    const text = centos7('chronyc-tracking.txt');
    expect(parseChronyText(text)).to.deep.equal({ source: 'chrony', synchronised: true });
    expect(parseChronyText(text.replace(': Normal', ': Not synchronised')).synchronised).to.equal(false);
    expect(() => parseChronyTracking(text)).to.throw();
    expect(() => parseChronyText('506 Cannot talk to daemon\n')).to.throw();
    expect(parseOffer('yum', 'ipvsadm', centos7('yum-list.txt'), 0)).to.equal('1.27-8.el7');
  });
});
