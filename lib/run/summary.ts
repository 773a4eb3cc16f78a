import { type Cluster, hostsOf } from '../model/cluster.ts';
import type { ClusterSummary } from '../model/run-record.ts';

/** What a reader of the record needs of the cluster file: no user, key or path of this machine. */
export function summaryOf(cluster: Cluster): ClusterSummary {
  return {
    name: cluster.name,
    environment: cluster.environment,
    ...(cluster.lines === undefined ? {} : { file: cluster.lines.file }),
    hosts: hostsOf(cluster).map((host) => ({
      name: host.name,
      role: host.role,
      address: host.role === 'director' ? host.dip : host.role === 'real-server' ? host.rip : host.cip,
      ...lineOf(cluster.lines?.hosts, host.name),
    })),
    services: cluster.virtualServices.map(({ name, vip, port, protocol, forwarding, scheduler, destinations }) => ({
      name,
      vip,
      port,
      protocol,
      forwarding,
      scheduler,
      realServers: destinations.map(({ realServer, port: realPort, weight }) => ({
        name: realServer.name,
        address: `${realServer.rip}:${realPort}`,
        weight,
      })),
      ...lineOf(cluster.lines?.services, name),
    })),
  };
}

function lineOf(lines: ReadonlyMap<string, number> | undefined, name: string): { readonly line?: number } {
  const line = lines?.get(name);
  return line === undefined ? {} : { line };
}
