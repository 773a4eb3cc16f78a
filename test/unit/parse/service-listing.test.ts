import { expect } from 'chai';
import fc from 'fast-check';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { parseServiceListing } from '../../../lib/parse/service-listing.ts';
import { transcript } from './transcript.ts';

const head = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
`;

describe('parse/service-listing', () => {
  it('has services and destinations of an old director', () => {
    const [web, mark] = parseServiceListing(transcript('ip_vs', 'centos7-3.10'));
    expect(web).to.deep.equal({
      protocol: 'tcp',
      address: '192.168.122.100',
      port: 80,
      scheduler: 'wrr',
      onePacket: false,
      persistence: { timeoutJiffies: 300_000, netmask: 0xffffffff },
      destinations: [
        { address: '192.168.122.12', port: 80, forwarding: 'dr', weight: 1, active: 2, inactive: 8 },
        { address: '192.168.122.11', port: 80, forwarding: 'dr', weight: 3, active: 5, inactive: 15 },
      ],
    });
    expect(mark).to.deep.include({ protocol: 'fwmark', fwmark: 7, address: '', port: 0, scheduler: 'wlc' });
    expect(mark?.destinations[0]).to.include({ port: 0, forwarding: 'tun' });
  });

  it('has those of Rocky Linux 8', () => {
    const [nat, ...none] = parseServiceListing(transcript('ip_vs', 'rocky8-4.18'));
    expect(none).to.deep.equal([]);
    expect(nat).to.include({ address: '192.168.10.100', port: 80, scheduler: 'rr', onePacket: false });
    expect(nat?.destinations).to.deep.equal([
      { address: '192.168.188.83', port: 80, forwarding: 'nat', weight: 1, active: 0, inactive: 25 },
      { address: '192.168.188.82', port: 80, forwarding: 'nat', weight: 1, active: 0, inactive: 26 },
    ]);
    const [dr] = parseServiceListing(transcript('ip_vs-dr', 'rocky8-4.18'));
    expect(dr).to.include({ address: '192.168.188.100', scheduler: 'wlc' });
    expect(dr?.destinations.map(({ address, forwarding }) => `${address} ${forwarding}`)).to.deep.equal([
      '192.168.188.82 dr',
      '192.168.188.81 dr',
    ]);
  });

  it('reads one-packet mode, marks with persistence, IPv6, and destinations on the director', () => {
    const text = `${head}UDP  C0A87A64:14E9 rr ops \nFWM  0000000A wlc ops persistent 60 FFFFFF00
TCP  [fd00:0000:0000:0000:0000:0000:0000:0064]:0050 sh persistent 360 40000000
  -> [fd00:0000:0000:0000:0000:0000:0000:000a]:0050      Local   -1     0          0         \n`;
    const [udp, mark, v6] = parseServiceListing(text);
    expect(udp).to.include({ protocol: 'udp', port: 5353, onePacket: true }).and.not.have.property('persistence');
    expect(mark).to.deep.include({
      fwmark: 10,
      onePacket: true,
      persistence: { timeoutJiffies: 60, netmask: 0xffffff00 },
    });
    expect(v6).to.deep.include({ address: 'fd00::64', persistence: { timeoutJiffies: 360, netmask: 0x40000000 } });
    expect(v6?.destinations[0]).to.include({ address: 'fd00::a', forwarding: 'local', weight: -1 });
  });

  it('has no services where there are none', () => {
    expect(parseServiceListing(head)).to.deep.equal([]);
  });

  it('takes no other text for a listing', () => {
    const real = transcript('ip_vs', 'centos7-3.10');
    const bad = [
      '',
      'cat: nothing',
      real.replace('Route', 'Rouge'),
      real.replace('C0A87A0C', 'C0A8'),
      real.replace('300000', 'x'),
    ];
    for (const text of bad) expect(() => parseServiceListing(text), text).to.throw(ParseError);
    fc.assert(
      fc.property(fc.nat(real.length), fc.nat(40), fc.string({ maxLength: 12 }), (at, length, other) => {
        try {
          parseServiceListing(real.slice(0, at) + other + real.slice(at + length));
        } catch (error) {
          expect(error).to.be.instanceOf(ParseError);
        }
      }),
    );
  });
});
