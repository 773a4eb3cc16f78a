import { expect } from 'chai';

import { parseIpLinkJson, parseIpLinkText } from '../../../lib/parse/ip-link.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { transcript } from './transcript.ts';

const expected = [
  { name: 'lo', mtu: 65536, up: true, noArp: false },
  { name: 'eth0', mac: '02:00:00:00:00:0b', mtu: 1500, up: true, noArp: false, kind: 'veth' },
  { name: 'br0', mac: 'ae:59:e4:4c:ff:ed', mtu: 1500, up: false, noArp: false, kind: 'bridge' },
  { name: 'eth0p', mac: '46:f0:2f:f4:eb:b2', mtu: 1500, up: true, noArp: false, kind: 'veth' },
  { name: 'v1', mac: 'ba:32:bc:79:40:5e', mtu: 1500, up: false, noArp: false, kind: 'veth' },
  { name: 'v0', mac: 'ae:59:e4:4c:ff:ed', mtu: 1500, up: false, noArp: false, kind: 'veth', master: 'br0' },
] as const;

describe('links', () => {
  it('reads ip -d -j addr', () => {
    expect(parseIpLinkJson(transcript('ip-d-j-batch.txt').split('\n')[0] ?? '')).to.have.deep.members([...expected]);
  });

  it('reads the same from ip -o -d link, addresses beside it or not', () => {
    expect(parseIpLinkText(transcript('ip-o-d-link.txt'))).to.deep.equal(expected);
    expect(parseIpLinkText(transcript('ip-o-d-link.txt') + transcript('ip-o-addr-scopes.txt'))).to.deep.equal(expected);
  });

  it('reads busybox, which tells no kinds', () => {
    expect(parseIpLinkText(transcript('busybox-ip-o-link.txt'))).to.deep.equal([
      { name: 'lo', mtu: 65536, up: true, noArp: false },
      { name: 'eth0p', mac: '4a:34:7f:f4:5c:3c', mtu: 1500, up: true, noArp: false },
      { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 1500, up: true, noArp: false },
    ]);
  });

  const tunl0 = { name: 'tunl0', mtu: 1480, up: true, noArp: true, kind: 'ipip', tunnel: {} };

  it('reads a tunnel, open to any end or with two, the same from JSON and from text', () => {
    const json = (change: object) =>
      JSON.stringify([
        {
          ifname: 'tunl0',
          flags: ['NOARP', 'UP', 'LOWER_UP'],
          mtu: 1480,
          link_type: 'ipip',
          address: '0.0.0.0',
          linkinfo: { info_kind: 'ipip', info_data: { remote: 'any', local: 'any', ttl: 0, ...change } },
        },
      ]);
    expect(parseIpLinkJson(json({}))).to.deep.equal([tunl0]);
    const ends = { local: '192.168.122.10', remote: '10.20.1.11' };
    expect(parseIpLinkJson(json(ends))).to.deep.equal([{ ...tunl0, tunnel: ends }]);
    const line = (details: string) =>
      `4: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/ipip 0.0.0.0 brd 0.0.0.0 promiscuity 0 ${details}`;
    expect(parseIpLinkText(line('\\    ipip remote any local any ttl inherit nopmtudisc numtxqueues 1'))).to.deep.equal(
      [tunl0],
    );
    expect(parseIpLinkText(line('\\    ipip remote 10.20.1.11 local 192.168.122.10 ttl inherit'))).to.deep.equal([
      { ...tunl0, tunnel: ends },
    ]);
    // Without -d the link layer is what tells.
    expect(parseIpLinkText(line(''))).to.deep.equal([tunl0]);
  });

  it('reads a bond and its part', () => {
    const text = [
      '3: bond0: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 9000 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether 52:54:00:AA:bb:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535 \\    bond mode active-backup active_slave eth1 miimon 100',
      '4: eth1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 9000 qdisc mq master bond0 state UP mode DEFAULT group default qlen 1000\\    link/ether 52:54:00:aa:bb:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535 \\    bond_slave state ACTIVE mii_status UP\\    altname enp1s0',
    ].join('\n');
    expect(parseIpLinkText(text)).to.deep.equal([
      { name: 'bond0', mac: '52:54:00:aa:bb:01', mtu: 9000, up: true, noArp: false, kind: 'bond' },
      { name: 'eth1', mac: '52:54:00:aa:bb:01', mtu: 9000, up: true, noArp: false, master: 'bond0' },
    ]);
  });

  it('refuses other text', () => {
    for (const text of ['', '[', '[1]', '[{"ifname":"eth0"}]', '{}'])
      expect(() => parseIpLinkJson(text), text).to.throw(ParseError);
    expect(() => parseIpLinkText('Object "link" is unknown\n')).to.throw(ParseError);
  });
});
