/** Reads what the composition rests on: as whom we log in, and the directors' rules where they would be changed. */
import { asIpvetError } from '../errors.ts';
import { rulesBatch } from '../ipvs/batch.ts';
import { readRules, type RulesSnapshot } from '../ipvs/director-rules.ts';
import { planRules } from '../ipvs/plan.ts';
import type { Pair } from '../model/check.ts';
import type { Cluster, LoadProfile } from '../model/cluster.ts';
import { ipvsadmSave, ipvsadmThresholds } from '../privileges/index.ts';
import { connectFleet } from '../ssh/fleet.ts';
import { lineOf, type Login } from '../ssh/line.ts';
import { loginsOf } from '../ssh/logins.ts';
import type { Rehearsal, RehearsalReading } from './rehearsal.ts';
import { composeRun, type DirectorRules } from './rehearsal-run.ts';
import { changesRules, type Selection } from './selection.ts';

export interface RehearsalOptions {
  readonly cluster: Cluster;
  readonly selection: Selection;
  readonly pairs: readonly Pair[];
  readonly profile?: LoadProfile;
  readonly signal: AbortSignal;
  readonly prompt?: (question: string) => Promise<string>;
}

/**
 * What the run would do. Runs nothing on any host but the listing of the rules, on directors whose rules would be changed,
 * and writes nothing. A director that cannot be read is a problem of the rehearsal. Throws SSH_CONFIG, CONFIG, ABORTED.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { cluster, selection, pairs, signal } = options;
  const logins = await loginsOf(cluster, signal);
  const { rules, reads, problems } = changesRules(selection, cluster)
    ? await readDirectors(options, logins)
    : { rules: [], reads: [], problems: [] };
  const profile = options.profile ?? cluster.loadProfiles[0];
  return { reads, ...composeRun({ cluster, selection, pairs, profile, logins, rules }), problems };
}

interface Readings {
  readonly rules: readonly DirectorRules[];
  readonly reads: readonly RehearsalReading[];
  readonly problems: readonly string[];
}

async function readDirectors(
  { cluster, signal, prompt }: RehearsalOptions,
  logins: ReadonlyMap<string, Login>,
): Promise<Readings> {
  const fleet = connectFleet(cluster, { signal, ...(prompt === undefined ? {} : { prompt }) });
  try {
    const read = await Promise.all(
      cluster.directors.map(async ({ name }): Promise<Readings> => {
        try {
          const before = await readRules(await fleet.host(name), signal);
          const rules = [directorRules(cluster, name, before)];
          return { rules, reads: readings(name, before, logins), problems: [] };
        } catch (error) {
          const failure = asIpvetError(error, 'INTERNAL', `rules of ${name}`);
          if (failure.code === 'ABORTED' || signal.aborted) throw failure;
          return { rules: [], reads: [], problems: [`what would change on ${name}: ${failure.message}`] };
        }
      }),
    );
    return {
      rules: read.flatMap(({ rules }) => rules),
      reads: read.flatMap(({ reads }) => reads),
      problems: read.flatMap(({ problems }) => problems),
    };
  } finally {
    await fleet.close();
  }
}

/** What the run would make of the rules as they were read. */
export function directorRules(cluster: Cluster, director: string, before: RulesSnapshot): DirectorRules {
  const plan = planRules(cluster, before.rules);
  return {
    director,
    batch: rulesBatch(director, plan, before),
    occupied: {
      before: hasDestinations(before),
      after:
        cluster.virtualServices.some(({ destinations }) => destinations.length > 0) ||
        (plan.untouched.length > 0 && hasDestinations(before)),
    },
  };
}

function hasDestinations({ rules }: RulesSnapshot): boolean {
  return rules.services.some(({ destinations }) => destinations.length > 0);
}

function readings(
  host: string,
  before: RulesSnapshot,
  logins: ReadonlyMap<string, Login>,
): readonly RehearsalReading[] {
  const login = logins.get(host);
  if (login === undefined) return [];
  const commands = hasDestinations(before) ? [ipvsadmSave, ipvsadmThresholds] : [ipvsadmSave];
  return commands.map((command) => {
    const { argv, user, sudo } = lineOf(command.argv, login, true);
    return { host, user, ...(sudo ? { via: 'sudo' as const } : {}), argv };
  });
}
