/** Where the network of the next boot is written: in files of the program that brings the interface up, and of no other. */
import { isAddress, isIpv6 } from './address.ts';
import { block, type Lines, ownFile } from './lasting-lines.ts';
import { baseName, type InterfaceManager, networkdFile, ownerOf } from './persisted-network.ts';
import type { Remedy } from '../lib/model/evidence.ts';
import type { PersistedNetwork } from '../lib/model/facts.ts';

/** Lines, or why there are none, as part of a sentence. */
export type Lasting = Lines | { readonly byHand: string };

/** What a host's files say; undefined where that is not known. */
export type Persisted = PersistedNetwork | undefined;

export interface PlacedAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly interface: string;
}

/** The remedy with halves that last. What has to be done by hand is said in its summary. */
export function lasting(remedy: Remedy, ...halves: readonly Lasting[]): Remedy {
  const lines = halves.flatMap((half) => ('byHand' in half ? [] : [half]));
  const reasons = new Set(halves.flatMap((half) => ('byHand' in half ? [half.byHand] : [])));
  const persistent = [...(remedy.persistent ?? []), ...lines.flatMap(({ commands }) => commands)];
  return {
    ...remedy,
    summary: `${remedy.summary}${reasons.size === 0 ? '' : `; for the next boot, by hand: ${[...reasons].join('; ')}`}`,
    ...(persistent.length === 0 ? {} : { persistent }),
    undo: [...(remedy.undo ?? []), ...lines.toReversed().flatMap(({ undo }) => undo)],
  };
}

type Ways = Partial<Record<InterfaceManager, (network: PersistedNetwork) => Lines | undefined>>;

/** By the program that has the interface. Nothing that a host made up gets into its files: names and addresses are looked at. */
export function by(
  persisted: Persisted,
  { name, values }: { readonly name: string; readonly values: readonly string[] },
  ways: Ways,
): Lasting {
  const owner = ownerOf(persisted, name);
  if (typeof owner !== 'string') return { byHand: owner.unknown };
  if (persisted === undefined || !isPlain(name) || !values.every(isAddress))
    return { byHand: 'a name or an address of it is none that files can have' };
  return ways[owner]?.(persisted) ?? { byHand: `${name} is brought up by ${placeOf(owner)}` };
}

/** As part of a sentence. */
export function placeOf(owner: InterfaceManager): string {
  const places: Record<InterfaceManager, string> = {
    interfaces: 'ifupdown (/etc/network/interfaces)',
    ifcfg: 'the network service (/etc/sysconfig/network-scripts)',
    networkd: 'systemd-networkd (/etc/systemd/network)',
    NetworkManager: 'NetworkManager (nmcli connection modify)',
    netplan: 'netplan (/etc/netplan)',
    wicked: 'wicked (/etc/sysconfig/network)',
  };
  return places[owner];
}

/** A name of an interface as files have it. */
export const isPlain = (name: string): boolean => /^[\w.@-]{1,15}$/.test(name);

export const interfacesFile = '/etc/network/interfaces';

/** An interface may have several stanzas, which are brought up one after the other (interfaces(5)). */
export function stanza(name: string, six: boolean, what: string, command: string): Lines {
  return block(interfacesFile, what, [
    `auto ${name}`,
    `iface ${name} ${six ? 'inet6' : 'inet'} manual`,
    `    up ${command}`,
  ]);
}

/** A drop-in of the file that systemd-networkd has for the interface. Where there is none it is an interface of the kernel's own. */
export function dropIn(network: PersistedNetwork, name: string, what: string, lines: readonly string[]): Lines {
  const unit = networkdFile(network, name);
  const folder = '/etc/systemd/network';
  const base = `${folder}/lvs-${name}.network`;
  const part = ownFile(
    `${folder}/${unit === undefined ? baseName(base) : baseName(unit.file)}.d/ipvet-${what.replaceAll(':', '-')}.conf`,
    lines,
    { folder: true },
  );
  if (unit !== undefined) return part;
  const own = ownFile(base, ['[Match]', `Name=${name}`, '[Network]', 'LinkLocalAddressing=no']);
  return {
    commands: [[...part.commands, ...own.commands].join(' && ')],
    undo: [`${part.undo.join('; ')}; [ -d ${base}.d ] || ${own.undo.join('; ')}`],
  };
}

export const addressesOf = (address: string): string => `${isIpv6(address) ? 'ipv6' : 'ipv4'}.addresses`;
