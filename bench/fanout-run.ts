/**
 * What one run of ours does with many hosts: connect to all of them, and ask each one something. Also a program of its
 * own, so that a fresh process can be timed: `fanout-run CONFIG COUNT facts|true`.
 */
import { fileURLToPath } from 'node:url';
import { collectFacts } from '../lib/facts/collect.ts';
import { collectors } from '../lib/facts/index.ts';
import { questionsFor } from '../lib/facts/questions.ts';
import type { Client, Cluster, Director, RealServer } from '../lib/model/cluster.ts';
import { hostsOf } from '../lib/model/cluster.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';

export type Question = 'facts' | 'true';

export interface FanoutTimes {
  readonly connectedMs: number;
  readonly totalMs: number;
}

/** Connects to every host, asks it, and closes. Throws when one does not answer. */
export async function askAll(configFile: string, names: readonly string[], question: Question): Promise<FanoutTimes> {
  const cluster = clusterOf(configFile, names);
  const { signal } = new AbortController();
  const startedAtMs = performance.now();
  const fleet = connectFleet(cluster, { signal });
  let connectedMs = 0;
  await Promise.all(
    hostsOf(cluster).map(async (declaration) => {
      const host = await fleet.host(declaration.name);
      connectedMs = performance.now() - startedAtMs;
      if (question === 'true') await host.exec(['true']);
      else {
        const facts = collectors.map(({ fact }) => fact);
        const report = await collectFacts(host, questionsFor(cluster, declaration, facts), { signal });
        if (report.facts.os?.known !== true) throw new Error(`${declaration.name} did not tell what it is`);
      }
    }),
  );
  await fleet.close();
  return { connectedMs, totalMs: performance.now() - startedAtMs };
}

/** One director, one client, and real servers; every address is of loopback, and nothing listens on the service's port. */
function clusterOf(configFile: string, names: readonly string[]): Cluster {
  const [directorName = 'host0', clientName = 'host1', ...others] = names;
  const director: Director = {
    role: 'director',
    name: directorName,
    host: directorName,
    dip: '127.0.0.1',
    interface: 'lo',
    vipInterface: 'lo',
  };
  const client: Client = { role: 'client', name: clientName, host: clientName, cip: '127.0.0.2' };
  const realServers = others.map((name, index): RealServer => ({
    role: 'real-server',
    name,
    host: name,
    rip: `127.0.0.${index + 3}`,
    weight: 1,
  }));
  return {
    name: 'bench',
    environment: 'lab',
    file: configFile,
    ssh: { become: 'none', parallel: 16, configFile },
    directors: [director],
    realServers,
    clients: [client],
    dns: [],
    virtualServices: [
      {
        name: 'web',
        vip: '127.0.0.250',
        port: 9,
        protocol: 'tcp',
        forwarding: 'nat',
        scheduler: 'rr',
        persistenceS: 0,
        destinations: realServers.map((realServer) => ({ realServer, port: 9, weight: 1 })),
        health: { httpPath: '/', expectStatus: 200 },
        identifyBy: { kind: 'none' },
      },
    ],
    rules: { managedBy: 'none' },
    loadProfiles: [],
    thresholds: [],
    waivers: [],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , configFile = '', count = '20', question = 'facts'] = process.argv;
  const names = Array.from({ length: Number(count) }, (_, index) => `host${index}`);
  const times = await askAll(configFile, names, question === 'true' ? 'true' : 'facts');
  process.stdout.write(`${JSON.stringify(times)}\n`);
}
