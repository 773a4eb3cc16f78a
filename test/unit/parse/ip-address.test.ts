import { expect } from 'chai';

import { parseIpAddressJson, parseIpAddressText } from '../../../lib/parse/ip-address.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { transcript } from './transcript.ts';

const eth0 = { interface: 'eth0', up: true } as const;
const tentative = { scope: 'link', flags: ['tentative'] } as const;
const expected = [
  { interface: 'lo', up: true, family: 'ipv4', address: '127.0.0.1', prefixLength: 8, scope: 'host' },
  { interface: 'lo', up: true, family: 'ipv6', address: '::1', prefixLength: 128, scope: 'host' },
  {
    interface: 'eth0p',
    up: true,
    family: 'ipv6',
    address: 'fe80::4834:7fff:fef4:5c3c',
    prefixLength: 64,
    ...tentative,
  },
  { ...eth0, family: 'ipv4', address: '192.168.122.1', prefixLength: 24, scope: 'global' },
  { ...eth0, family: 'ipv4', address: '192.168.122.100', prefixLength: 32, scope: 'global' },
  { ...eth0, family: 'ipv6', address: '2001:db8::1', prefixLength: 64, scope: 'global' },
  { ...eth0, family: 'ipv6', address: 'fe80::ff:fe00:1', prefixLength: 64, ...tentative },
] as const;

describe('addresses', () => {
  it('reads ip -j addr', () => {
    expect(parseIpAddressJson(transcript('ip-j-addr.json'))).to.deep.equal(expected);
  });

  for (const tool of ['ip', 'busybox-ip']) {
    it(`reads the same from the text of ${tool}`, () => {
      const text = transcript(`${tool}-o-link.txt`) + transcript(`${tool}-o-addr.txt`);
      expect(parseIpAddressText(text)).to.deep.equal(expected);
    });
  }

  it('reads a cluster node of AlmaLinux 9', () => {
    const found = parseIpAddressText(transcript('ip-o-addr.txt', 'alma9-5.14'));
    expect(found).to.have.length(5);
    expect(found[2]).to.deep.include({ interface: 'enp1s0', address: '192.168.122.102', prefixLength: 24 });
    expect(found[3]).to.deep.include({ interface: 'enp1s0', address: '192.168.122.120', flags: ['secondary'] });
    expect(found[4]).to.include({ address: 'fe80::5054:ff:fe95:209', scope: 'link' }).and.not.have.property('flags');
  });

  it('reads who may use an address, the same from JSON and from text', () => {
    const [json = ''] = transcript('ip-d-j-batch.txt').split('\n');
    const flags = (rows: ReturnType<typeof parseIpAddressJson>) =>
      rows.filter((row) => row.flags !== undefined).map((row) => [row.address, row.scope, row.flags]);
    const found = parseIpAddressJson(json);
    expect(flags(found)).to.deep.equal([
      ['192.168.122.12', 'global', ['secondary']],
      ['2001:db8::12', 'global', ['deprecated']],
      ['fe80::ff:fe00:b', 'link', ['tentative']],
      ['fe80::44f0:2fff:fef4:ebb2', 'link', ['tentative']],
    ]);
    const text = transcript('ip-o-d-link.txt') + transcript('ip-o-addr-scopes.txt');
    expect(parseIpAddressText(text)).to.have.deep.members([...found]);
    const twice = '3: eth0    inet6 2001:db8::5/64 scope global tentative dadfailed \\   valid_lft forever\n';
    expect(parseIpAddressText(twice)[0]?.flags).to.deep.equal(['tentative', 'dadfailed']);
  });

  it('sees that a link is down', () => {
    const down = JSON.stringify([
      { ifname: 'eth1', flags: ['BROADCAST'], addr_info: [{ family: 'inet', local: '10.0.0.1', prefixlen: 24 }] },
    ]);
    expect(parseIpAddressJson(down)[0]?.up).to.equal(false);
    const text = '2: eth1: <BROADCAST,MULTICAST> mtu 1500\n2: eth1    inet 10.0.0.1/24 scope global eth1\n';
    expect(parseIpAddressText(text)[0]?.up).to.equal(false);
  });

  it('reads the own address of a point-to-point link, with the prefix the peer has', () => {
    const text = '5: tun0    inet 10.255.0.1 peer 10.255.0.2/32 scope global tun0\n';
    expect(parseIpAddressText(text)[0]).to.deep.include({ address: '10.255.0.1', prefixLength: 32 });
  });

  it('passes over what a filter of iproute2 5 leaves behind, and links without addresses', () => {
    expect(parseIpAddressJson('[{},{"ifname":"eth0","addr_info":[]}]')).to.deep.equal([]);
  });

  for (const text of [
    '',
    '[',
    '{}',
    '[1]',
    transcript('ip-j-addr.json').slice(0, 700),
    '[{"ifname":"a","addr_info":3}]',
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(() => parseIpAddressJson(text)).to.throw(ParseError);
    });
  }

  it('refuses a line that is neither link nor address', () => {
    expect(() => parseIpAddressText('Object "addr" is unknown\n')).to.throw(ParseError);
  });
});
