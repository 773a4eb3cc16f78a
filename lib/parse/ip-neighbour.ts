/** Neighbour tables, from `ip -j neigh` or `ip -o neigh` (ip-neighbour(8)). */
import type { Neighbour } from '../model/facts.ts';
import { asObjects, parseJson, stringAt } from './json.ts';
import { ParseError } from './parse-error.ts';

/** JSON of `ip -j neigh`. Throws ParseError. */
export function parseNeighbourJson(text: string): readonly Neighbour[] {
  const source = 'ip -j neigh';
  const rows = asObjects(parseJson(text, source));
  if (rows === undefined) throw new ParseError(source, text);
  return rows.flatMap((row) => {
    const address = stringAt(row, 'dst');
    if (address === undefined) return [];
    const name = stringAt(row, 'dev');
    const states = row['state'];
    if (name === undefined || !Array.isArray(states)) throw new ParseError(source, JSON.stringify(row));
    // An entry that nothing was ever asked about has no state (NUD_NONE).
    return [neighbourOf(address, name, stringAt(row, 'lladdr'), String(states[0] ?? 'none'))];
  });
}

/** `192.0.2.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE`: the state is in capitals; busybox prints the same. */
export function parseNeighbourText(text: string): readonly Neighbour[] {
  return text.split('\n').flatMap((line) => {
    const words = line.replaceAll('\\', ' ').trim().split(/\s+/);
    if (words[0] === '' || words[0] === undefined) return [];
    const after = (word: string): string | undefined => {
      const at = words.indexOf(word);
      return at < 0 ? undefined : words[at + 1];
    };
    const name = after('dev');
    const state = words.findLast((word) => /^[A-Z]+$/.test(word));
    if (!/^[0-9a-f.:]+$/i.test(words[0]) || name === undefined || state === undefined) {
      throw new ParseError('ip -o neigh', line);
    }
    return [neighbourOf(words[0], name, after('lladdr'), state)];
  });
}

function neighbourOf(address: string, name: string, mac: string | undefined, state: string): Neighbour {
  return {
    address,
    interface: name,
    ...(mac === undefined ? {} : { mac: mac.toLowerCase() }),
    state: state.toLowerCase(),
  };
}
