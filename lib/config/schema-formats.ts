/** The formats that the schema of the cluster file names. */
import { isIP } from 'node:net';

/** A zone (`%eth0`) belongs to a host, not to an address of the cluster. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

export const schemaFormats: Readonly<Record<string, (text: string) => boolean>> = {
  ip: isAddress,
  'ip-range': (text) => {
    const ends = text.split('-');
    return ends.length <= 2 && ends.every((end) => isAddress(end.trim()));
  },
};
