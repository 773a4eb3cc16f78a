/** The hashes by which sh, dh and mh choose, as the kernel computes them. */

/** hash_32 of include/linux/hash.h: the uppermost `bits` of the product with the golden ratio. */
export function hash32(value: number, bits: number): number {
  return (Math.imul(value, 0x61c88647) >>> 0) >>> (32 - bits);
}

/** Linux before 4.18 took the lowest bits of the product, which are a function of the lowest bits of the address alone. */
export function lowBitsHash(value: number, bits: number): number {
  return (Math.imul(value, 2654435761) & ((1 << bits) - 1)) >>> 0;
}

/**
 * hsiphash_1u32 of lib/siphash.c on a 64-bit kernel: SipHash-1-3 of four bytes, cut to 32 bits. The key is two words of 64
 * bits.
 */
export function hsiphash32(value: number, [key0, key1]: readonly [bigint, bigint]): number {
  let v0 = 0x736f6d6570736575n ^ key0;
  let v1 = 0x646f72616e646f6dn ^ key1;
  let v2 = 0x6c7967656e657261n ^ key0;
  let v3 = 0x7465646279746573n ^ key1;
  const round = () => {
    v0 = word64(v0 + v1);
    v1 = rotated(v1, 13n) ^ v0;
    v0 = rotated(v0, 32n);
    v2 = word64(v2 + v3);
    v3 = rotated(v3, 16n) ^ v2;
    v0 = word64(v0 + v3);
    v3 = rotated(v3, 21n) ^ v0;
    v2 = word64(v2 + v1);
    v1 = rotated(v1, 17n) ^ v2;
    v2 = rotated(v2, 32n);
  };
  const block = (4n << 56n) | BigInt(value >>> 0);
  v3 ^= block;
  round();
  v0 ^= block;
  v2 ^= 0xffn;
  round();
  round();
  round();
  return Number(BigInt.asUintN(32, v0 ^ v1 ^ v2 ^ v3));
}

const word64 = (value: bigint) => BigInt.asUintN(64, value);
const rotated = (value: bigint, by: bigint) => word64((value << by) | (value >> (64n - by)));

/** The 32 bits of an address that are hashed: an IPv4 address, or the four words of an IPv6 one combined by exclusive or. */
export function foldedAddress(address: string): number {
  return addressWords(address).reduce((folded, word) => (folded ^ word) >>> 0, 0);
}

/** One word for IPv4, four for IPv6, most significant first. Throws RangeError for what is no address. */
export function addressWords(address: string): readonly number[] {
  if (!address.includes(':')) return [dotted(address)];
  const [head = '', tail, ...more] = address.split('::');
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)];
  const missing = 8 - before.length - after.length;
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1))
    throw new RangeError(`${address} is no IPv6 address`);
  const all = [...before, ...Array<number>(missing).fill(0), ...after];
  return [0, 2, 4, 6].map((index) => (((all[index] ?? 0) << 16) | (all[index + 1] ?? 0)) >>> 0);
}

function groups(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) {
      const word = dotted(group);
      return [word >>> 16, word & 0xffff];
    }
    if (!/^[\da-f]{1,4}$/i.test(group)) throw new RangeError(`${text} is no part of an IPv6 address`);
    return [Number.parseInt(group, 16)];
  });
}

function dotted(address: string): number {
  const bytes = address.split('.');
  if (bytes.length !== 4 || bytes.some((byte) => !/^\d{1,3}$/.test(byte) || Number(byte) > 255))
    throw new RangeError(`${address} is no IPv4 address`);
  return bytes.reduce((word, byte) => ((word << 8) | Number(byte)) >>> 0, 0);
}
