import { Command } from 'commander';

import { IpvetError } from '../lib/errors.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { allowedOn, clusterOf, type GlobalOptions, globalOptions } from './options.ts';
import { runSession } from './session.ts';

export function acceptCommand(): Command {
  return new Command('accept')
    .description('everything in order: prerequisites, rules, load, distribution, diagnosis; one verdict, one report')
    .action(async (_options: unknown, command: Command) => {
      const options = globalOptions(command);
      await accept(await clusterOf(options), options, 'accept');
    });
}

/** Needs consent to send traffic; installs missing rules only where changes are allowed too, and takes them back. */
export async function accept(cluster: Cluster, options: GlobalOptions, command: string): Promise<RunRecord> {
  requireClient(cluster);
  const allow = requireTraffic(cluster, options, command);
  return runSession({ cluster, command, allow, stages: ['pre', 'post', 'traffic'] }, options);
}

/** Throws REFUSED (exit 5) before any host is touched. */
export function requireTraffic(cluster: Cluster, options: GlobalOptions, command: string) {
  const allow = allowedOn(cluster, options);
  if (!allow.traffic) {
    const vips = cluster.virtualServices.map(({ vip, port }) => `${vip}:${port}`).join(', ');
    throw new IpvetError(
      'REFUSED',
      `${command} sends load to ${vips} of ${cluster.name} (${cluster.environment}), which was not allowed`,
      {
        hint: `give --allow traffic, or --allow traffic,change to have missing rules installed for the run`,
      },
    );
  }
  return allow;
}

export function requireClient(cluster: Cluster): void {
  if (cluster.clients.length === 0) {
    throw new IpvetError('CONFIG', `${cluster.file} names no client, so there is nowhere to send load from`, {
      hint: 'add   clients: [{ name: client1, host: localhost, cip: ADDRESS-OF-THIS-MACHINE }]',
    });
  }
}
