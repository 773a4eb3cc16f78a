/**
 * What is replaced in a bundle besides secrets, the same word everywhere by the same other: MACs, login users, mail
 * addresses and machine ids always, names and public addresses where it is asked for. What became of what stays here.
 */
import { createHmac } from 'node:crypto';

import ipaddr from 'ipaddr.js';

import { AddressDisguise } from './addresses.ts';

export type Redaction = 'names' | 'addresses';

/** Kept in the run's folder, and in no bundle: so that one run is always disguised in the same way. */
export interface Pseudonyms {
  /** Hex. */
  readonly key: string;
  readonly macs: Record<string, string>;
  readonly users: Record<string, string>;
  readonly mails: Record<string, string>;
  /** Names of hosts and of the cluster; domains; single labels of names within those domains. */
  readonly names: Record<string, string>;
  readonly domains: Record<string, string>;
  readonly octets: Record<string, number>;
}

export function newPseudonyms(key: string): Pseudonyms {
  return { key, macs: {}, users: {}, mails: {}, names: {}, domains: {}, octets: {} };
}

export interface DisguiseOptions {
  readonly redact: readonly Redaction[];
  readonly users: readonly string[];
  /** Hosts by every name they have, and the cluster. */
  readonly names: readonly string[];
  /** Words that mean something in what is disguised, and so stay. */
  readonly reserved: ReadonlySet<string>;
}

const macPattern = /(?<![\w:.-])[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![\w:])/g;
/** Made from a MAC, RFC 4291, appendix A. */
const eui64 =
  /(?<![\w.])((?:[0-9A-Fa-f]{0,4}:){2,7})([0-9A-Fa-f]{1,4}):([0-9A-Fa-f]{0,2})ff:fe([0-9A-Fa-f]{2}):([0-9A-Fa-f]{1,4})(?![\w:])/gi;
const mail = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.([A-Za-z]{2,24})\b/g;
/** Names of units of systemd have an @ too. */
const unitSuffix = /^(?:service|socket|target|timer|mount|automount|slice|device|scope|path|swap)$/;
const machineId = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9A-Fa-f])/g;

export class Disguise {
  readonly #pseudonyms: Pseudonyms;
  readonly #addresses: AddressDisguise | undefined;
  readonly #users: RegExp | undefined;
  readonly #names: RegExp | undefined;
  readonly #within: RegExp | undefined;
  /** Names that were to be replaced and mean something else as well. */
  readonly kept: readonly string[];

  constructor(pseudonyms: Pseudonyms, { redact, users, names, reserved }: DisguiseOptions) {
    this.#pseudonyms = pseudonyms;
    const isReserved = (word: string) => reserved.has(word.toLowerCase());
    const wanted = redact.includes('names') ? distinct(names) : [];
    const logins = distinct(users).filter((user) => user !== 'root');
    this.kept = [...wanted, ...logins].filter(isReserved);
    const plain = wanted.filter((name) => !name.includes('.') && !isReserved(name));
    const domains = distinct(
      wanted.filter((name) => name.includes('.')).map((name) => name.slice(name.indexOf('.') + 1)),
    );
    for (const name of plain) this.#nameOf(name);
    for (const domain of domains)
      pseudonyms.domains[domain] ??= `domain${Object.keys(pseudonyms.domains).length + 1}.test`;
    this.#users = wholeWords(logins.filter((user) => !isReserved(user) && !plain.includes(user)));
    this.#names = wholeWords(plain);
    this.#within = wholeWords(domains, '(?:[a-z0-9_-]{1,63}\\.){0,8}');
    this.#addresses = redact.includes('addresses') ? new AddressDisguise(pseudonyms) : undefined;
  }

