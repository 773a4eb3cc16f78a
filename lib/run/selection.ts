/** Which pairs of check and subject a run judges, by its options. */
import type { Check, Stage, Subject } from '../model/check.ts';
import type { Client, Cluster } from '../model/cluster.ts';
import type { LeftOut } from '../model/run-record.ts';
import type { Tier } from '../model/tier.ts';

/** In which the suites run, and so the order of a record. */
export const stageOrder: readonly Stage[] = ['pre', 'post', 'traffic'];

export interface Selection {
  /** Reading is always allowed. */
  readonly allow: { readonly traffic: boolean; readonly change: boolean };
  readonly stages: readonly Stage[];
  /** No rule is touched, whatever is allowed: of commands that judge the rules as they are. */
  readonly rulesAsFound?: boolean;
  /** Check ids, or folders of them; empty is all. */
  readonly checks?: readonly string[];
  /** Check ids, or folders of them, that are left out. */
  readonly skip?: readonly string[];
  /** Virtual services by name, of what is about one; empty is all. */
  readonly services?: readonly string[];
  /** Host names; empty is all. */
  readonly limit?: readonly string[];
}

/** Whether the pair is judged; `skip` and `profile` say by what one is left out that otherwise would be. */
export function selection(wanted: Selection, check: Check, subject: Subject): boolean | LeftOut['by'] {
  const { stages, checks = [], skip = [], limit = [], services = [], allow } = wanted;
  if (!stages.includes(check.stage)) return false;
  if (check.stage === 'traffic' && !allow.traffic) return false;
  if (checks.length > 0 && !checks.some((name) => isNamedBy(check, name))) return false;
  if (limit.length > 0 && !limit.includes(subject.host.name)) return false;
  if (services.length > 0 && 'service' in subject && !services.includes(subject.service.name)) return false;
  if (skip.some((name) => isNamedBy(check, name))) return 'skip';
  return check.severity === 'recommended' && subject.cluster.checks.profile === 'minimal' ? 'profile' : true;
}

export function selects(wanted: Selection, check: Check, subject: Subject): boolean {
  return selection(wanted, check, subject) === true;
}

/** `name` is a check's id, or a folder of checks. */
export function isNamedBy({ id }: Pick<Check, 'id'>, name: string): boolean {
  return id === name || id.startsWith(`${name}/`);
}

/** Whether the run may install the declared rules: it then locks and guards the directors before anything else. */
export function changesRules({ allow, stages, rulesAsFound }: Selection, { rules }: Pick<Cluster, 'rules'>): boolean {
  return (
    allow.change && rulesAsFound !== true && rules.managedBy === 'ipvsadm' && stages.some((stage) => stage !== 'pre')
  );
}

/** The client to which the run may add the addresses of its pool; it is then locked and guarded too. */
export function poolClient(
  { allow, stages, limit = [] }: Selection,
  { clients }: Pick<Cluster, 'clients'>,
): Client | undefined {
  const [client] = clients;
  if (client?.pool === undefined || !allow.change || !allow.traffic || !stages.includes('traffic')) return undefined;
  return limit.length === 0 || limit.includes(client.name) ? client : undefined;
}

/** What the run does on its hosts, and so needs from sudo. */
export function tiersOf(selection: Selection, cluster: Pick<Cluster, 'rules'>): readonly Tier[] {
  return [
    'read',
    ...(selection.allow.traffic && selection.stages.includes('traffic') ? (['traffic'] as const) : []),
    ...(changesRules(selection, cluster) ? (['change'] as const) : []),
  ];
}
