/** /etc/network/interfaces and the files it sources (interfaces(5), ifupdown and ifupdown2). */
import { addressWithPrefix, type NetworkDraft, prefixLengthOf, type TextFile, unquoted } from './boot-settings.ts';
import { readBootCommand } from './boot-command.ts';

export const interfacesPath = '/etc/network/interfaces';
/** Debian's own line is `source /etc/network/interfaces.d/*`. */
export const interfacesPatterns = [interfacesPath, '/etc/network/interfaces.d/*'];

interface Stanza {
  readonly name: string;
  readonly family: string;
  readonly method: string;
  readonly file: string;
  readonly options: readonly (readonly [string, string])[];
}

/** Adds what the next boot brings up. Files are read in the order the first one sources them. */
export function readInterfaces(files: readonly TextFile[], draft: NetworkDraft): void {
  const main = files.find(({ path }) => path === interfacesPath);
  if (main === undefined) return;
  const auto: string[] = [];
  const stanzas: Stanza[] = [];
  const seen = new Set<string>();
  const read = ({ path, text }: TextFile): void => {
    if (seen.has(path)) return;
    seen.add(path);
    draft.files.push(path);
    let options: (readonly [string, string])[] | undefined;
    for (const line of joinedLines(text)) {
      const [word = '', ...rest] = line.split(/\s+/);
      if (word === 'auto' || word === 'allow-auto' || word === 'allow-hotplug') {
        auto.push(...rest);
        options = undefined;
      } else if (word === 'iface') {
        const [name = '', family = '', method = ''] = rest;
        options = [];
        stanzas.push({ name, family, method, file: path, options });
      } else if (word === 'source' || word === 'source-directory') {
        options = undefined;
        for (const pattern of rest) {
          const wanted = word === 'source' ? absolute(pattern) : `${absolute(pattern).replace(/\/$/, '')}/*`;
          const sourced = files.filter((file) => patternOf(wanted).test(file.path));
          sourced.forEach(read);
          if (sourced.length === 0 && !interfacesPatterns.includes(wanted)) draft.unread.push(wanted);
        }
      } else if (/^(mapping|allow-\S+|no-auto-down|no-scripts|rename|template|end)$/.test(word)) options = undefined;
      else options?.push([word, rest.join(' ')]);
    }
  };
  read(main);
  // ifupdown brings lo up with or without a line that says so.
  const broughtUp = (name: string): boolean =>
    name === 'lo' ||
    auto.some((pattern) => pattern === name || patternOf(pattern.replace(/^\/([^/]*)(\/.*)?$/, '$1')).test(name));
  for (const stanza of stanzas) readStanza(stanza, broughtUp(stanza.name), draft);
}

function readStanza({ name, family, method, file, options }: Stanza, atBoot: boolean, draft: NetworkDraft): void {
  const all = (wanted: string): readonly string[] => options.flatMap(([key, value]) => (key === wanted ? [value] : []));
  const length = prefixLengthOf(all('netmask')[0]);
  const own = { interface: name, ...(atBoot ? {} : { atBoot: false as const }) };
  if (/^(dhcp|auto|bootp|ppp)$/.test(method)) draft.dynamic.push({ interface: name, file });
  // A default of interfaces(5) that nobody writes: lo has its addresses from the kernel.
  if (method === 'loopback') draft.addresses.push({ ...own, address: family === 'inet6' ? '::1' : '127.0.0.1', file });
  for (const value of all('address')) {
    const found = addressWithPrefix(value);
    if (found === undefined) continue;
    const prefixLength = found.prefixLength ?? length;
    draft.addresses.push({
      ...own,
      address: found.address,
      ...(prefixLength === undefined ? {} : { prefixLength }),
      ...(found.prefixLength === undefined ? { lengthApart: true as const } : {}),
      file,
    });
  }
  if (!atBoot) return;
  for (const gateway of all('gateway')) draft.gateways.push({ address: unquoted(gateway), file });
  for (const [key, value] of options) {
    if (/^(pre-up|up|post-up)$/.test(key))
      readBootCommand(value, draft, { file, device: name, line: `${key} ${value}` });
  }
}

/** Lines that end in a backslash go on; `#` begins a comment at the start of a line only. */
function joinedLines(text: string): readonly string[] {
  return text
    .replaceAll(/\\\r?\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function absolute(pattern: string): string {
  return pattern.startsWith('/') ? pattern : `/etc/network/${pattern}`;
}

/** Of wordexp(3) the asterisk and the question mark. */
function patternOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`);
}
