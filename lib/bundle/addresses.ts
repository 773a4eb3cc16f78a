/**
 * Public addresses → others, one for one, so that what is in one network stays in one network. The first octet is dealt
 * anew, the bits after it are flipped by a keyed digest of those before them (the scheme of Crypto-PAn: Fan, Xu, Ammar,
 * Moon 2004), the last octet, or an interface identifier, stays. Private, local and documentation addresses stay as they
 * are (the registries of RFC 6890).
 */
import { createHmac } from 'node:crypto';

import ipaddr from 'ipaddr.js';

/** Octets that begin nothing but public addresses. */
const clean = Array.from({ length: 223 }, (_, index) => index + 1).filter(
  (octet) => ![10, 100, 127, 169, 172, 192, 198, 203].includes(octet),
);

/** A row of /proc/net/ip_vs_conn. */
const connRow = /^(?:TCP|UDP|SCTP|IP) {1,3}(?:[0-9A-F]{8} [0-9A-F]{4} ){3}/gm;

export interface AddressState {
  /** Hex. */
  readonly key: string;
  /** First octet → the one it became. */
  readonly octets: Record<string, number>;
}

export class AddressDisguise {
  readonly #state: AddressState;
  readonly #dealt: readonly number[];
  /** What was replaced, as it stood. */
  readonly replaced = new Map<string, string>();

  constructor(state: AddressState) {
    this.#state = state;
    this.#dealt = clean
      .map((octet) => ({ octet, rank: this.#digest(`octet ${octet}`).toString('hex') }))
      .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ octet }) => octet);
  }

  text(text: string): string {
    if (!/\d\.\d|:|[0-9A-F]{8}/.test(text)) return text;
    const little = text.includes('local_address') || /^\s*\d+: [0-9A-F]{8}:[0-9A-F]{4} /m.test(text);
    return text
      .replaceAll(
        /(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d]|\.\d)(\/\d{1,2})?/g,
        (all, address: string, length = '') => this.#v4(all, address, length as string),
      )
      .replaceAll(
        /(?<![\w:.])([0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:])(\/\d{1,3})?/g,
        (all, address: string, length = '') => this.#v6(all, address, length as string),
      )
      .replaceAll(/(?<![0-9A-Fa-f])[0-9A-F]{8}(?=:[0-9A-F]{4}\b)/g, (all) => this.#hex(all, little))
      .replaceAll(connRow, (row) => row.replaceAll(/\b[0-9A-F]{8}(?= [0-9A-F]{4}\b)/g, (all) => this.#hex(all, false)));
  }

  #v4(all: string, address: string, length: string): string {
    if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return all;
    const parsed = ipaddr.IPv4.parse(address);
    if (parsed.range() !== 'unicast') return all;
    const instead = this.#octets(parsed.octets, length === '' ? 32 : Number(length.slice(1))).join('.');
    this.replaced.set(address, instead);
    return instead + length;
  }

  /** As /proc/net/ip_vs and ip_vs_conn print IPv4; `little`: as /proc/net/tcp does on a little-endian host. */
  #hex(all: string, little: boolean): string {
    const octets = [...Buffer.from(all, 'hex')];
    const ordered = little ? octets.toReversed() : octets;
    if (new ipaddr.IPv4(ordered).range() !== 'unicast') return all;
    const instead = this.#octets(ordered, 32);
    const hex = Buffer.from(little ? instead.toReversed() : instead)
      .toString('hex')
      .toUpperCase();
    this.replaced.set(all, hex);
    return hex;
  }

  #octets(octets: readonly number[], prefixLength: number): number[] {
    const [first = 0, second = 0, third = 0, last = 0] = octets;
    const network = prefixLength < 24 && isZeroAfter(octets, prefixLength);
    const to = network ? prefixLength : 24;
    const bits = this.#flipped([first, second, third], 8, to);
    return [this.#first(first), bits[1] ?? 0, bits[2] ?? 0, last];
  }

  #first(octet: number): number {
    const { octets } = this.#state;
    const known = octets[octet];
    if (known !== undefined) return known;
    const taken = new Set(Object.values(octets));
    const fresh = this.#dealt.find((one) => !taken.has(one)) ?? octet;
    octets[octet] = fresh;
    return fresh;
  }

  #v6(all: string, address: string, length: string): string {
    if (!ipaddr.IPv6.isValid(address)) return all;
    const parsed = ipaddr.IPv6.parse(address);
    if (parsed.range() !== 'unicast') return all;
    const bytes = parsed.toByteArray();
    const prefixLength = length === '' ? 128 : Number(length.slice(1));
    const network = prefixLength < 64 && isZeroAfter(bytes, prefixLength);
    const flipped = this.#flipped(bytes.slice(0, 8), 4, network ? prefixLength : 64);
    const other = new ipaddr.IPv6([...flipped, ...bytes.slice(8)]);
    // The kernel's own files print every group whole.
    const instead = address.length === 39 ? wholeGroups(other) : other.toRFC5952String();
    this.replaced.set(address, instead);
    return instead + length;
  }

  /** Bits `from` to `to`, each flipped or not by a digest of all that come before it. */
  #flipped(bytes: readonly number[], from: number, to: number): number[] {
    const result = [...bytes];
    for (let bit = from; bit < to; bit++) {
      const before = bytes.slice(0, Math.ceil(bit / 8)).map((byte, index) => {
        const kept = Math.min(8, bit - 8 * index);
        return byte & (0xff << (8 - kept)) & 0xff;
      });
      const flip = (this.#digest(`bit ${bit} ${before.join('.')}`)[0] ?? 0) & 1;
      const at = bit >> 3;
      result[at] = (result[at] ?? 0) ^ (flip << (7 - (bit & 7)));
    }
    return result;
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#state.key).update(text).digest();
  }
}

function wholeGroups({ parts }: ipaddr.IPv6): string {
  return parts.map((part) => part.toString(16).padStart(4, '0')).join(':');
}

function isZeroAfter(bytes: readonly number[], prefixLength: number): boolean {
  return bytes.every((byte, index) => {
    const kept = Math.max(0, Math.min(8, prefixLength - 8 * index));
    return (byte & (0xff >> kept)) === 0;
  });
}
