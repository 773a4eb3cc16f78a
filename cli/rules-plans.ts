/** The plan of each director, by whoever looks after its rules: for people, for programs, and for the work itself. */
import { IpvetError } from '../lib/errors.ts';
import { type DirectorPlan, install, type InstallationOptions, planDirector } from '../lib/ipvs/installation.ts';
import { applyKeepalived, type KeepalivedPlan, needsChange, planKeepalived } from '../lib/ipvs/keepalived.ts';
import { mustNotBeOwned } from '../lib/ipvs/owner.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import type { Host } from '../lib/ssh/host.ts';
import { keepalivedText, rulesText } from './rules-text.ts';

/** What is to be done on one director, for people and for programs. */
export interface Shown {
  readonly text: string;
  readonly json: unknown;
}

export type AnyPlan = Shown & {
  readonly changes: boolean;
  readonly ipvsadm?: DirectorPlan;
  readonly keepalived?: KeepalivedPlan;
};

/** `ours` when that was seen before. */
export async function plansOf(
  cluster: Cluster,
  hosts: readonly Host[],
  signal: AbortSignal,
  owned: 'ours' | 'unknown' = 'unknown',
): Promise<readonly AnyPlan[]> {
  return Promise.all(
    hosts.map(async (host) => {
      const owner = owned === 'ours' ? undefined : await ownerOf(cluster, host, signal);
      const director = host.declaration.name;
      const by = owner === undefined ? {} : { owner };
      if (cluster.rules.managedBy === 'keepalived') {
        const keepalived = await planKeepalived(cluster, host, signal);
        const { files, edited, obstacle, diff, drift } = keepalived;
        const changes = edited?.changes ?? [];
        const refused = obstacle === undefined ? {} : { obstacle: obstacle.message };
        return {
          text: keepalivedText(keepalived, owner),
          json: { director, managedBy: 'keepalived', file: files.path, ...by, ...refused, changes, diff, drift },
          changes: needsChange(keepalived),
          keepalived,
        };
      }
      const ipvsadm = await planDirector(cluster, host, signal);
      return {
        text: rulesText(ipvsadm, owner),
        json: { director, ...by, ...ipvsadm.plan },
        changes: ipvsadm.plan.operations.length > 0,
        ipvsadm,
      };
    }),
  );
}

/** Why the rules are not ours to change, if they are not. */
async function ownerOf(cluster: Cluster, host: Host, signal: AbortSignal): Promise<string | undefined> {
  try {
    await mustNotBeOwned(cluster, host, signal);
    return undefined;
  } catch (error) {
    if (error instanceof IpvetError && error.code === 'REFUSED') return error.message;
    throw error;
  }
}

export function applyPlans(
  cluster: Cluster,
  plans: readonly AnyPlan[],
  options: InstallationOptions,
): Promise<readonly string[]> {
  if (cluster.rules.managedBy === 'keepalived')
    return applyKeepalived(
      cluster,
      plans.flatMap(({ keepalived }) => keepalived ?? []),
      options,
    );
  return install(
    cluster,
    plans.flatMap(({ ipvsadm }) => ipvsadm ?? []),
    options,
  );
}
