/** One director of the pair set up otherwise. */
import type { Check, Judgement } from '../../../../lib/model/check.ts';
import type { Cluster } from '../../../../lib/model/cluster.ts';
import type { KeepalivedConf, VrrpInstance } from '../../../../lib/model/facts.ts';
import { hostNamed } from '../../../builders.ts';
import { type FactChanges, factsOf } from '../../../host-facts.ts';
import { judge } from '../../../judgement.ts';
import { aPair, conf } from '../../../pair-facts.ts';

type Name = 'director1' | 'director2';

/** The healthy configuration with its first instance changed, or all of it. */
export function confWith(
  cluster: Cluster,
  name: Name,
  instance: Partial<VrrpInstance>,
  change: Partial<KeepalivedConf> = {},
): FactChanges {
  const { keepalivedConf } = factsOf(cluster, hostNamed(cluster, name));
  const [first, ...others] = keepalivedConf.instances;
  const instances = first === undefined ? [] : [{ ...first, ...instance }, ...others];
  return { keepalivedConf: { ...keepalivedConf, instances, ...change } };
}

/** Judged on director1, with facts of each changed. */
export const pairJudged = (
  check: Check,
  facts: Readonly<Partial<Record<string, FactChanges>>> = {},
  cluster: Cluster = aPair(),
  on: Name = 'director1',
): Judgement =>
  judge(check, {
    cluster,
    on,
    facts: Object.fromEntries(Object.entries(facts).flatMap(([name, change]) => (change ? [[name, change]] : []))),
  });

export const unsure = { unsure: [{ path: conf, line: 4, what: 'include /srv/*.conf' }] };
export const nowhere: FactChanges = {
  keepalivedConf: { files: [], unsure: [], instances: [], syncGroups: [], virtualServers: [] },
};
