/**
 * known_hosts as sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT" and OpenSSH's hostfile.c read it: lists with wildcards and
 * negation, `[host]:port`, hashed names, @revoked and @cert-authority.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { IpvetError } from '../errors.ts';

export interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly marker?: 'revoked' | 'cert-authority';
  /** Comma-separated patterns, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  readonly keyBase64: string;
}

export type HostKeyVerdict =
  | { readonly status: 'known' }
  /** `entry` contradicts the key: another one of the same type. */
  | { readonly status: 'changed'; readonly entry: KnownHost }
  | { readonly status: 'revoked'; readonly entry: KnownHost }
  /** The host is known, by keys of other types only. */
  | { readonly status: 'other-type'; readonly entry: KnownHost }
  /** The host is known through a certificate authority only. */
  | { readonly status: 'authority'; readonly entry: KnownHost }
  | { readonly status: 'unknown' };

/** What a host is looked up as: its HostKeyAlias, else its name, in brackets with the port when that is not 22. */
export interface HostKeyName {
  readonly name: string;
  /** Second choice of OpenSSH for a port other than 22: an equal key under the name alone. */
  readonly withoutPort?: string;
}

export function hostKeyName(hostname: string, port: number, alias: string | undefined): HostKeyName {
  if (alias !== undefined) return { name: alias.toLowerCase() };
  const host = hostname.toLowerCase();
  return port === 22 ? { name: host } : { name: `[${host}]:${port}`, withoutPort: host };
}

/** Lines that are no entry are skipped, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const fields = raw.trim().split(/[ \t]+/);
    const markerText = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
    const [hosts, keyType, keyBase64] = fields;
    if (hosts === undefined || hosts.startsWith('#') || keyType === undefined || keyBase64 === undefined) continue;
    const entry = { file, line: index + 1, hosts, keyType, keyBase64 };
    if (markerText === undefined) entries.push(entry);
    else if (markerText === '@revoked') entries.push({ ...entry, marker: 'revoked' });
    else if (markerText === '@cert-authority') entries.push({ ...entry, marker: 'cert-authority' });
  }
  return entries;
}

/** The entries of all files that exist, in order. Throws SSH_HOST_KEY when one cannot be read. */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHost[]> {
  const parts = await Promise.all(
    files.map(async (file) => {
      try {
        return parseKnownHosts(await readFile(file, 'utf8'), file);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'ENOENT' || code === 'ENOTDIR') return [];
        throw new IpvetError('SSH_HOST_KEY', `${file} cannot be read: ${String(error)}`, {
          cause: error,
          hint: `Make ${file} readable, or name another file with UserKnownHostsFile.`,
        });
      }
    }),
  );
  return parts.flat();
}

/** `*` and `?` as in ssh_config(5) PATTERNS. */
function globMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

function hashMatches(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** Whether the entry speaks of `name`; a negated pattern that matches takes the whole entry back. */
export function namesHost(entry: KnownHost, name: string): boolean {
  if (entry.hosts.startsWith('|')) return hashMatches(entry.hosts, name);
  let matched = false;
  for (const pattern of entry.hosts.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (globMatches(pattern.slice(1), name)) return false;
    } else if (globMatches(pattern, name)) matched = true;
  }
  return matched;
}

/** Types of the keys the host is known by, such as `ssh-ed25519`. */
export function knownKeyTypes(entries: readonly KnownHost[], { name, withoutPort }: HostKeyName): string[] {
  const plain = entries.filter((entry) => entry.marker === undefined);
  const exact = plain.filter((entry) => namesHost(entry, name));
  const found =
    exact.length > 0 || withoutPort === undefined ? exact : plain.filter((entry) => namesHost(entry, withoutPort));
  return [...new Set(found.map((entry) => entry.keyType))];
}

/** `key` is the public key as it travels (RFC 4253, 6.6): its type as a string, then the rest. */
export function judgeHostKey(
  entries: readonly KnownHost[],
  { name, withoutPort }: HostKeyName,
  key: Buffer,
): HostKeyVerdict {
  const keyBase64 = key.toString('base64');
  const same = (entry: KnownHost) => entry.keyBase64 === keyBase64;
  const about = entries.filter((entry) => namesHost(entry, name));
  const revoked = entries.find(
    (entry) =>
      entry.marker === 'revoked' &&
      same(entry) &&
      (namesHost(entry, name) || (withoutPort !== undefined && namesHost(entry, withoutPort))),
  );
  if (revoked !== undefined) return { status: 'revoked', entry: revoked };
  const plain = about.filter((entry) => entry.marker === undefined);
  if (plain.some(same)) return { status: 'known' };
  const changed = plain.find((entry) => entry.keyType === keyTypeOf(key));
  if (changed !== undefined) return { status: 'changed', entry: changed };
  const [other] = plain;
  if (other !== undefined) return { status: 'other-type', entry: other };
  if (
    withoutPort !== undefined &&
    entries.some((entry) => entry.marker === undefined && same(entry) && namesHost(entry, withoutPort))
  )
    return { status: 'known' };
  const authority = about.find((entry) => entry.marker === 'cert-authority');
  return authority === undefined ? { status: 'unknown' } : { status: 'authority', entry: authority };
}

export function keyTypeOf(key: Buffer): string {
  return key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
