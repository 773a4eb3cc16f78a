/** The cluster file of the benchmark's hosts: host0 is the director, all others are real servers. */
import { stringify } from 'yaml';
import type { ClusterFile } from '../lib/model/cluster-file.ts';
import { SshdHosts } from './fanout-hosts.ts';

export function clusterText({ names, configFile }: SshdHosts): string {
  const [director = '', ...others] = names;
  const file: ClusterFile = {
    version: 1,
    name: 'bench',
    environment: 'lab',
    ssh: { config: configFile, parallel: names.length },
    directors: [{ name: director, dip: SshdHosts.address(0), interface: 'eth0' }],
    real_servers: others.map((name, index) => ({ name, rip: SshdHosts.address(index + 1), interface: 'eth0' })),
    clients: [{ name: 'client', host: 'localhost', cip: SshdHosts.clientAddress, interface: 'eth0' }],
    virtual_services: [
      { name: 'web', vip: SshdHosts.vip, port: 80, forwarding: 'dr', scheduler: 'rr', real_servers: 'all' },
    ],
  };
  return stringify(file);
}
