/** The files that make a host out of the common root: laid over it before the host boots. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { BlockList } from 'node:net';
import path from 'node:path';

import { gatewayLines, ownInterfaceLines } from '../network.ts';
import type { LabHostSpec } from './host.ts';
import { layFiles } from './layer.ts';

type LabFile = LabHostSpec['files'][number];

/** /etc/network/interfaces as an operator of this host would have written it (interfaces(5)). */
export function interfacesFile({ interfaces, loopback = [], tunnels = [], ...spec }: LabHostSpec): string {
  const { gateway, gatewayOptions, routes } = spec;
  const added = (name: string, addresses: readonly string[]) =>
    addresses.map((address) => `    up ip address add ${address} dev ${name}`);
  const stanzas = interfaces.map(({ name, addresses }, index) => {
    const [primary, ...others] = addresses;
    const last = index === interfaces.length - 1;
    const gatewayHere = gateway !== undefined && carries(addresses, gateway);
    return [
      `auto ${name}`,
      ...(primary === undefined
        ? [`iface ${name} inet manual`]
        : [`iface ${name} ${family(primary)} static`, `    address ${primary}`]),
      ...(gatewayHere && gatewayOptions === undefined ? [`    gateway ${gateway}`] : []),
      ...added(name, others),
      ...(gatewayHere && gatewayOptions !== undefined
        ? [`    up ip route add default via ${gateway} ${gatewayOptions}`]
        : []),
      ...(last ? routes.map((route) => `    up ip route add ${route}`) : []),
    ].join('\n');
  });
  const tunnelStanzas = tunnels.map(({ name, mtu, addresses }) =>
    [
      `auto ${name}`,
      `iface ${name} inet manual`,
      `    up ip link set ${name} mtu ${mtu} up`,
      ...added(name, addresses),
    ].join('\n'),
  );
  const lo = ['auto lo', 'iface lo inet loopback', ...added('lo', loopback)].join('\n');
  return `${[lo, ...stanzas, ...tunnelStanzas].join('\n\n')}\n`;
}

/** The same as lines for `ip -batch`. */
export function interfacesBatch({ interfaces, ...spec }: LabHostSpec): string {
  const lines = [
    'link set lo up',
    ...interfaces.flatMap(({ name, addresses }) => [
      ...addresses.map((address) => `address add ${address} dev ${name}`),
      `link set ${name} up`,
    ]),
    ...ownInterfaceLines(spec),
    ...gatewayLines(spec),
    ...spec.routes.map((route) => `route add ${route}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const family = (address: string): 'inet' | 'inet6' => (address.includes(':') ? 'inet6' : 'inet');

/** Whether an address lies in one of the networks. */
function carries(addresses: readonly string[], address: string): boolean {
  const networks = new BlockList();
  const version = (text: string) => (text.includes(':') ? 'ipv6' : 'ipv4');
  for (const own of addresses) {
    const [ip = '', length = ''] = own.split(/[/ ]/);
    networks.addSubnet(ip, Number(length), version(ip));
  }
  return networks.check(address, version(address));
}

/** Everything a host has of its own: what the specification says and what follows from it. */
export function hostFiles(spec: LabHostSpec): LabFile[] {
  const file = (name: string, content: string): LabFile => ({ path: name, mode: 0o644, content });
  return [
    file('/etc/hostname', `${spec.name}\n`),
    // Without one systemd takes the boot for the first of a new machine and sets up everything again.
    file('/etc/machine-id', `${createHash('md5').update(`ipvet lab ${spec.name}`).digest('hex')}\n`),
    file('/etc/network/interfaces', interfacesFile(spec)),
    file('/etc/network/interfaces.batch', interfacesBatch(spec)),
    ...(spec.modules ?? []).map((name) => file(`/etc/modules-load.d/${name}.conf`, `${name}\n`)),
    ...spec.files,
  ];
}

/** Writes them below `directory`, which is mounted over the root, and enables the services: the lab's units, else Debian's. */
export async function layHost(spec: LabHostSpec, root: string, directory: string): Promise<void> {
  const makeDirectory = layFiles(hostFiles(spec), root, directory);
  const wants = '/etc/systemd/system/multi-user.target.wants';
  makeDirectory(wants);
  for (const service of ['networking', ...spec.services]) {
    const own = `/etc/systemd/system/${service}.service`;
    const target = existsSync(path.join(root, own)) ? own : `/lib/systemd/system/${service}.service`;
    await symlink(target, path.join(directory, wants, `${service}.service`));
  }
}
