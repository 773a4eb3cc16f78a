/** Addresses out of what the tools that ask name servers print. */
import ipaddr from 'ipaddr.js';

/** Who was asked: each prints the answer in a shape of its own. */
export type NameTool = 'getent' | 'dig' | 'host' | 'drill' | 'nslookup';

/** Each address once, in the order given; none when the name has none. Reads any text. */
export function parseNameLookup(tool: NameTool, output: string): readonly string[] {
  const found = output.split('\n').flatMap((line) => addressIn(tool, line) ?? []);
  return [...new Set(found.map((text) => ipaddr.parse(text).toString()))];
}

/** nslookup(1) prints the server it asked first, as `Server:` and `Address:` with a port or, in busybox, without. */
export function withoutServer(output: string): string {
  const lines = output.split('\n');
  const name = lines.findIndex((line) => line.startsWith('Name:'));
  return name < 0 ? '' : lines.slice(name).join('\n');
}

function addressIn(tool: NameTool, line: string): string | undefined {
  const word = wordOf(tool, line);
  return word !== undefined && ipaddr.isValid(word) ? word : undefined;
}

function wordOf(tool: NameTool, line: string): string | undefined {
  switch (tool) {
    case 'getent':
      // `192.0.2.1  STREAM www.example.com`
      return /^(\S+)\s+(?:STREAM|DGRAM|RAW)\b/.exec(line)?.[1];
    case 'dig':
      // +short: an address, or the name an alias leads to.
      return /^([0-9a-f.:]+)$/i.exec(line.trim())?.[1];
    case 'host':
      return /\bhas (?:IPv6 )?address (\S+)$/.exec(line.trim())?.[1];
    case 'drill':
      return /^[^;\s]\S*\s+\d+\s+IN\s+A{1,4}\s+(\S+)$/.exec(line.trim())?.[1];
    case 'nslookup':
      return /^Address(?: \d+)?:\s*(\S+)/.exec(line)?.[1];
  }
}
