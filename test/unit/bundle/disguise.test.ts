import { expect } from 'chai';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';

import { Disguise, newPseudonyms, type DisguiseOptions } from '../../../lib/bundle/disguise.ts';

function aDisguise(change: Partial<DisguiseOptions> = {}): Disguise {
  return new Disguise(newPseudonyms('00'), {
    redact: ['names', 'addresses'],
    users: ['ops', 'root'],
    names: ['rs1', 'lb1.example.com', 'master', 'rs1-old'],
    reserved: new Set(['master']),
    ...change,
  });
}

const v4 = fc
  .integer({ min: 0, max: 0xffffffff })
  .map((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.'));
const isPublic = (address: string) => ipaddr.parse(address).range() === 'unicast';

describe('the disguise of a bundle', () => {
  it('replaces names as whole words, in any case, and names within their domains', () => {
    const disguise = aDisguise();
    expect(disguise.text('rs1 RS1 rs10 x-rs1 rs1-old rs1.')).to.equal('name1 name1 rs10 x-rs1 name2 name1.');
    expect(disguise.text('lb1.example.com db.example.com example.com')).to.equal(
      'name3.domain1.test name4.domain1.test domain1.test',
    );
    expect(disguise.text('example.community.org')).to.equal('example.community.org');
  });

  it('leaves a name that means something else, and says so', () => {
    const disguise = aDisguise();
    expect(disguise.text('state master')).to.equal('state master');
    expect(disguise.kept).to.deep.equal(['master']);
  });

  it('replaces users, cards, mail and machine ids without being asked', () => {
    const disguise = aDisguise({ redact: [] });
    const text = disguise.text(
      'ops /home/ops root 52:54:00:AB:cd:ef 52:54:00:ab:cd:ef admin@corp.example 0123456789abcdef0123456789abcdef',
    );
    expect(text).to.match(
      /^user1 \/home\/user1 root 02:00:00:00:00:01 02:00:00:00:00:01 mail1@mail\.test [0-9a-f]{32}$/,
    );
    expect(text).not.to.include('0123456789abcdef');
    expect(disguise.text('rs1 8.8.8.8')).to.equal('rs1 8.8.8.8');
  });

  it('leaves cards that tell of nobody, units with an @, and times', () => {
    for (const text of [
      '00:00:00:00:00:00',
      'ff:ff:ff:ff:ff:ff',
      '00:00:5e:00:01:33',
      '01:00:5e:00:00:12',
      'getty@tty1.service',
      '16:59:28',
      '2026-11-29T16:59:28.123Z',
    ]) {
      expect(aDisguise().text(text)).to.equal(text);
    }
  });

  it('replaces a card inside an address made from it, as the card itself', () => {
    expect(aDisguise({ redact: [] }).text('52:54:00:12:34:56 fe80::5054:ff:fe12:3456/64')).to.equal(
      '02:00:00:00:00:01 fe80::ff:fe00:1/64',
    );
  });

  it('leaves private, local and reserved addresses', () => {
    for (const text of [
      '10.1.2.3',
      '192.168.122.100/24',
      '172.16.0.1',
      '127.0.0.1',
      '169.254.1.1',
      '224.0.0.18',
      '255.255.255.0',
      '0.0.0.0/0',
      'fd00::1',
      'fe80::1',
      '::1',
      '::/0',
      '2001:db8::64',
    ]) {
      expect(aDisguise().text(text)).to.equal(text);
    }
  });

  it('keeps addresses public, apart, and in their networks', () => {
    const disguise = aDisguise();
    const made = new Map<string, string>();
    fc.assert(
      fc.property(v4.filter(isPublic), (address) => {
        const other = disguise.text(address);
        expect(isPublic(other), other).to.equal(true);
        expect(other.split('.')[3]).to.equal(address.split('.')[3]);
        expect(made.get(other) ?? address).to.equal(address);
        made.set(other, address);
        expect(disguise.text(address)).to.equal(other);
      }),
    );
    const [network = '', ...hosts] = disguise.text('81.2.0.0/18 81.2.63.7 81.2.0.9 81.2.64.1').split(' ');
    const [base, length] = ipaddr.parseCIDR(network);
    const inside = hosts.map((host) => ipaddr.parse(host).match(base, length));
    expect(inside).to.deep.equal([true, true, false]);
    expect(ipaddr.IPv4.networkAddressFromCIDR(network).toString()).to.equal(base.toString());
  });

  it('replaces addresses as the kernel prints them, to the same', () => {
    const disguise = aDisguise();
    const plain = disguise.text('81.2.69.142');
    const hex = (address: string) => Buffer.from(address.split('.').map(Number)).toString('hex').toUpperCase();
    expect(disguise.text('TCP  5102458E:0050 rr')).to.equal(`TCP  ${hex(plain)}:0050 rr`);
    expect(disguise.text('TCP 5102458E 9C40 C0A87A64 0050 0A0A0A0A 0050 ESTABLISHED')).to.equal(
      `TCP ${hex(plain)} 9C40 C0A87A64 0050 0A0A0A0A 0050 ESTABLISHED`,
    );
    const reversed = hex(plain.split('.').toReversed().join('.'));
    expect(disguise.text('   0: 8E450251:0050 00000000:0000 0A')).to.include(`${reversed}:0050`);
    expect(disguise.text('12345678 1234 of some counter')).to.equal('12345678 1234 of some counter');
    const short = disguise.text('2a00:1450:4001::64');
    const long = disguise.text('[2A00:1450:4001:0000:0000:0000:0000:0064]:0050');
    expect(long).to.match(/^\[(?:[0-9a-f]{4}:){7}[0-9a-f]{4}\]:0050$/);
    expect(ipaddr.parse(long.slice(1, 40)).toString()).to.equal(ipaddr.parse(short).toString());
    expect(short).not.to.equal('2a00:1450:4001::64');
  });
});
