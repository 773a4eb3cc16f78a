/** hosts(5): an address, then names; `#` begins a comment anywhere. */
import type { HostsFileEntry } from '../model/facts.ts';

/** Lines that name nothing are left out, as the resolver does. Reads any text. */
export function parseHostsFile(text: string): readonly HostsFileEntry[] {
  return text.split('\n').flatMap((line) => {
    const [address, ...names] = line
      .replace(/#.*/s, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    return address === undefined || names.length === 0 ? [] : [{ address, names }];
  });
}
