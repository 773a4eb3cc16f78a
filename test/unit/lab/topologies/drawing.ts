/** What tests of every topology ask of it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { clusterFileText } from '../../../../lab/cluster-file.ts';
import { interfacesFile } from '../../../../lab/hosts/uml-files.ts';
import { portOf } from '../../../../lab/network.ts';
import { MAX_REAL_SERVERS } from '../../../../lab/topologies/hosts.ts';
import type { Topology } from '../../../../lab/topologies/topology.ts';
import { loadCluster } from '../../../../lib/config/load.ts';
import { IpvetError } from '../../../../lib/errors.ts';
import type { Cluster } from '../../../../lib/model/cluster.ts';

export const kinds = { client: 'netns', infrastructure: 'netns', director: 'uml', 'real-server': 'uml' } as const;

export const fileOf = (topology: Topology, host: string, file: string): string | undefined =>
  topology.hosts.find(({ name }) => name === host)?.files.find((each) => each.path === file)?.content;

/** What a host boots with, as /etc/network/interfaces says. */
export function interfacesOf(topology: Topology, host: string): string {
  const spec = topology.hosts.find(({ name }) => name === host);
  if (spec === undefined) throw new Error(`no ${host}`);
  return interfacesFile(spec);
}

/** By host: every address with its interface, then the gateway. */
export const drawn = ({ hosts }: Topology): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    hosts.map(({ name, interfaces, loopback = [], tunnels = [], gateway }) => [
      name,
      [
        ...[...interfaces, { name: 'lo', addresses: loopback }, ...tunnels].flatMap((each) =>
          each.addresses.map((address) => `${each.name} ${address}`),
        ),
        gateway ?? '-',
      ],
    ]),
  );

/** Addresses on cables, MACs, ports, and the tables of hosts, for any number of real servers. */
export function expectSound(of: (realServers: number) => Topology, least = 1): void {
  for (const count of [least, 3, 25, MAX_REAL_SERVERS]) {
    const topology = of(count);
    const cables = topology.hosts.flatMap((host) =>
      host.interfaces.map((each) => ({ ...each, port: portOf(host.name, each.name) })),
    );
    const addresses = cables.flatMap((each) => each.addresses.map((address) => address.split('/')[0]));
    for (const each of [addresses, cables.map(({ mac }) => mac), cables.map(({ port }) => port)]) {
      expect(new Set(each)).to.have.lengthOf(each.length);
    }
    for (const { mac, port, bridge } of cables) {
      expect(mac).to.match(/^02(:[0-9a-f]{2}){5}$/);
      expect(port).to.have.length.below(16);
      expect(bridge).to.have.length.below(16);
      expect(topology.bridges).to.include(bridge);
    }
    const tables = topology.hosts.map(({ name }) => fileOf(topology, name, '/etc/hosts'));
    expect(new Set(tables)).to.have.lengthOf(1);
    expect(Object.keys(topology.addresses)).to.have.members(topology.hosts.map(({ name }) => name));
  }
  for (const count of [least - 1, 1.5, MAX_REAL_SERVERS + 1, Number.NaN]) {
    expect(() => of(count)).to.throw(IpvetError, new RegExp(`a lab has ${least} to 100 real servers`));
  }
}

/** Its cluster file as the product reads it. */
export async function clusterOf(topology: Topology): Promise<Cluster> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ipvet-topology-'));
  try {
    const file = path.join(directory, 'cluster.yaml');
    await writeFile(path.join(directory, 'ssh_config'), '');
    await writeFile(file, clusterFileText('blue', topology));
    return await loadCluster(file);
  } finally {
    await rm(directory, { recursive: true });
  }
}
