/**
 * What the network of a host is to have after the next boot. Where the program that brings the interface up is not known,
 * or has no place for it that is right on every host, the operator is told.
 */
import { isIpv6 } from './address.ts';
import { block, edit, type Lines, none, ownFile, profileItem, profileProperty } from './lasting-lines.ts';
import {
  addressesOf,
  by,
  dropIn,
  interfacesFile,
  type Lasting,
  type Persisted,
  type PlacedAddress,
  stanza,
} from './lasting-places.ts';
import { baseName, deviceOf, givenAtBoot, networkdFile } from './persisted-network.ts';
import { ipCommand, literal } from './remedies.ts';

interface Route {
  /** A prefix, or `default`. */
  readonly to: string;
  readonly gateway?: string | undefined;
  /** Undefined where the host did not say. */
  readonly interface: string | undefined;
  readonly source?: string;
  readonly advmss?: number;
}

type LinkSetting = { readonly mtu: number } | { readonly mac: string } | { readonly up: true };

/** An address. Where a file gives it already nothing has to be done. */
export function keepAddress(persisted: Persisted, { address, prefixLength, interface: name }: PlacedAddress): Lasting {
  const given = persisted === undefined ? [] : givenAtBoot(persisted, address, name);
  if (given.some((entry) => (entry.prefixLength ?? prefixLength) === prefixLength)) return none;
  const written = `${address}/${prefixLength}`;
  const six = isIpv6(address);
  // On lo nobody is asked whether another host has it, and nothing begins from it.
  const silent = six && name === 'lo';
  const what = `${written} on ${name}`;
  return by(
    persisted,
    { name, values: [address] },
    {
      interfaces: () =>
        stanza(
          name,
          six,
          what,
          `ip address add ${written} dev ${name}${silent ? ' nodad preferred_lft 0' : ''} || true`,
        ),
      networkd: (network) =>
        dropIn(network, name, address, [
          '[Address]',
          `Address=${written}`,
          ...(silent ? ['DuplicateAddressDetection=none', 'PreferredLifetime=0'] : []),
        ]),
      NetworkManager: () =>
        name === 'lo' ? dummy(address, written) : profileItem(name, addressesOf(address), written),
      ifcfg: () => (six ? undefined : ifcfgAlias(name, address, prefixLength)),
      netplan: () =>
        name === 'lo' ? netplanAddress(address, silent ? `{"${written}": {lifetime: 0}}` : `"${written}"`) : undefined,
    },
  );
}

/** NetworkManager before 1.42 leaves lo alone, so it gets an interface that comes from nowhere. */
function dummy(address: string, written: string): Lines {
  const family = isIpv6(address) ? 'ipv6' : 'ipv4';
  const profile = `lvs-${address}`;
  return {
    commands: [
      `nmcli connection show ${profile} >/dev/null 2>&1 || nmcli connection add type dummy ifname lvs-${tail(address)} con-name ${profile} ` +
        `${family}.method manual ${family}.addresses ${written}`,
    ],
    undo: [`nmcli connection delete ${profile}`],
  };
}

/** Four hexadecimal digits of its end: names of interfaces have 15 characters at most. */
function tail(address: string): string {
  const [low = 0, high = 0] = address.includes(':')
    ? [Number.parseInt(address.slice(address.lastIndexOf(':') + 1) || '0', 16)]
    : address.split('.').map(Number).toReversed();
  return (high * 256 + low).toString(16).padStart(4, '0');
}

function ifcfgAlias(name: string, address: string, prefixLength: number): Lines | undefined {
  const alias = `${name}:${tail(address)}`;
  if (alias.length > 15) return undefined;
  return ownFile(`/etc/sysconfig/network-scripts/ifcfg-${alias}`, [
    `DEVICE=${alias}`,
    `IPADDR=${address}`,
    `PREFIX=${prefixLength}`,
    'ONBOOT=yes',
  ]);
}

function netplanAddress(address: string, written: string): Lines {
  const text = `{network: {version: 2, ethernets: {lo: {match: {name: lo}, addresses: [${written}]}}}}`;
  return ownFile(`/etc/netplan/90-lvs-${address.replaceAll(':', '-')}.yaml`, [text], { mode: '600' });
}

