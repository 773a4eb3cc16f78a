import { expect } from 'chai';

import { linkOf, neighbourOf } from '../../../lib/netlink/links.ts';

/** One attribute as the kernel lays it out: length, type, payload, padding. */
function attribute(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + payload.length, 0);
  head.writeUInt16LE(type, 2);
  return Buffer.concat([head, payload, Buffer.alloc((4 - (payload.length % 4)) % 4)]);
}

const nowhere = (): undefined => undefined;

/** A message as node-netlink gives it, as far as it is read. */
const link = (attrs: object, flags: object = { up: true }) =>
  ({ data: { index: 4, flags }, attrs }) as unknown as Parameters<typeof linkOf>[0];

describe('a link over netlink', () => {
  const tunnel = (...ends: readonly Buffer[]) =>
    Buffer.concat([attribute(1, Buffer.from('ipip\0')), attribute(2 | 0x8000, Buffer.concat(ends))]);
  const tunl0 = { name: 'tunl0', mtu: 1480, up: true, noArp: true, kind: 'ipip' };
  const attrs = { ifname: 'tunl0', mtu: 1480, address: Buffer.from([0, 0, 0, 0]) };
  const flags = { up: true, noarp: true };

  it('is a tunnel to any end, or between two', () => {
    const any = tunnel(attribute(2, Buffer.alloc(4)), attribute(3, Buffer.alloc(4)));
    expect(linkOf(link({ ...attrs, linkinfo: any }, flags), nowhere)).to.deep.equal([{ ...tunl0, tunnel: {} }]);
    const two = tunnel(attribute(2, Buffer.from([192, 168, 122, 10])), attribute(3, Buffer.from([10, 20, 1, 11])));
    expect(linkOf(link({ ...attrs, linkinfo: two }, flags), nowhere)).to.deep.equal([
      { ...tunl0, tunnel: { local: '192.168.122.10', remote: '10.20.1.11' } },
    ]);
  });

  it('ends where its attributes are broken', () => {
    const broken = Buffer.concat([attribute(1, Buffer.from('ipip\0')), Buffer.from([1, 0, 2, 0])]);
    expect(linkOf(link({ ...attrs, linkinfo: broken }, flags), nowhere)).to.deep.equal([{ ...tunl0, tunnel: {} }]);
    expect(linkOf(link({ mtu: 1500 }), nowhere)).to.deep.equal([]);
  });
});

describe('a neighbour over netlink', () => {
  const row = (state: object, lladdr?: Buffer) =>
    ({ data: { ifindex: 2, state }, attrs: { dst: Buffer.from([192, 168, 122, 9]), lladdr } }) as unknown as Parameters<
      typeof neighbourOf
    >[0];
  const eth0 = (): string => 'eth0';

  it('has a MAC unless nobody answered, and is left out where nobody need ask', () => {
    expect(neighbourOf(row({ failed: true }), eth0)).to.deep.equal([
      { address: '192.168.122.9', interface: 'eth0', state: 'failed' },
    ]);
    expect(neighbourOf(row({ stale: true }, Buffer.from([2, 0, 0, 0, 0, 254])), eth0)[0]?.mac).to.equal(
      '02:00:00:00:00:fe',
    );
    expect(neighbourOf(row({ noarp: true }), eth0)).to.deep.equal([]);
  });
});
