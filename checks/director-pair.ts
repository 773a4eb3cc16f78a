/** Directors that stand in for each other by keepalived: their configurations side by side, and what belongs together in them. */
import { includesAddress } from './address.ts';
import { listed } from './sentences.ts';
import { cannotTell, excerpt, fail, type Judgement, notApplicable, pass } from '../lib/model/check.ts';
import type { Cluster, ClusterHost } from '../lib/model/cluster.ts';
import type { Evidence, Remedy } from '../lib/model/evidence.ts';
import type { ConfLine, Fact, KeepalivedConf, VrrpInstance } from '../lib/model/facts.ts';
import type { FaultId } from '../lib/model/fault-id.ts';

export interface Side {
  readonly name: string;
  readonly conf: KeepalivedConf;
  readonly evidence: Evidence;
}

/** One instance of VRRP, as each director that has it has it. */
export interface Match {
  readonly name: string;
  readonly members: readonly { readonly side: Side; readonly instance: VrrpInstance }[];
}

export interface Problem {
  readonly text: string;
  readonly faults: readonly FaultId[];
  readonly culprits: readonly string[];
  /** Lines to quote. */
  readonly lines?: readonly (readonly [Side, ConfLine])[];
}

type Everyone = ReadonlyMap<string, { readonly keepalivedConf: Fact<KeepalivedConf> }>;

/** Why a subject has no pair. */
export function alone({ cluster }: { readonly cluster: Cluster }): string | undefined {
  return cluster.directors.length < 2 ? 'There is one director only, and nobody to stand in for it' : undefined;
}

/** What is between the directors is judged once, with the first of them. */
export function judgedElsewhere(subject: {
  readonly cluster: Cluster;
  readonly host: ClusterHost;
}): string | undefined {
  const [first] = subject.cluster.directors;
  const reason = alone(subject);
  if (reason !== undefined || first === undefined || first.name === subject.host.name) return reason;
  return `The directors are compared once, with ${first.name}`;
}

/** `/etc/keepalived/keepalived.conf line 7` of a setting; of the instance where it has its default. */
export function placeOf(instance: VrrpInstance, ...keywords: readonly string[]): ConfLine {
  return keywords.map((keyword) => instance.places[keyword]).find((place) => place !== undefined) ?? instance;
}

export function placeText({ path, line }: ConfLine): string {
  return `${path} line ${line}`;
}

/** By name, else by an address they share, else by VRID: names are free to differ. */
export function matchesOf(sides: readonly Side[]): readonly Match[] {
  const [first, ...others] = sides;
  return (first?.conf.instances ?? []).map((instance) => ({
    name: instance.name,
    members: [
      ...(first === undefined ? [] : [{ side: first, instance }]),
      ...others.flatMap((side) => {
        const counterpart = counterpartOf(instance, side.conf.instances);
        return counterpart === undefined ? [] : [{ side, instance: counterpart }];
      }),
    ],
  }));
}

export function counterpartOf(instance: VrrpInstance, others: readonly VrrpInstance[]): VrrpInstance | undefined {
  return (
    others.find(({ name }) => name === instance.name) ??
    others.find((other) => other.addresses.some(({ address }) => holds(instance, address))) ??
    others.find(
      ({ vrid, interface: name }) => vrid !== undefined && vrid === instance.vrid && name === instance.interface,
    )
  );
}

export function holds({ addresses, excluded }: VrrpInstance, wanted: string): boolean {
  return includesAddress(
    [...addresses, ...excluded].map(({ address }) => address),
    wanted,
  );
}

