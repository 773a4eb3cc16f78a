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
  return ['link set lo up', ...bridges, ...topology.hosts.flatMap((host) => portLines(lab, host))];
}

function portLines(lab: string, { name: host, kind, interfaces }: LabHostSpec): string[] {
  return interfaces.flatMap(({ name, bridge, mac }) => {
    const port = portOf(host, name);
    const peer = `peer name ${name} address ${mac} netns ${namespaceOf(lab, host)}`;
    return [
      kind === 'netns' ? `link add ${port} type veth ${peer}` : `tuntap add name ${port} mode tap`,
      `link set ${port} master ${bridge} up`,
    ];
  });
}

/** `ip -batch` lines for the inside of a host of kind netns. */
export function hostLines({ interfaces, ...spec }: LabHostSpec): string[] {
  return [
    'link set lo up',
    ...interfaces.flatMap(({ name, addresses }) => [
      `link set ${name} up`,
      ...addresses.map((address) => `address add ${address} dev ${name}`),
    ]),
    ...ownInterfaceLines(spec),
    ...spec.routes.map((route) => `route add ${route}`),
    ...gatewayLines(spec),
  ];
}

/** `ip -batch` lines for the interfaces that no cable goes to. */
export function ownInterfaceLines({
  loopback = [],
  tunnels = [],
}: Pick<LabHostSpec, 'loopback' | 'tunnels'>): string[] {
  return [
    ...loopback.map((address) => `address add ${address} dev lo`),
    ...tunnels.flatMap(({ name, mtu, addresses }) => [
      `link set ${name} mtu ${mtu} up`,
      ...addresses.map((address) => `address add ${address} dev ${name}`),
    ]),
  ];
}

/** `ip -batch` lines for the default route. */
export const gatewayLines = ({ gateway, gatewayOptions }: Pick<LabHostSpec, 'gateway' | 'gatewayOptions'>): string[] =>
  gateway === undefined
    ? []
    : [['route add default via', gateway, ...(gatewayOptions === undefined ? [] : [gatewayOptions])].join(' ')];

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

/**
 * What of a host's network goes with its power: nothing where it has a kernel of its own, else its namespace and the
 * pairs of interfaces that end in it. Nothing happens when they are gone already.
 */
export async function unplugHost(lab: string, host: LabHostSpec): Promise<void> {
  if (host.kind !== 'netns') return;
  const namespace = namespaceOf(lab, host.name);
  if (!existsSync(namespaceFile(namespace))) return;
  // By name: a process of somebody else in there keeps the namespace, and with it the other ends, until it ends. One
  // that is gone already is as good.
  const ports = portsOf(host).map(({ name }) => `link delete ${name}\n`);
  await run(['ip', '-netns', switchOf(lab), '-force', '-batch', '-'], ports.join('')).catch(() => undefined);
  await run(['ip', 'netns', 'delete', namespace]);
}

/** Makes again what `unplugHost` took. Throws LAB. */
export async function plugHost(lab: string, host: LabHostSpec): Promise<void> {
  const namespace = namespaceOf(lab, host.name);
  if (host.kind !== 'netns' || existsSync(namespaceFile(namespace))) return;
  await run(['ip', 'netns', 'add', namespace]);
  await inSwitch(lab, portLines(lab, host));
}

/** An interface of a host, at its end in the switch. */
interface Port {
  readonly name: string;
  readonly bridge: string;
}

export const portsOf = ({ name: host, interfaces }: LabHostSpec): Port[] =>
  interfaces.map(({ name, bridge }) => ({ name: portOf(host, name), bridge }));

/**
 * Pulls cables out of the switch: what comes from them goes nowhere. The ports stay up, because a UML guest that cannot
 * write to its tap gives the interface up for good; a host sees silence, and no loss of carrier. Throws LAB.
 */
export const unplugPorts = (lab: string, ports: readonly Port[]): Promise<void> =>
  inSwitch(
    lab,
    ports.map(({ name }) => `link set ${name} nomaster`),
  );

/** Takes `unplugPorts` back. Throws LAB. */
export const plugPorts = (lab: string, ports: readonly Port[]): Promise<void> =>
  inSwitch(
    lab,
    ports.map(({ name, bridge }) => `link set ${name} master ${bridge}`),
  );

/** Words after `ip link set dev PORT`, such as `type bridge_slave mcast_flood off`. Throws LAB. */
export const wordsToPorts = (lab: string, ports: readonly Port[], words: string): Promise<void> =>
  inSwitch(
    lab,
    ports.map(({ name }) => `link set dev ${name} ${words}`),
  );

async function inSwitch(lab: string, lines: readonly string[]): Promise<void> {
  await run(['ip', '-netns', switchOf(lab), '-batch', '-'], `${lines.join('\n')}\n`);
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
