/** Whether files that a boot reads give a host what it has now, and whose files they are. */
import { includesAddress, sameAddress } from './address.ts';
import { mentions } from './quotation.ts';
import { listed } from './sentences.ts';
import type { Fact, PersistedNetwork } from '../lib/model/facts.ts';

type PersistedAddress = PersistedNetwork['addresses'][number];

/** `lo:0` is a label on lo. */
export function deviceOf(name: string): string {
  return name.replace(/:.*$/, '');
}

/** The entries of an address, those that a boot brings up first. */
export function persistedEntries(network: PersistedNetwork, address: string): readonly PersistedAddress[] {
  const entries = network.addresses.filter((entry) => sameAddress(entry.address, address));
  return [...entries.filter(({ atBoot }) => atBoot !== false), ...entries.filter(({ atBoot }) => atBoot === false)];
}

/** Where a boot gives the interface the address; a profile may name no interface. */
export function givenAtBoot(network: PersistedNetwork, address: string, name: string): readonly PersistedAddress[] {
  return network.addresses.filter(
    (entry) =>
      entry.atBoot !== false && sameAddress(entry.address, address) && deviceOf(entry.interface ?? name) === name,
  );
}

/** A line that names the address in a way nobody here follows. */
export function lineNaming(network: PersistedNetwork, address: string): PersistedNetwork['other'][number] | undefined {
  return network.other.find(({ text }) => mentions(text, address));
}

/** File that leaves an interface, or some interface, to DHCP. */
export function dynamicFile(network: PersistedNetwork, name: string | undefined): string | undefined {
  return network.dynamic?.find(
    (entry) => entry.interface === undefined || name === undefined || entry.interface === name,
  )?.file;
}

export function hasGateway(network: PersistedNetwork, gateway: string): boolean {
  return includesAddress(
    network.gateways.map(({ address }) => address),
    gateway,
  );
}

/** Of one host; undefined where it did not say. */
export function persistedOf(
  facts: { readonly persistedNetwork: Fact<PersistedNetwork> } | undefined,
): PersistedNetwork | undefined {
  return facts?.persistedNetwork.known === true ? facts.persistedNetwork.value : undefined;
}

/** Why it is not known who brings an interface up, as part of a sentence. */
export const notKnown = 'what brings its interfaces up at boot is not known';

/** What brings interfaces up at boot. `wicked` is SUSE's, which reads /etc/sysconfig/network. */
export type InterfaceManager = 'interfaces' | 'ifcfg' | 'networkd' | 'NetworkManager' | 'netplan' | 'wicked';

/** Undefined for a script. */
function managerOf(file: string): InterfaceManager | undefined {
  if (file.includes('/netplan/')) return 'netplan';
  if (file.includes('NetworkManager')) return 'NetworkManager';
  if (file.startsWith('/etc/sysconfig/network-scripts/')) return 'ifcfg';
  if (file.startsWith('/etc/sysconfig/network')) return 'wicked';
  if (file.includes('/systemd/network/')) return 'networkd';
  return file.startsWith('/etc/network/') ? 'interfaces' : undefined;
}

/** Comes with the kernel or a module: where no file names it, nobody else brings it up. */
const isVirtual = (name: string): boolean => /^(lo|tunl0|sit0|ip6tnl0|dummy\d+)$/.test(name);
const ableToBringUp = ['interfaces', 'ifcfg', 'networkd', 'NetworkManager', 'netplan'] as const;

/**
 * Whose files bring the interface up at boot; `unknown` says why that cannot be told. Files for systemd-networkd in
 * /usr/lib are on every host with systemd, and say nothing of who is at work there.
 */
export function ownerOf(
  network: PersistedNetwork | undefined,
  name: string,
): InterfaceManager | { readonly unknown: string } {
  if (network === undefined) return { unknown: notKnown };
  const unit = networkdFile(network, name);
  const naming = distinct([
    ...network.addresses.filter(({ interface: own = '' }) => deviceOf(own) === name).map(({ file }) => file),
    ...(network.dynamic ?? []).filter(({ interface: own }) => own === name).map(({ file }) => file),
    ...(unit === undefined || unit.file.startsWith('/usr/lib/') ? [] : [unit.file]),
  ]);
  const owners = distinct(naming.map((file) => actualManager(network, file)));
  // netplan has systemd-networkd do it, by a file that it makes at boot and that drop-ins in /etc go with.
  if (owners.includes('networkd') && owners.every((owner) => owner === 'networkd' || owner === 'netplan'))
    return 'networkd';
  const [owner] = owners;
  if (owners.length === 1 && owner !== undefined) return owner;
  if (naming.length > 0) return { unknown: `${name} is in ${listed(naming)}` };
  const present = distinct(
    network.files.filter((file) => !file.startsWith('/usr/lib/')).map((file) => actualManager(network, file)),
  );
  const able = isVirtual(name) ? ableToBringUp.find((each) => present.includes(each)) : undefined;
  if (able !== undefined) return able;
  // A profile may name no interface.
  if (present.length === 1 && present[0] === 'NetworkManager') return 'NetworkManager';
  const [closed] = network.unread ?? [];
  return { unknown: closed === undefined ? `no file that is known here names ${name}` : `${closed} could not be read` };
}

/** Without ifcfg-lo there is no network service: then only NetworkManager reads such files (RHEL 8 and later). */
function actualManager({ files }: PersistedNetwork, file: string): InterfaceManager | undefined {
  const manager = managerOf(file);
  const isService = files.some((each) => each.endsWith('/network-scripts/ifcfg-lo'));
  return manager === 'ifcfg' && !isService ? 'NetworkManager' : manager;
}

function distinct<T>(values: readonly T[]): readonly Exclude<T, undefined>[] {
  return [...new Set(values)].filter((value): value is Exclude<T, undefined> => value !== undefined);
}

/** The first file by name whose [Match] fits, which is the one that counts; undefined where that leaves the interface alone. */
export function networkdFile({ networkd = [] }: PersistedNetwork, name: string) {
  const file = networkd
    .toSorted((one, other) => (baseName(one.file) < baseName(other.file) ? -1 : 1))
    .find(({ names }) => names.some((pattern) => matches(pattern, name)));
  return file?.unmanaged === true ? undefined : file;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A name of [Match], or a pattern of glob(7) with asterisks; `!` before it turns it round. */
function matches(pattern: string, name: string): boolean {
  if (pattern.startsWith('!')) return !matches(pattern.slice(1), name);
  const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(name);
}
