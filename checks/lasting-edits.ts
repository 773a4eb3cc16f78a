/** What the files of a host have of an address, and are to have no more after the next boot, or otherwise. */
import { edit, type Lines, none, profileSwap } from './lasting-lines.ts';
import { addressesOf, isPlain, type Lasting, type Persisted, placeOf, type PlacedAddress } from './lasting-places.ts';
import { givenAtBoot, type InterfaceManager, lineNaming, notKnown, ownerOf } from './persisted-network.ts';
import { literal } from './remedies.ts';
import type { PersistedNetwork } from '../lib/model/facts.ts';

/** No boot gives the interface the address again. Where no file does, nothing has to be done. */
export function withdrawAddress(persisted: Persisted, gone: PlacedAddress): Lasting {
  return everyEntry(persisted, gone, (entry, network) => {
    const written = `${entry.address}/${entry.prefixLength ?? gone.prefixLength}`;
    const what = `${written} on ${gone.interface} taken out`;
    switch (writerOf(network, entry.file)) {
      case 'interfaces':
        return entry.line === undefined ? undefined : edit(entry.file, what, { line: spaced(entry.line) });
      case 'networkd':
        return edit(entry.file, what, { line: `Address[[:space:]]*=[[:space:]]*${literal(written)}` });
      case 'NetworkManager':
        return profileSwap(gone.interface, addressesOf(gone.address), written);
      default:
        return undefined;
    }
  });
}

/** Each boot gives the interface the address with another prefix length. Undefined where no file has the address there. */
export function changePrefix(persisted: Persisted, wrong: PlacedAddress, prefixLength: number): Lasting | undefined {
  const { address, interface: name } = wrong;
  const becomes = `${address}/${prefixLength}`;
  const result = everyEntry(persisted, wrong, (entry, network) => {
    if (entry.prefixLength === prefixLength) return none;
    if (entry.prefixLength === undefined || entry.lengthApart === true) return undefined;
    const part = `${entry.address}/${entry.prefixLength}`;
    const change = (line: string): Lines => edit(entry.file, `${becomes} on ${name}`, { line, part, becomes });
    switch (writerOf(network, entry.file)) {
      case 'interfaces':
        return change(entry.line === undefined ? `address[[:space:]]\\{1,\\}${literal(part)}` : spaced(entry.line));
      case 'networkd':
        return change(`Address[[:space:]]*=[[:space:]]*${literal(part)}`);
      case 'NetworkManager':
        return profileSwap(name, addressesOf(address), part, becomes);
      default:
        return undefined;
    }
  });
  return result === none ? undefined : result;
}

/** The host's own address, whose prefix length only its network knows. */
export function keepOwn(persisted: Persisted, address: string, name: string): Lasting {
  if (persisted !== undefined && givenAtBoot(persisted, address, name).length > 0) return none;
  const owner = ownerOf(persisted, name);
  return {
    byHand: typeof owner === 'string' ? `${name} is brought up by ${placeOf(owner)}` : owner.unknown,
  };
}

/** `none` where no file that is known gives the interface the address. */
function everyEntry(
  persisted: Persisted,
  { address, interface: name }: PlacedAddress,
  linesFor: (entry: PersistedNetwork['addresses'][number], network: PersistedNetwork) => Lines | undefined,
): Lasting {
  if (persisted === undefined) return { byHand: notKnown };
  const line = lineNaming(persisted, address);
  if (line !== undefined) return { byHand: `${line.file} has a line that names ${address}` };
  const entries = givenAtBoot(persisted, address, name);
  const [closed] = persisted.unread ?? [];
  if (entries.length === 0) return closed === undefined ? none : { byHand: `${closed} could not be read` };
  const halves = entries.map((entry) => ({ entry, half: isPlain(name) ? linesFor(entry, persisted) : undefined }));
  const foreign = halves.find(({ half }) => half === undefined);
  if (foreign !== undefined) return { byHand: `${foreign.entry.file} gives ${name} ${address}` };
  return halves.reduce<Lines>(
    (all, { half = none }) => ({ commands: [...all.commands, ...half.commands], undo: [...half.undo, ...all.undo] }),
    { commands: [], undo: [] },
  );
}

/** Who has the file and lets others write in it; what cloud-init wrote it may write again. */
function writerOf(network: PersistedNetwork, file: string): InterfaceManager | undefined {
  if (file.includes('cloud-init') || file.startsWith('/usr/') || file.startsWith('/run/')) return undefined;
  if (file.startsWith('/etc/network/')) return 'interfaces';
  if (file.startsWith('/etc/systemd/network/')) return 'networkd';
  return file.includes('NetworkManager') && network.files.includes(file) ? 'NetworkManager' : undefined;
}

/** A basic regular expression for the words with any blanks between them. */
function spaced(line: string): string {
  return line
    .split(' ')
    .map(literal)
    .join(String.raw`[[:space:]]\{1,\}`);
}