/** An IPv6 address that nothing begins from. Only ifupdown has a place for that beside a line that is there already. */
export function keepDeprecated(
  persisted: Persisted,
  { address, prefixLength, interface: name }: PlacedAddress,
): Lasting {
  const what = `${address} on ${name} for answers only`;
  const words = `${address}/${prefixLength} dev ${name} preferred_lft 0`;
  return by(
    persisted,
    { name, values: [address] },
    { interfaces: () => stanza(name, true, what, `ip -6 address change ${words} || true`) },
  );
}

/** A route that no file has. */
export function keepRoute(persisted: Persisted, route: Route): Lasting {
  const { to, gateway, interface: name, source, advmss } = route;
  if (name === undefined) return { byHand: `the route to ${to}, as its interface is not known` };
  const six = isIpv6(gateway ?? source ?? to.replace(/\/.*$/, ''));
  const via = gateway === undefined ? '' : ` via ${gateway}`;
  const src = source === undefined ? '' : ` src ${source}`;
  const words = `${to}${via} dev ${name}${src}${advmss === undefined ? '' : ` advmss ${advmss}`}`;
  const what = `route ${words}`;
  const values = [to.replace(/\/\d+$/, ''), ...(gateway === undefined ? [] : [gateway])].filter(
    (each) => each !== 'default',
  );
  // A second default route beside the one that the files have may or may not count.
  const more = to === 'default' ? () => undefined : undefined;
  return by(
    persisted,
    { name, values },
    {
      interfaces: () => stanza(name, six, what, `${six ? 'ip -6' : 'ip'} route replace ${words} || true`),
      networkd:
        more ??
        ((network) =>
          dropIn(network, name, `route-${to.replace('/', '-')}`, [
            '[Route]',
            `Destination=${to}`,
            ...(gateway === undefined ? ['Scope=link'] : [`Gateway=${gateway}`]),
            ...(source === undefined ? [] : [`PreferredSource=${source}`]),
          ])),
      NetworkManager:
        more ??
        (() =>
          profileItem(
            name,
            `${six ? 'ipv6' : 'ipv4'}.routes`,
            `${to}${gateway === undefined ? '' : ` ${gateway}`}${source === undefined ? '' : ` src=${source}`}`,
          )),
      ifcfg: more ?? (() => block(`/etc/sysconfig/network-scripts/route${six ? '6' : ''}-${name}`, what, [words])),
    },
  );
}

/** A rule that chooses the main table for what has the source; `name` is the interface it comes and goes with. */
export function keepMainTableRule(persisted: Persisted, source: string, name: string | undefined): Lasting {
  if (name === undefined) return { byHand: `the rule for ${source}, as its interface is not known` };
  const ip = ipCommand(source);
  const words = `from ${source} lookup main pref 100`;
  return by(
    persisted,
    { name, values: [source] },
    {
      interfaces: () =>
        stanza(
          name,
          isIpv6(source),
          `rule from ${source}`,
          `${ip} rule del ${words} 2>/dev/null || true; ${ip} rule add ${words} || true`,
        ),
      networkd: (network) =>
        dropIn(network, name, `rule-${source}`, ['[RoutingPolicyRule]', `From=${source}`, 'Table=254', 'Priority=100']),
      NetworkManager: () =>
        profileItem(name, `${isIpv6(source) ? 'ipv6' : 'ipv4'}.routing-rules`, `priority 100 from ${source} table 254`),
    },
  );
}

/** A setting of a link in place of what the files say. */
export function keepLink(persisted: Persisted, name: string, setting: LinkSetting): Lasting {
  if ('up' in setting) return keepUp(persisted, name);
  const [word, value, section, property, variable] =
    'mtu' in setting
      ? (['mtu', String(setting.mtu), 'MTUBytes', '802-3-ethernet.mtu', 'MTU'] as const)
      : (['address', setting.mac, 'MACAddress', '802-3-ethernet.cloned-mac-address', 'MACADDR'] as const);
  return by(
    persisted,
    { name, values: [] },
    {
      interfaces: () =>
        stanza(name, false, `${word} ${value} of ${name}`, `ip link set dev ${name} ${word} ${value} || true`),
      networkd: (network) => dropIn(network, name, word, ['[Link]', `${section}=${value}`]),
      NetworkManager: () => profileProperty(name, property, value),
      ifcfg: (network) => {
        const file = `/etc/sysconfig/network-scripts/ifcfg-${name}`;
        return network.files.includes(file)
          ? block(file, `${word} ${value} of ${name}`, [`${variable}=${value}`])
          : undefined;
      },
    },
  );
}

