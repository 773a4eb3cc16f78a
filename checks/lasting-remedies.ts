/** Ways to mend the network of a host, now and for the next boot, that several checks propose. */
import { isIpv6 } from './address.ts';
import { changePrefix, withdrawAddress } from './lasting-edits.ts';
import { keepAddress, keepLink } from './lasting-network.ts';
import { lasting, type Persisted, type PlacedAddress } from './lasting-places.ts';
import { hostPrefix, ipCommand } from './remedies.ts';
import type { Remedy } from '../lib/model/evidence.ts';
import type { InterfaceAddress } from '../lib/model/facts.ts';
import { shellWord } from '../lib/model/shell-word.ts';

export function bringUp(host: string, name: string, persisted: Persisted): Remedy {
  return lasting(
    {
      host,
      summary: `Bring ${name} up`,
      commands: [`ip link set ${shellWord(name)} up`],
      undo: [`ip link set ${shellWord(name)} down`],
    },
    keepLink(persisted, name, { up: true }),
  );
}

/** On lo an address is asked for by nobody; with IPv6 it is not looked for on others, and nothing begins from it. */
export function addToLo(host: string, summary: string, address: string, persisted: Persisted): Remedy {
  return lasting({ host, summary, ...onLo(address) }, keepOnLo(address, persisted));
}

/** Off the interface it is on. */
export function moveToLo(host: string, summary: string, entry: InterfaceAddress, persisted: Persisted): Remedy {
  const { address, prefixLength, interface: name, flags = [] } = entry;
  const ip = ipCommand(address);
  const here = `${address}/${prefixLength} dev ${shellWord(name)}`;
  const { commands, undo } = onLo(address);
  // One that another host had is looked for again.
  const unasked = isIpv6(address) && !flags.includes('dadfailed') ? ' nodad' : '';
  return lasting(
    {
      host,
      summary,
      commands: [`${ip} address del ${here}`, ...commands],
      undo: [...undo, `${ip} address add ${here}${unasked}`],
    },
    withdrawAddress(persisted, entry),
    keepOnLo(address, persisted),
  );
}

function onLo(address: string): Pick<Remedy, 'commands' | 'undo'> & { readonly undo: readonly string[] } {
  const ip = ipCommand(address);
  const prefix = hostPrefix(address);
  return {
    commands: [`${ip} address add ${prefix} dev lo${isIpv6(address) ? ' nodad preferred_lft 0' : ''}`],
    undo: [`${ip} address del ${prefix} dev lo`],
  };
}

function keepOnLo(address: string, persisted: Persisted) {
  return keepAddress(persisted, { address, interface: 'lo', prefixLength: hostLength(address) });
}

/**
 * The address alone, without a network around it, for the next boot too. `absent`: whether one that no file has is to
 * be put into one, or whoever gave it is to be asked.
 */
export function keepAlone(persisted: Persisted, wrong: PlacedAddress, absent: 'add' | 'ask') {
  const alone = { ...wrong, prefixLength: hostLength(wrong.address) };
  return (
    changePrefix(persisted, wrong, alone.prefixLength) ??
    (absent === 'add'
      ? keepAddress(persisted, alone)
      : {
          byHand: `no file that brings ${wrong.interface} up has ${wrong.address}: whoever gives it there has the prefix`,
        })
  );
}

function hostLength(address: string): number {
  return isIpv6(address) ? 128 : 32;
}
