/** The files that make a host out of the common root: laid over it before the host boots. */
import { createHash } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import path from 'node:path';

import type { LabHostSpec } from './host.ts';
import { layFiles } from './layer.ts';

type LabFile = LabHostSpec['files'][number];

/** /etc/network/interfaces as an operator of this host would have written it (interfaces(5)). */
export function interfacesFile({ interfaces, gateway, routes }: LabHostSpec): string {
  const stanzas = interfaces.map(({ name, addresses }, index) => {
    const [primary, ...others] = addresses;
    const last = index === interfaces.length - 1;
    return [
      `auto ${name}`,
      ...(primary === undefined
        ? [`iface ${name} inet manual`]
        : [`iface ${name} inet static`, `    address ${primary}`]),
      ...(gateway !== undefined && carries(addresses, gateway) ? [`    gateway ${gateway}`] : []),
      ...others.map((address) => `    up ip address add ${address} dev ${name}`),
      ...(last ? routes.map((route) => `    up ip route add ${route}`) : []),
    ].join('\n');
  });
  return `${['auto lo\niface lo inet loopback', ...stanzas].join('\n\n')}\n`;
}

/** The same as lines for `ip -batch`. */
export function interfacesBatch({ interfaces, gateway, routes }: LabHostSpec): string {
  const lines = [
    'link set lo up',
    ...interfaces.flatMap(({ name, addresses }) => [
      ...addresses.map((address) => `address add ${address} dev ${name}`),
      `link set ${name} up`,
    ]),
    ...(gateway === undefined ? [] : [`route add default via ${gateway}`]),
    ...routes.map((route) => `route add ${route}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether an address lies in one of the networks. */
function carries(addresses: readonly string[], address: string): boolean {
  const bits = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return addresses.some((own) => {
    const [ip = '', length = '32'] = own.split('/');
    const size = 2 ** (32 - Number(length));
    return Math.floor(bits(ip) / size) === Math.floor(bits(address) / size);
  });
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
    ...spec.files,
  ];
}

/** Writes them below `directory`, which is mounted over the root, and enables the services. */
export async function layHost(spec: LabHostSpec, root: string, directory: string): Promise<void> {
  const makeDirectory = layFiles(hostFiles(spec), root, directory);
  const wants = '/etc/systemd/system/multi-user.target.wants';
  makeDirectory(wants);
  for (const service of ['networking', ...spec.services]) {
    const target = `/etc/systemd/system/${service}.service`;
    await symlink(target, path.join(directory, wants, `${service}.service`));
  }
}
