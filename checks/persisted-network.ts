/** Whether files that a boot reads give a host what it has now, and how to put it there. */
import { includesAddress, isIpv6, sameAddress } from './address.ts';
import { mentions } from './quotation.ts';
import type { Remedy } from '../lib/model/evidence.ts';
import type { PersistedNetwork } from '../lib/model/facts.ts';
import { quotedWord, shellWord } from '../lib/model/shell-word.ts';

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

const managers = ['netplan', 'NetworkManager', 'ifcfg', 'networkd', 'interfaces'] as const;

/** Who brings the interfaces up, by the files there are. */
export function managerOf({ files }: PersistedNetwork): (typeof managers)[number] | undefined {
  const has = (part: string): boolean => files.some((file) => file.includes(part));
  const found = {
    netplan: has('/netplan/'),
    NetworkManager: has('NetworkManager'),
    ifcfg: has('/etc/sysconfig/network'),
    networkd: has('/systemd/network/'),
    interfaces: has('/etc/network/interfaces'),
  };
  return managers.find((name) => found[name]);
}

/** Undefined where nothing is known that would do it. */
export function keepAddress(
  host: string,
  network: PersistedNetwork,
  { address, interface: name, prefixLength }: { address: string; interface: string; prefixLength: number },
): Remedy | undefined {
  const written = `${address}/${prefixLength}`;
  const family = isIpv6(address) ? 'ipv6' : 'ipv4';
  const label = `lvs-${name}`;
  const remedy = (commands: readonly string[], undo: readonly string[]): Remedy => ({
    host,
    summary: `Have ${name} get ${address} at every boot`,
    commands,
    undo,
  });
  switch (managerOf(network)) {
    case 'interfaces': {
      const inet = family === 'ipv6' ? 'inet6' : 'inet';
      const up = `    up ip address add ${written} dev ${name} || true`;
      return remedy(...appended([`auto ${name}`, `iface ${name} ${inet} manual`, up]));
    }
    case 'NetworkManager': {
      const profile = `"$(nmcli -g GENERAL.CONNECTION device show ${shellWord(name)})"`;
      return remedy(
        [`nmcli connection modify ${profile} +${family}.addresses ${written}`],
        [`nmcli connection modify ${profile} -${family}.addresses ${written}`],
      );
    }
    case 'ifcfg': {
      if (family === 'ipv6') return undefined;
      const file = `/etc/sysconfig/network-scripts/ifcfg-${name}:lvs`;
      const lines = [`DEVICE=${name}:lvs`, `IPADDR=${address}`, `PREFIX=${prefixLength}`, 'ONBOOT=yes'];
      return remedy(
        [`printf '%s\\n' ${lines.map(quotedWord).join(' ')} > ${shellWord(file)}`],
        [`rm -f ${shellWord(file)}`],
      );
    }
    case 'networkd': {
      const own = network.networkd?.find(({ names }) => names.includes(name))?.file;
      const file = own === undefined ? `/etc/systemd/network/${label}.network` : `${own}.d/lvs.conf`;
      const lines = [...(own === undefined ? ['[Match]', `Name=${name}`] : []), '[Address]', `Address=${written}`];
      return remedy(
        [
          `mkdir -p ${shellWord(file.slice(0, file.lastIndexOf('/')))}`,
          `printf '%s\\n' ${lines.map(quotedWord).join(' ')} >> ${shellWord(file)}`,
        ],
        [`rm -f ${shellWord(file)}`],
      );
    }
    case 'netplan': {
      const file = '/etc/netplan/90-lvs.yaml';
      const device = JSON.stringify(name);
      const text = `{network: {version: 2, ethernets: {${device}: {match: {name: ${device}}, addresses: ["${written}"]}}}}`;
      return remedy([`printf '%s\\n' ${quotedWord(text)} > ${file}`, `chmod 600 ${file}`], [`rm -f ${file}`]);
    }
    case undefined:
      return undefined;
  }
}

const interfacesFile = '/etc/network/interfaces';

/** Commands that add lines to interfaces(5), and those that take them back. An interface may have several stanzas. */
function appended(lines: readonly string[]): [commands: readonly string[], undo: readonly string[]] {
  return [
    [
      `cp -p ${interfacesFile} ${interfacesFile}.before-ipvet`,
      `printf '%s\\n' '' ${lines.map(quotedWord).join(' ')} >> ${interfacesFile}`,
    ],
    [`mv ${interfacesFile}.before-ipvet ${interfacesFile}`],
  ];
}

/** A default gateway in place of the one in the files. Undefined where nothing is known that would do it. */
export function keepGateway(
  host: string,
  network: PersistedNetwork,
  { gateway, interface: name }: { readonly gateway: string; readonly interface: string | undefined },
): Remedy | undefined {
  const manager = managerOf(network);
  const family = isIpv6(gateway) ? 'ipv6' : 'ipv4';
  const summary = `Have ${host} send through ${gateway} after every boot`;
  if (name === undefined) return undefined;
  if (manager === 'NetworkManager') {
    const profile = `"$(nmcli -g GENERAL.CONNECTION device show ${shellWord(name)})"`;
    const before = network.gateways[0]?.address ?? '';
    return {
      host,
      summary,
      commands: [`nmcli connection modify ${profile} ${family}.gateway ${shellWord(gateway)}`],
      undo: [`nmcli connection modify ${profile} ${family}.gateway ${quotedWord(before)}`],
    };
  }
  if (manager !== 'interfaces') return undefined;
  const inet = family === 'ipv6' ? 'inet6' : 'inet';
  const ip = family === 'ipv6' ? 'ip -6' : 'ip';
  const up = `    up ${ip} route replace default via ${gateway} dev ${name}`;
  const [commands, undo] = appended([`auto ${name}`, `iface ${name} ${inet} manual`, up]);
  return { host, summary, commands, undo };
}