/** `director1 51 (keepalived.conf line 7) and director2 52 (…)` where they are not all the same. */
export function difference(
  { members }: Match,
  valueOf: (instance: VrrpInstance) => string,
  ...keywords: readonly string[]
): { readonly said: string; readonly lines: NonNullable<Problem['lines']> } | undefined {
  const values = members.map(({ side, instance }) => ({
    side,
    value: valueOf(instance),
    place: placeOf(instance, ...keywords),
  }));
  if (new Set(values.map(({ value }) => value)).size < 2) return undefined;
  return {
    said: listed(values.map(({ side, value, place }) => `${side.name} ${value} (${placeText(place)})`)),
    lines: values.map(({ side, place }) => [side, place] as const),
  };
}

/** The instance that has a VIP of the cluster file. */
export function servesVip({ virtualServices }: Pick<Cluster, 'virtualServices'>, instance: VrrpInstance): boolean {
  return virtualServices.some(({ vip }) => holds(instance, vip));
}

/** Every director's configuration; the reason why they cannot be compared, as a judgement. */
export function sidesOf(cluster: Pick<Cluster, 'directors'>, everyone: Everyone): readonly Side[] | Judgement {
  const sides: Side[] = [];
  for (const { name } of cluster.directors) {
    const fact = everyone.get(name)?.keepalivedConf;
    if (fact?.known !== true)
      return cannotTell(
        `The configuration of keepalived on ${name} is not known: ${fact?.message ?? 'it was not asked for'}`,
        fact?.evidence === undefined ? [] : [fact.evidence],
        fact?.hint,
      );
    sides.push({ name, conf: fact.value, evidence: fact.evidence });
  }
  const bare = sides.filter(({ conf }) => conf.files.length === 0).map(({ name }) => name);
  if (bare.length > 0) return notApplicable(`${listed(bare)} ${bare.length === 1 ? 'has' : 'have'} no keepalived.conf`);
  const [first] = sides;
  if (first !== undefined && sides.every(({ conf }) => conf.instances.length === 0 && conf.unsure.length === 0))
    return notApplicable(`keepalived on ${first.name} has no vrrp_instance`);
  for (const { name, conf, evidence } of sides) {
    const [doubt] = conf.unsure;
    if (doubt !== undefined)
      return cannotTell(
        `What keepalived on ${name} is set up to do cannot be told for certain: ${doubt.what} (${placeText(doubt)})`,
        [evidence],
        `keepalived --config-test on ${name} says what it makes of it`,
      );
  }
  return sides;
}

/** Holds the configurations against each other. */
export function lint(
  cluster: Pick<Cluster, 'directors'>,
  everyone: Everyone,
  {
    problemsOf,
    found,
    expected,
    remedyOf,
  }: {
    readonly problemsOf: (sides: readonly Side[]) => readonly Problem[];
    readonly found: (sides: readonly Side[]) => unknown;
    readonly expected: string;
    readonly remedyOf?: (sides: readonly Side[]) => Remedy | undefined;
  },
): Judgement {
  const sides = sidesOf(cluster, everyone);
  if ('outcome' in sides) return sides;
  const problems = problemsOf(sides);
  if (problems.length === 0)
    return pass(
      found(sides),
      sides.map(({ evidence }) => evidence),
    );
  const remedy = remedyOf?.(sides);
  return fail({
    reason: problems.map(({ text }) => text).join('; '),
    faults: [...new Set(problems.flatMap(({ faults }) => faults))],
    culprits: [...new Set(problems.flatMap(({ culprits }) => culprits))],
    found: found(sides),
    expected,
    evidence: quoteLines(problems.flatMap(({ lines = [] }) => lines)),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

export function namesOf({ members }: Match): readonly string[] {
  return members.map(({ side }) => side.name);
}

/** Of each director the lines named. */
export function quoteLines(lines: readonly (readonly [Side, ConfLine])[]): readonly Evidence[] {
  const sides = [...new Set(lines.map(([side]) => side))];
  return sides.map((side) => {
    const wanted = lines.filter(([of]) => of === side).map(([, { path, line }]) => `${path}:${line}:`);
    return excerpt(side.evidence, (text) => wanted.some((start) => text.startsWith(start)));
  });
}
