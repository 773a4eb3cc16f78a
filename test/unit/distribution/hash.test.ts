import { expect } from 'chai';
import { addressWords, foldedAddress, hash32, hsiphash32, lowBitsHash } from '../../../lib/distribution/hash.ts';

describe('distribution/hash', () => {
  it('is the SipHash of the kernel: its own test vector of four bytes (lib/test_siphash.c)', () => {
    expect(hsiphash32(0x03020100, [0x0706050403020100n, 0x0f0e0d0c0b0a0908n])).to.equal(0x88d38328);
  });

  it('takes the uppermost bits of the product, or the lowest as kernels did before 4.18', () => {
    expect(hash32(1, 32)).to.equal(0x61c88647);
    expect(hash32(1, 8)).to.equal(0x61);
    expect(lowBitsHash(1, 8)).to.equal(0xb1);
    expect(lowBitsHash(0x0a000101, 8)).to.equal(lowBitsHash(0x0b020301, 8));
  });

  it('reads addresses', () => {
    expect(foldedAddress('192.168.122.1')).to.equal(0xc0a87a01);
    expect(addressWords('fd00::14')).to.deep.equal([0xfd000000, 0, 0, 0x14]);
    expect(addressWords('::ffff:10.0.0.1')).to.deep.equal([0, 0, 0xffff, 0x0a000001]);
    expect(foldedAddress('1:2:3:4:5:6:7:8')).to.equal((0x10002 ^ 0x30004 ^ 0x50006 ^ 0x70008) >>> 0);
    for (const bad of ['10.0.0', '10.0.0.256', '1::2::3:4:5:6:7:8:9', 'g::1', ''])
      expect(() => foldedAddress(bad), bad).to.throw(RangeError);
  });
});
