/** What files that a boot reads say of addresses, next hops and kernel parameters; each parser adds to one draft. */
import type { PersistedNetwork } from '../model/facts.ts';

type Mutable<T> = T extends readonly (infer E)[] ? E[] : T;
type Optional = 'dynamic' | 'settings' | 'unread' | 'networkd';

export type NetworkDraft = {
  -readonly [K in keyof PersistedNetwork]-?: Mutable<NonNullable<PersistedNetwork[K]>>;
};

export function emptyDraft(): NetworkDraft {
  return { files: [], addresses: [], gateways: [], other: [], dynamic: [], settings: [], unread: [], networkd: [] };
}

/** The draft as a fact: what no host has is left out. */
export function settled(draft: NetworkDraft): PersistedNetwork {
  const { files, addresses, gateways, other, ...rest } = draft;
  const optional: Partial<Record<Optional, unknown>> = Object.fromEntries(
    Object.entries(rest).filter(([, values]) => values.length > 0),
  );
  return { files, addresses, gateways, other, ...(optional as Pick<PersistedNetwork, Optional>) };
}

/** One text file. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** `10.0.0.1/24` or `fd00::1`, quotes taken off. Undefined for what is no address. */
export function addressWithPrefix(text: string): { address: string; prefixLength?: number } | undefined {
  const [, address = '', length] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(unquoted(text)) ?? [];
  if (!isAddressText(address)) return undefined;
  return length === undefined ? { address } : { address, prefixLength: Number(length) };
}

/** Looks like an address of either family; what it is compared with decides. */
export function isAddressText(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || (/^[0-9A-Fa-f:.]+$/.test(text) && /:.*:/.test(text));
}

/** Whether an address stands anywhere in the text. */
export function namesAddress(text: string): boolean {
  return /(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?![\d.])|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f]*/.test(text);
}

/** `255.255.255.0` or `24` → 24. */
export function prefixLengthOf(netmask: string | undefined): number | undefined {
  const text = unquoted(netmask ?? '');
  if (/^\d{1,3}$/.test(text)) return Number(text);
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const bits = text
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined;
}

export function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2');
}

/** Sections of an INI file, in order; a section may be there more than once. Comments are left out. */
export function iniSections(text: string): readonly {
  readonly name: string;
  readonly entries: readonly (readonly [key: string, value: string])[];
}[] {
  const sections: { name: string; entries: (readonly [string, string])[] }[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const name = /^\[(.+)\]$/.exec(line)?.[1];
    if (name !== undefined) sections.push({ name, entries: [] });
    else {
      const equals = line.indexOf('=');
      if (equals > 0) sections.at(-1)?.entries.push([line.slice(0, equals).trim(), line.slice(equals + 1).trim()]);
    }
  }
  return sections;
}
