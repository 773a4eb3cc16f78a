import { Command } from 'commander';

import { IpvetError } from '../lib/errors.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import type { Tier } from '../lib/model/tier.ts';
import { runAllowed } from './allowed-run.ts';
import { clusterOf, type GlobalOptions, globalOptions, withDryRun } from './options.ts';

export function acceptCommand(): Command {
  return withDryRun(new Command('accept'))
    .description('everything in order: prerequisites, rules, load, distribution, diagnosis; one verdict, one report')
    .action(async (_options: unknown, command: Command) => {
      const options = globalOptions(command);
      await accept(await clusterOf(options), options, 'accept');
    });
}

/** Needs consent to send traffic; installs missing rules only where changes are allowed too, and takes them back. */
export async function accept(cluster: Cluster, options: GlobalOptions, command: string): Promise<void> {
  requireClient(cluster);
  // Rules that something else looks after are judged as they are.
  const tiers: readonly Tier[] = cluster.rules.managedBy === 'ipvsadm' ? ['traffic', 'change'] : ['traffic'];
  await runAllowed({ cluster, command, stages: ['pre', 'post', 'traffic'] }, options, { tiers, needed: ['traffic'] });
}

export function requireClient(cluster: Cluster): void {
  if (cluster.clients.length === 0) {
    throw new IpvetError('CONFIG', `${cluster.file} names no client, so there is nowhere to send load from`, {
      hint: 'add   clients: [{ name: client1, host: localhost, cip: ADDRESS-OF-THIS-MACHINE }]',
    });
  }
}
