/** What drills find on the directors before anything is done: read, and nothing else. */
import { asIpvetError, IpvetError } from '../../errors.ts';
import { collectFacts } from '../../facts/collect.ts';
import { questionsFor } from '../../facts/questions.ts';
import { readRules } from '../../ipvs/director-rules.ts';
import { type Cluster, hostsOf, type VirtualService } from '../../model/cluster.ts';
import type { CheckSettings, ScenarioName, VrrpSettings } from '../../model/failover.ts';
import type { HostContact } from '../../model/run-record.ts';
import { parseIpAddressText } from '../../parse/ip-address.ts';
import { parseKeepalivedTimers } from '../../parse/keepalived-timers.ts';
import { keepalivedConfig } from '../../privileges/index.ts';
import type { Fleet } from '../../ssh/host.ts';
import { contactOf, unreachableContact } from '../contact.ts';
import { addressesOnLinkArgv } from './link-step.ts';
import type { DrillScene } from './scenarios.ts';
import { stableAgain } from './waiting.ts';

export interface SceneReader {
  readonly cluster: Cluster;
  readonly service: VirtualService;
  readonly fleet: Fleet;
  readonly signal: AbortSignal;
}

/** The one director that has the VIP of a cluster that is stable. Throws REFUSED where it is not, and what `Host` throws. */
export async function stableOwner({ cluster, service, fleet, signal }: SceneReader, limitMs?: number): Promise<string> {
  const state = await stableAgain({ fleet, signal }, { cluster, service }, limitMs === undefined ? {} : { limitMs });
  if (state?.owner !== undefined && state.unstable.length === 0) return state.owner;
  throw new IpvetError(
    'REFUSED',
    `the cluster is not stable, and nothing is done to it: ${state?.unstable.join('; ') ?? 'a director does not answer'}`,
    { hint: '`ipvet check` names what is wrong; keepalived says on the directors why: journalctl -u keepalived' },
  );
}

/** Each of these hosts as it says it is, or why it does not answer. Throws ABORTED only. */
export function contacts(
  { cluster, fleet, signal }: Omit<SceneReader, 'service'>,
  names: readonly string[],
): Promise<readonly HostContact[]> {
  const hosts = hostsOf(cluster).filter(({ name }) => names.includes(name));
  return Promise.all(
    hosts.map(async (host) => {
      try {
        const questions = questionsFor(cluster, host, ['privilege', 'os']);
        return contactOf(host, await collectFacts(await fleet.host(host.name), questions, { signal }));
      } catch (error) {
        if (signal.aborted) throw error;
        return unreachableContact(host, asIpvetError(error, 'INTERNAL', `who ${host.name} is`));
      }
    }),
  );
}

/** Of keepalived.conf, where it can be read: without it nothing is predicted, and `tell` hears why. */
export async function readSettings(
  { cluster, service, fleet, signal }: SceneReader,
  tell: (problem: IpvetError) => void,
): Promise<Pick<DrillScene, 'vrrp' | 'checks'>> {
  const vrrp = new Map<string, VrrpSettings>();
  const checks = new Map<string, CheckSettings>();
  for (const { name } of cluster.directors) {
    try {
      const host = await fleet.host(name);
      const { stdout } = await host.exec(keepalivedConfig.argv, { asRoot: true, signal });
      const timers = parseKeepalivedTimers(stdout);
      const own = timers.instances.find(({ addresses }) => addresses.includes(service.vip));
      if (own !== undefined) vrrp.set(name, own.vrrp);
      for (const [server, check] of timers.checks) checks.set(server, check);
    } catch (error) {
      if (signal.aborted) throw error;
      tell(asIpvetError(error, 'INTERNAL', `keepalived.conf of ${name}`));
    }
  }
  return { vrrp, checks };
}

/** What one scenario alone has to know. Throws what `Host` throws. */
export async function readDetails(
  reader: SceneReader,
  scenario: ScenarioName,
  owner: string,
): Promise<Pick<DrillScene, 'rules' | 'lostWithLink'>> {
  if (scenario === 'real-server-drained') return { rules: await rulesOf(reader) };
  if (scenario === 'director-link-down') return { lostWithLink: await lostWithLink(reader, owner) };
  return {};
}

async function rulesOf({ cluster, fleet, signal }: SceneReader): Promise<NonNullable<DrillScene['rules']>> {
  const read = cluster.directors.map(async ({ name }) => {
    const { rules } = await readRules(await fleet.host(name), signal);
    return [name, rules] as const;
  });
  return new Map(await Promise.all(read));
}

async function lostWithLink({ cluster, fleet, signal }: SceneReader, owner: string): Promise<readonly string[]> {
  const director = cluster.directors.find(({ name }) => name === owner);
  if (director === undefined) return [];
  const host = await fleet.host(owner);
  const { stdout } = await host.exec(addressesOnLinkArgv(director), { signal });
  return parseIpAddressText(stdout).map(({ address }) => address);
}
