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
import { parseIpvsTable, parseIpvsTimeouts } from '../../../lib/parse/ipvs-table.ts';
import { parseSsListeners } from '../../../lib/parse/listeners.ts';
import { parseOffer } from '../../../lib/parse/package-offer.ts';
import { parseSavedRules } from '../../../lib/parse/saved-rules.ts';
import { parseUnits } from '../../../lib/parse/systemd-units.ts';
import { parseTableEntries } from '../../../lib/parse/table-entry.ts';
import { parseChronyText, parseChronyTracking } from '../../../lib/parse/time-service.ts';
import { finding, judge } from '../../judgement.ts';
import { dr, on } from '../../packet-filter.ts';
import { closedByCode, transcript } from './transcript.ts';

const centos7 = (name: string) => transcript(name, 'centos7-3.10');

describe('CentOS 7', () => {
  it('addresses of a director that keepalived gave its VIPs: secondary, without a broadcast address', () => {
    const found = parseIpAddressText(centos7('ip-o-addr.txt'));
    expect(found).to.have.length(10);
    expect(found[2]).to.deep.include({ interface: 'eth0', address: '10.0.2.15', scope: 'global' });
    expect(found[4]).to.deep.include({ interface: 'eth1', address: '192.168.1.181' }).and.not.have.property('flags');
    const vip = { interface: 'eth1', address: '192.168.1.183', prefixLength: 24, flags: ['secondary'] };
    expect(found[5]).to.deep.include(vip);
  });

  it('addresses of a real server: a label is no interface, duplicates are told', () => {
    const found = parseIpAddressText(centos7('ip-o-addr-real-server.txt'));
    const vip = { interface: 'lo', address: '192.168.248.200', prefixLength: 32, scope: 'global' };
    expect(found[1]).to.deep.include(vip);
    expect(found[4]).to.include({ scope: 'link' }).and.not.have.property('flags');
    expect(found[5]).to.deep.include({ interface: 'ens33', flags: ['tentative', 'dadfailed'] });
  });

  it('links: a tunnel that is down, a VLAN', () => {
    const [lo, plain, tunnel, vlan] = parseIpLinkText(centos7('ip-o-d-link.txt'));
    expect(lo).to.deep.include({ name: 'lo', mtu: 65536, up: true });
    expect(plain).to.deep.include({ name: 'ens192', mac: '00:50:56:00:00:0b', up: true, noArp: false });
    expect(tunnel).to.deep.include({ name: 'tunl0', mtu: 1480, up: false, noArp: true, kind: 'ipip' });
    expect(vlan).to.deep.include({ name: 'ens224.100', kind: 'vlan' });
  });

  it('links: what a bridge, a bond or a switch says of its part is no kind', () => {
    const found = parseIpLinkText(centos7('ip-o-d-link-ports.txt'));
    expect(found.map(({ name, kind = '-', master = '-', mtu }) => `${name} ${kind} ${master} ${mtu}`)).to.deep.equal([
      'eno1 - ovs-system 9000',
      'ovs-system openvswitch - 1500',
      'vxlan_sys_4789 vxlan ovs-system 65000',
      'eth0_1 - bond0 9000',
      'tm0 team br0 1500',
    ]);
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

  it('listeners, whose IPv6 addresses have brackets, or none before 7.4', () => {
    const found = parseSsListeners(centos7('ss-tulpn.txt'));
    const rows = found.map(
      ({ protocol = 'tcp', address, port, backlog }) => `${protocol} ${address} ${port} ${backlog}`,
    );
    expect(rows).to.have.length(14);
    expect(rows.slice(4, 6)).to.deep.equal(['udp * 2049 0', 'udp ::1 323 0']);
    expect(rows.slice(-4)).to.deep.equal(['tcp * 22 128', 'tcp 127.0.0.1 25 100', 'tcp * 22 128', 'tcp ::1 25 100']);
    const bare =
      'udp    UNCONN     0      0       ::1:323                  :::*\ntcp    LISTEN     0      128      :::22                   :::*\n';
    expect(parseSsListeners(bare).map(({ address, port }) => `${address} ${port}`)).to.deep.equal(['::1 323', '* 22']);
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
    expect(parseIpvsTable(centos7('ip_vs'))).to.deep.equal({ buckets: 4096, entries: 30 });
  });

  it('counters, timeouts, rules and entries of directors', () => {
    expect(parseDestinationCounters(centos7('ipvsadm-Ln-stats.txt'), 'TCP', '192.168.248.200:80')).to.deep.equal([
      { destination: '192.168.248.128:80', connections: 1, inPackets: 13, outPackets: 0, inBytes: 3188, outBytes: 0 },
      { destination: '192.168.248.129:80', connections: 2, inPackets: 5, outPackets: 0, inBytes: 260, outBytes: 0 },
    ]);
    expect(parseIpvsTimeouts(centos7('ipvsadm-L-timeout.txt'))).to.deep.equal({ tcp: 900, tcpFin: 120, udp: 300 });
    const [service] = parseIpvsRules(centos7('ipvsadm-Sn-nat.txt')).services;
    expect(service).to.include({ address: '10.0.0.101', scheduler: 'rr' });
    expect(service?.destinations[1]).to.include({ address: '172.16.1.103', forwarding: 'nat', weight: 50 });
    const [, ...rows] = centos7('ip_vs_conn').split('\n');
    const entries = parseTableEntries(rows.join('\n'));
    expect(entries).to.have.length(8);
    expect(entries[0]).to.deep.equal({
      clientAddress: '10.0.0.104',
      clientPort: 46370,
      destination: '172.16.1.103:80',
      state: 'TIME_WAIT',
      expiresS: 116,
    });
  });

  it('firewalld on iptables: what no zone lets in is refused, a director of DR loses the FIN', () => {
    const closed = centos7('iptables-save-firewalld.txt');
    const http = closed.replace(/^.*--dport 22 .*\n/m, (ssh) => `${ssh}${ssh.replace('22', '80')}`);
    const read = (text: string) => parseFirewall({ iptables: [text] });
    const served = (text: string) =>
      judge(serverFirewall, { cluster: dr, on: 'rs1', facts: { rs1: { firewall: read(text) } } }).outcome;
    expect(read(closed).engines).to.deep.equal(['iptables', 'firewalld']);
    expect(read(closed).rules.filter(({ understood }) => !understood)).to.deep.equal([]);
    expect([served(closed), served(http)]).to.deep.equal(['fail', 'pass']);
    const { outcome, reason } = finding(on(directorFirewall, dr, read(http)));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('FIN');
  });

  it('units without a count of restarts, chronyc without -c, what yum offers', () => {
    expect(parseUnits(centos7('systemctl-show.txt'))).to.deep.equal([
      { name: 'tuned.service', active: 'active', enabled: 'enabled' },
      { name: 'network.target', active: 'active', enabled: 'static' },
      { name: 'sockets.target', active: 'active', enabled: 'static' },
    ]);
    const text = centos7('chronyc-tracking.txt');
    expect(parseChronyText(text)).to.deep.equal({ source: 'chrony', synchronised: true });
    expect(parseChronyText(text.replace(': Normal', ': Not synchronised')).synchronised).to.equal(false);
    expect(() => parseChronyTracking(text)).to.throw();
    expect(() => parseChronyText('506 Cannot talk to daemon\n')).to.throw();
    expect(parseOffer('yum', 'keepalived', centos7('yum-list.txt'), 0)).to.equal('1.3.5-6.el7');
  });
});
