/** The checks of one cluster: the catalogue's, those its file declares, those of the folder it names. */
import { suggestion } from '../lib/config/suggestion.ts';
import { IpvetError } from '../lib/errors.ts';
import type { Check } from '../lib/model/check.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { isNamedBy } from '../lib/run/selection.ts';
import { checksOf } from '../suites/catalogue.ts';

export interface Catalogue {
  readonly checks: readonly Check[];
  /** Those of `checks` that come from the folder. */
  readonly suiteChecks: readonly Check[];
}

/** Loads the folder of suites, where there is one. Throws CONFIG: a file that cannot be used, a waiver of no check. */
export async function catalogueFor(cluster: Cluster): Promise<Catalogue> {
  const { suites } = cluster.checks;
  // Loading is for those who have suites: it takes a compiler.
  const suiteChecks = suites === undefined ? [] : await (await import('../lib/run/suites.ts')).loadSuites(suites);
  const checks = checksOf(cluster, suiteChecks);
  const ids = checks.map(({ id }) => id);
  for (const { check } of cluster.waivers) {
    if (ids.includes(check)) continue;
    const near = suggestion(check, ids);
    throw new IpvetError('CONFIG', `${cluster.file}: a waiver names ${check}, and there is no such check`, {
      hint: near === undefined ? `checks of ${suites ?? 'the folder'}: ${idsIn(suiteChecks)}` : `did you mean ${near}?`,
    });
  }
  return { checks, suiteChecks };
}

function idsIn(checks: readonly Check[]): string {
  return checks.map(({ id }) => id).join(', ');
}

/** Throws USAGE for a word that is neither a check nor a folder of them. `others` are words it may be mistaken for. */
export function mustName(
  words: readonly string[],
  checks: readonly Pick<Check, 'id'>[],
  others: readonly string[] = [],
): void {
  for (const word of words) {
    if (checks.some((check) => isNamedBy(check, word))) continue;
    throw noSuchCheck(word, checks, others);
  }
}

/** USAGE, with what was probably meant. */
export function noSuchCheck(
  word: string,
  checks: readonly Pick<Check, 'id'>[],
  others: readonly string[] = [],
): IpvetError {
  const ids = checks.map(({ id }) => id);
  // `arp` for `real-server/arp`: people remember the last part.
  const byName = ids.filter((id) => id.endsWith(`/${word}`));
  const meant = byName.length > 0 ? byName.join(' or ') : suggestion(word, [...ids, ...others]);
  return new IpvetError('USAGE', `there is no check ${word}`, {
    hint:
      meant === undefined ? 'All of them: ipvet checks list' : `did you mean ${meant}? All of them: ipvet checks list`,
  });
}
