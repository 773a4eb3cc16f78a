/**
 * The networks of a lab: one switch namespace holding bridges, a named namespace for each host of kind netns, taps and
 * veth pairs between them. Nothing is ever made in this machine's own network namespace, and no bridge has an address.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { IpvetError } from '../lib/errors.ts';
import { run } from './commands.ts';
import type { LabHostSpec } from './hosts/host.ts';
import { namespaceOf, switchOf } from './state.ts';
import type { Topology } from './topologies/topology.ts';

const NAMESPACES = '/run/netns';

export const namespaceFile = (namespace: string): string => path.join(NAMESPACES, namespace);

/** Names of everything `makeNetwork` makes outside the switch: what has to be recorded before. */
export function namespacesOf(lab: string, topology: Topology): string[] {
  const hosts = topology.hosts.filter(({ kind }) => kind === 'netns').map(({ name }) => namespaceOf(lab, name));
  return [switchOf(lab), ...hosts];
}

/** Throws LAB when a namespace is there that no state of ours accounts for. */
export function checkNamespacesFree(namespaces: readonly string[]): void {
  const taken = namespaces.find((namespace) => existsSync(namespaceFile(namespace)));
  if (taken === undefined) return;
  throw new IpvetError('LAB', `network namespace ${taken} exists, and no lab recorded here made it`, {
    hint: 'a lab of this name may be up under another XDG_STATE_HOME; choose another --name',
  });
}

/** The port of a host's interface in the switch; at most 15 characters (IFNAMSIZ). */
export const portOf = (host: string, networkInterface: string): string => `${host}-${networkInterface}`;

/** `ip -batch` lines for the switch. Ends of veth pairs are born in the namespace of their host. */
export function switchLines(lab: string, topology: Topology): string[] {
  const bridges = topology.bridges.flatMap((bridge) => [
    `link add name ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `link set ${bridge} up`,
  ]);
  const ports = topology.hosts.flatMap((host) =>
    host.interfaces.flatMap(({ name, bridge, mac }) => {
      const port = portOf(host.name, name);
      const peer = `peer name ${name} address ${mac} netns ${namespaceOf(lab, host.name)}`;
      return [
        host.kind === 'netns' ? `link add ${port} type veth ${peer}` : `tuntap add name ${port} mode tap`,
        `link set ${port} master ${bridge} up`,
      ];
    }),
  );
  return ['link set lo up', ...bridges, ...ports];
}

/** `ip -batch` lines for the inside of a host of kind netns. */
export function hostLines({ interfaces, gateway, routes }: LabHostSpec): string[] {
  return [
    'link set lo up',
    ...interfaces.flatMap(({ name, addresses }) => [
      `link set ${name} up`,
      ...addresses.map((address) => `address add ${address} dev ${name}`),
    ]),
    ...routes.map((route) => `route add ${route}`),
    ...(gateway === undefined ? [] : [`route add default via ${gateway}`]),
  ];
}

/**
 * Sysctls come first, so that interfaces are born with them: no IPv6 neighbour and router noise, no packet filter of
 * this machine under the bridges.
 */
const SWITCH_SCRIPT = `
for file in ipv6/conf/all/disable_ipv6:1 ipv6/conf/default/disable_ipv6:1 \
    bridge/bridge-nf-call-iptables:0 bridge/bridge-nf-call-ip6tables:0 bridge/bridge-nf-call-arptables:0; do
  if [ -e "/proc/sys/net/\${file%:*}" ]; then echo "\${file#*:}" > "/proc/sys/net/\${file%:*}"; fi
done
exec ip -batch -`;

/** Makes what `namespacesOf` names and plugs everything in. Throws LAB with what `ip` said. */
export async function makeNetwork(lab: string, topology: Topology): Promise<void> {
  const lines = namespacesOf(lab, topology).map((namespace) => `netns add ${namespace}\n`);
  await run(['ip', '-batch', '-'], lines.join(''));
  const batch = `${switchLines(lab, topology).join('\n')}\n`;
  await run(['ip', 'netns', 'exec', switchOf(lab), 'sh', '-euc', SWITCH_SCRIPT], batch);
}

/**
 * What `ip netns exec` lays over /etc (ip-netns(8)): programs of this machine inside the client's network ask the lab's
 * name server and know the lab's hosts.
 */
export function writeNamespaceFiles(namespace: string, host: LabHostSpec): void {
  const directory = path.join('/etc/netns', namespace);
  mkdirSync(directory, { recursive: true });
  for (const file of host.files) {
    if (file.path === '/etc/hosts' || file.path === '/etc/resolv.conf') {
      writeFileSync(path.join(directory, path.basename(file.path)), file.content, { mode: file.mode });
    }
  }
}

/** Takes away those of the namespaces that exist, and their files. Interfaces in them go with them. */
export async function removeNamespaces(namespaces: readonly string[]): Promise<void> {
  const present = namespaces.filter((namespace) => existsSync(namespaceFile(namespace)));
  if (present.length > 0) {
    await run(['ip', '-batch', '-'], present.map((namespace) => `netns delete ${namespace}\n`).join(''));
  }
  for (const namespace of namespaces) rmSync(path.join('/etc/netns', namespace), { recursive: true, force: true });
}

/** Pids of all processes in a namespace; none when it does not exist. */
export async function processesIn(namespace: string): Promise<number[]> {
  if (!existsSync(namespaceFile(namespace))) return [];
  const pids = await run(['ip', 'netns', 'pids', namespace]);
  return pids
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}