/** The card merges no packets. systemd-networkd leaves that to udev, whose file for it would name the card anew. */
export function keepReceiveOffloadOff(persisted: Persisted, name: string): Lasting {
  return by(
    persisted,
    { name, values: [] },
    {
      interfaces: () => stanza(name, false, `lro off on ${name}`, `ethtool -K ${name} lro off || true`),
      NetworkManager: () => profileProperty(name, 'ethtool.feature-lro', 'off'),
    },
  );
}

/** An interface that the files bring up anyway needs nothing. */
function keepUp(persisted: Persisted, name: string): Lasting {
  const named = persisted?.addresses.filter(({ interface: own = '' }) => deviceOf(own) === name) ?? [];
  const dynamic = persisted?.dynamic?.some(({ interface: own }) => own === name) === true;
  const unit = persisted === undefined ? undefined : networkdFile(persisted, name);
  const isWaiting = named.length > 0 && named.every(({ atBoot }) => atBoot === false);
  if (!isWaiting && (named.length > 0 || dynamic || (unit !== undefined && !unit.file.startsWith('/usr/lib/'))))
    return none;
  return by(
    persisted,
    { name, values: [] },
    {
      interfaces: () =>
        isWaiting
          ? block(interfacesFile, `${name} at boot`, [`auto ${name}`])
          : stanza(name, false, `${name} up`, `ip link set ${name} up || true`),
      // A link that it has a file for is brought up.
      networkd: (source) => dropIn(source, name, 'up', ['[Link]', 'RequiredForOnline=no']),
      NetworkManager: () =>
        ownFile(
          `/etc/NetworkManager/dispatcher.d/50-ipvet-${name}-up`,
          ['#!/bin/sh', `if [ "$2" = up ]; then ip link set ${name} up; fi`],
          { mode: '755' },
        ),
    },
  );
}

/** A default gateway in place of the one in the files. */
export function keepGateway(persisted: Persisted, gateway: string, name: string | undefined): Lasting {
  if (name === undefined) return { byHand: `the gateway ${gateway}, as its interface is not known` };
  const six = isIpv6(gateway);
  const property = `${six ? 'ipv6' : 'ipv4'}.gateway`;
  const what = `default gateway ${gateway}`;
  return by(
    persisted,
    { name, values: [gateway] },
    {
      interfaces: () =>
        stanza(name, six, what, `${six ? 'ip -6' : 'ip'} route replace default via ${gateway} dev ${name} || true`),
      // A profile that asks DHCP takes no gateway of its own.
      NetworkManager: ({ dynamic = [] }) =>
        dynamic.some(({ interface: own = name }) => own === name)
          ? undefined
          : profileProperty(name, property, gateway),
      networkd: (network) => {
        const own = networkdFile(network, name)?.file ?? '';
        const former = network.gateways.filter(
          ({ file, address }) => (file === own || file.includes(`/${baseName(own)}.d/`)) && isIpv6(address) === six,
        );
        const [first, second] = former;
        if (first === undefined) return dropIn(network, name, 'gateway', ['[Network]', `Gateway=${gateway}`]);
        if (second !== undefined || first.standard !== true || !first.file.startsWith('/etc/')) return undefined;
        const line = `Gateway[[:space:]]*=[[:space:]]*${literal(first.address)}`;
        return edit(first.file, what, { line, part: first.address, becomes: gateway });
      },
      ifcfg: (network) => {
        const file = `/etc/sysconfig/network-scripts/ifcfg-${name}`;
        return !six && network.files.includes(file) ? block(file, what, [`GATEWAY=${gateway}`]) : undefined;
      },
    },
  );
}
