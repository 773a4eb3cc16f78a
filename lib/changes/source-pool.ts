/** Takes the addresses of a client's pool away again. */
import type { Client } from '../model/cluster.ts';
import type { PoolAddress } from '../privileges/index.ts';
import { quoteArgv, quoteWord } from '../ssh/quote.ts';
import type { UndoStep } from './undo-step.ts';

/** For addresses that the client did not have. */
export function sourcePoolUndo({ name, interface: device = '' }: Client, addresses: readonly PoolAddress[]): UndoStep {
  const looked = addresses.map(({ entry }) => `-e ${quoteWord(` ${entry} `)}`).join(' ');
  return {
    host: name,
    what: `${addresses.length === 1 ? 'an address' : `${addresses.length} addresses`} on ${device}: ${addresses.map(({ entry }) => entry).join(', ')}`,
    script: [
      ...addresses.map(({ remove: { argv } }) => `root ${quoteArgv(argv)} 2>/dev/null || :`),
      `there=$(ip -o address show dev ${quoteWord(device)}) || exit 1`,
      `! printf '%s\\n' "$there" | grep -qF ${looked}`,
    ].join('\n'),
  };
}
