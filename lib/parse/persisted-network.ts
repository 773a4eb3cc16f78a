/** Addresses and gateways of the next boot, whatever program of a distribution brings the interfaces up. */
import type { PersistedNetwork } from '../model/facts.ts';
import { readBootCommand, setsParameter } from './boot-command.ts';
import { emptyDraft, namesAddress, type NetworkDraft, settled, type TextFile } from './boot-settings.ts';
import { ifcfgPatterns, readIfcfg } from './ifcfg.ts';
import { interfacesPatterns, readInterfaces } from './interfaces-file.ts';
import { netplanPatterns, readNetplan } from './netplan.ts';
import { keyfilePatterns, networkdPatterns, readKeyfile, readNetworkd, readNmcli } from './network-units.ts';
import { ParseError } from './parse-error.ts';

const localScripts = ['/etc/rc.local', '/etc/rc.d/rc.local', '/etc/init.d/boot.local'];

/** Shell patterns of every file that is read whole. */
export const networkFilePatterns: readonly string[] = [
  ...interfacesPatterns,
  ...ifcfgPatterns,
  ...keyfilePatterns,
  ...networkdPatterns,
  ...netplanPatterns,
  ...localScripts,
];

/** Of these only the lines that name an address or a kernel parameter: they are many, and for other things too. */
export const scriptPatterns: readonly string[] = [
  '/etc/network/if-*.d/*',
  '/etc/NetworkManager/dispatcher.d/*',
  '/etc/networkd-dispatcher/*/*',
  '/etc/systemd/system/*.service',
  '/etc/init.d/*',
  '/etc/rc.d/init.d/*',
  '/etc/cron.d/*',
  '/var/spool/cron/root',
  '/sbin/ifup-local',
];

export interface NetworkSources {
  readonly files: readonly TextFile[];
  /** Of the patterns above, what could not be read. */
  readonly unreadable: readonly string[];
  /** Lines of `scriptPatterns`, by file. */
  readonly scripts: readonly TextFile[];
  /** Which of the local scripts are executable: others are not run. */
  readonly executable: readonly string[];
  /** What nmcli printed; undefined when it was not asked or did not answer. */
  readonly nmcli: string | undefined;
}

/** A file that makes no sense is named in `unread`, and the others count. */
export function parsePersistedNetwork({
  files,
  unreadable,
  scripts,
  executable,
  nmcli,
}: NetworkSources): PersistedNetwork {
  const draft = emptyDraft();
  readInterfaces(files, draft);
  const closed = new Set(unreadable);
  if (nmcli !== undefined) {
    readNmcli(nmcli, draft);
    for (const path of closed) if (path.includes('/NetworkManager/')) closed.delete(path);
  }
  for (const file of files) if (isIn(ifcfgPatterns, file.path)) readIfcfg(file, draft);
  for (const file of files) if (isIn(keyfilePatterns, file.path)) readKeyfile(file, draft);
  const generated = readNetplans(files, closed, draft);
  readNetworkdFiles(files, generated, draft);
  for (const file of files) if (localScripts.includes(file.path)) readLocalScript(file, executable, draft);
  for (const { path, text } of scripts) readScript(path, text, draft);
  draft.unread.push(...closed);
  return settled(draft);
}

/** Whether what netplan made for this boot stands in for files of its own that cannot be read. */
function readNetplans(files: readonly TextFile[], closed: Set<string>, draft: NetworkDraft): boolean {
  for (const file of files) {
    if (!isIn(netplanPatterns, file.path)) continue;
    try {
      readNetplan(file, draft);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      draft.unread.push(file.path);
    }
  }
  const refused = [...closed].filter((path) => isIn(netplanPatterns, path) || path.startsWith('/etc/netplan'));
  const made = files.some(({ path }) => isGenerated(path));
  if (refused.length === 0 || !made) return false;
  for (const path of refused) closed.delete(path);
  return true;
}

const isGenerated = (path: string): boolean => path.startsWith('/run/systemd/network/') && path.includes('netplan');

function readNetworkdFiles(files: readonly TextFile[], generated: boolean, draft: NetworkDraft): void {
  const found = files.filter(({ path }) => path.endsWith('.network'));
  const named = new Set<string>();
  for (const file of found) {
    // Of the same name the one in /etc counts, then the one in /run (systemd.network(5)).
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    if (named.has(name)) continue;
    named.add(name);
    // Others in /run are gone with this boot.
    if (file.path.startsWith('/run/') && !isGenerated(file.path)) continue;
    // Distributions ship examples for containers and virtual machines.
    if (file.path.startsWith('/usr/lib/') && /^\d\d-(container|vm)-/.test(name)) continue;
    const dropIns = files.filter(({ path }) => path.startsWith(`/etc/systemd/network/${name}.d/`));
    if (!file.path.startsWith('/run/') || generated) {
      readNetworkd(file, dropIns, draft);
      continue;
    }
    // What netplan made of files that were read is told by those, but for how it is kept, and for what was put beside it.
    const made = { ...emptyDraft(), networkd: draft.networkd };
    readNetworkd(file, dropIns, made);
    const beside = <T extends { readonly file: string }>(entries: readonly T[]): readonly T[] =>
      entries.filter((entry) => dropIns.some(({ path }) => path === entry.file));
    draft.files.push(...dropIns.map(({ path }) => path));
    draft.addresses.push(...beside(made.addresses));
    draft.gateways.push(...beside(made.gateways));
    draft.settings.push(...beside(made.settings));
  }
}

function readLocalScript({ path, text }: TextFile, executable: readonly string[], draft: NetworkDraft): void {
  if (!executable.includes(path)) return;
  draft.files.push(path);
  for (const line of text.split('\n')) if (!/^\s*(#|$)/.test(line)) readBootCommand(line, draft, { file: path });
}

/** What such a script does depends on how it is called: its lines are kept, and not taken for what a boot does. */
function readScript(path: string, text: string, draft: NetworkDraft): void {
  for (const line of text.split('\n')) {
    const isComment = /^\s*(#|$)/.test(line);
    if (!isComment && (namesAddress(line) || setsParameter(line))) draft.other.push({ text: line.trim(), file: path });
  }
}

function isIn(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => {
    const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${source.join('[^/]*')}$`).test(path);
  });
}
