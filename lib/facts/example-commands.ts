/** The command behind each fact as the field writes it, with VIP, RIP and CIP in place of addresses. */
import type { Cluster, ClusterHost, HostRole } from '../model/cluster.ts';
import type { HostFactName } from '../model/facts.ts';
import { collectors } from './index.ts';
import { type FactQuestions, questionsFor } from './questions.ts';

const director = {
  role: 'director',
  name: 'DIRECTOR',
  host: 'DIRECTOR',
  dip: 'DIP',
  interface: 'DEV',
  vipInterface: 'DEV',
} as const;
const realServer = { role: 'real-server', name: 'RS', host: 'RS', rip: 'RIP', interface: 'DEV', weight: 1 } as const;
const client = { role: 'client', name: 'CLIENT', host: 'CLIENT', cip: 'CIP', interface: 'DEV' } as const;
const cluster: Cluster = {
  name: 'example',
  environment: 'preprod',
  file: 'cluster.yaml',
  ssh: { become: 'sudo', parallel: 16 },
  directors: [director],
  realServers: [realServer],
  clients: [client],
  dns: [{ name: 'NAME', address: 'VIP' }],
  virtualServices: [
    {
      name: 'SERVICE',
      vip: 'VIP',
      port: 80,
      protocol: 'tcp',
      forwarding: 'dr',
      scheduler: 'SCHEDULER',
      persistenceS: 0,
      destinations: [{ realServer, port: 80, weight: 1 }],
      health: { httpPath: '/', expectStatus: 200 },
      identifyBy: { kind: 'none' },
    },
  ],
  rules: { managedBy: 'ipvsadm' },
  loadProfiles: [],
  thresholds: [],
  waivers: [],
  checks: { profile: 'standard', custom: [] },
};
const hosts: Readonly<Record<HostRole, ClusterHost>> = { director, 'real-server': realServer, client };

/** What an operator would type on a host of that role. */
export function exampleCommand(fact: HostFactName, role: HostRole): string {
  const collector = collectors.find((one) => one.fact === fact);
  return collector?.command(exampleQuestions(role)) ?? '';
}

/** What a host of that role of the example cluster is asked. */
export function exampleQuestions(role: HostRole): FactQuestions {
  return questionsFor(cluster, hosts[role], []);
}