  text(text: string): string {
    const local = this.#local(text);
    const named = this.#within === undefined ? local : local.replaceAll(this.#within, (name) => this.#qualified(name));
    const plain = this.#names === undefined ? named : named.replaceAll(this.#names, (name) => this.#nameOf(name));
    const users =
      this.#users === undefined
        ? plain
        : plain.replaceAll(this.#users, (user) => taken(this.#pseudonyms.users, user, (n) => `user${n}`));
    return this.#addresses === undefined ? users : this.#addresses.text(users);
  }

  /** A copy, keys of maps included; members of our own records keep their names, which are reserved. */
  value<T>(value: T): T {
    return this.#value(value) as T;
  }

  #value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#value(item));
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [this.text(key), this.#value(member)]));
  }

  #local(text: string): string {
    const { key, mails } = this.#pseudonyms;
    return text
      .replaceAll(macPattern, (mac) => this.#mac(mac))
      .replaceAll(eui64, (_all, before: string, a: string, b: string, c: string, d: string) => {
        const hex = `${a.padStart(4, '0')}${b.padStart(2, '0')}${c}${d.padStart(4, '0')}`;
        const octets = hex.match(/../g) ?? [];
        // The universal bit is inverted there.
        const mac = this.#mac([flipped(octets[0] ?? '00'), ...octets.slice(1)].join(':'));
        const [x = '', ...rest] = mac.split(':');
        const [p, q, r, s, t] = rest;
        return asPrinted(`${before}${flipped(x)}${p ?? ''}:${q ?? ''}ff:fe${r ?? ''}:${s ?? ''}${t ?? ''}`);
      })
      .replaceAll(mail, (address, suffix: string) =>
        unitSuffix.test(suffix) ? address : taken(mails, address.toLowerCase(), (n) => `mail${n}@mail.test`),
      )
      .replaceAll(machineId, (id) => createHmac('sha256', key).update(id).digest('hex').slice(0, 32));
  }

  /** Those that say nothing of a card stay: none, everyone, groups, and the virtual ones of VRRP (RFC 5798, 7.3). */
  #mac(mac: string): string {
    const lower = mac.toLowerCase();
    if (lower === '00:00:00:00:00:00' || lower.startsWith('00:00:5e:') || isGroup(lower)) return mac;
    return taken(
      this.#pseudonyms.macs,
      lower,
      (n) => `02:00:00:${[n >> 16, n >> 8, n].map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join(':')}`,
    );
  }

  #nameOf(name: string): string {
    return taken(this.#pseudonyms.names, name.toLowerCase(), (n) => `name${n}`);
  }

  #qualified(name: string): string {
    const lower = name.toLowerCase();
    const domain = Object.keys(this.#pseudonyms.domains)
      .filter((one) => lower === one || lower.endsWith(`.${one}`))
      .toSorted((a, b) => b.length - a.length)[0];
    if (domain === undefined) return name;
    const labels = lower
      .slice(0, lower.length - domain.length)
      .split('.')
      .filter((label) => label !== '');
    return [...labels.map((label) => this.#nameOf(label)), this.#pseudonyms.domains[domain]].join('.');
  }
}

function taken(known: Record<string, string>, word: string, make: (n: number) => string): string {
  const own = Object.hasOwn(known, word) ? known[word] : undefined;
  if (own !== undefined) return own;
  const fresh = make(Object.keys(known).length + 1);
  known[word] = fresh;
  return fresh;
}

function wholeWords(words: readonly string[], before = ''): RegExp | undefined {
  if (words.length === 0) return undefined;
  const longestFirst = words
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(?<![A-Za-z0-9_-])${before}(?:${longestFirst.join('|')})(?![A-Za-z0-9_-])`, 'gi');
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words.map((word) => word.toLowerCase()))].filter((word) => word.length > 1);
}

function isGroup(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

function flipped(octet: string): string {
  return (Number.parseInt(octet, 16) ^ 2).toString(16).padStart(2, '0');
}

/** As the kernel prints an address. */
function asPrinted(address: string): string {
  return ipaddr.IPv6.isValid(address) ? ipaddr.IPv6.parse(address).toRFC5952String() : address;
}
