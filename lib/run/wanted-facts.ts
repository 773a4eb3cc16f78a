/** Which facts of which host a stage asks for: the union of what its planned checks require. */
import type { Check, FactName, Subject } from '../model/check.ts';
import { type Client, type Cluster, type ClusterHost, hostsOf } from '../model/cluster.ts';
import type { HostFactName } from '../model/facts.ts';
import type { Observations } from '../model/observations.ts';

/** Asked in every round trip: who we are there and what the host is. */
const identity: readonly HostFactName[] = ['privilege', 'os'];

const observationNames: ReadonlySet<FactName> = new Set<keyof Observations>([
  'load',
  'sampling',
  'ends',
  'distribution',
]);

/** What load goes through, and where it is sampled. */
export type Driven = Extract<Subject, { readonly client: Client }>;

/** Whether judging the pair takes load. */
export const isDriven = (check: Check, subject: Subject): subject is Driven =>
  'client' in subject && check.requires.some(isObservation) && check.inapplicable?.(subject) === undefined;

/** Whether it comes from load, and not from asking a host. */
export const isObservation = (name: FactName): name is keyof Observations => observationNames.has(name);

export class WantedFacts {
  readonly #cluster: Cluster;
  readonly #changesRules: boolean;
  /** stage → host → facts */
  readonly #wanted = new Map<string, Map<string, Set<HostFactName>>>();

  /** `changesRules`: whether anything is installed between the stages, so that a host has to be asked once more. */
  constructor(cluster: Cluster, { changesRules }: { readonly changesRules: boolean }) {
    this.#cluster = cluster;
    this.#changesRules = changesRules;
  }

  /** Traffic is judged with the facts from before it; so are the rules where they are as they were found. */
  stageOf({ stage }: Pick<Check, 'stage'>): 'pre' | 'post' {
    return stage === 'post' && this.#changesRules ? 'post' : 'pre';
  }

  /** What judging the check on the subject takes. */
  add(check: Check, subject: Subject): void {
    const stage = this.stageOf(check);
    const ofHost = check.requires.filter((name): name is HostFactName => !isObservation(name));
    // A check that reads nothing but its own command still tells whether its host was reached.
    if (ofHost.length > 0 || check.command !== undefined) this.#want(stage, subject.host.name, ofHost);
    if (check.requiresOfAll === undefined) return;
    for (const host of hostsOf(this.#cluster)) this.#want(stage, host.name, check.requiresOfAll);
  }

  /** The hosts a stage asks, in the order of the cluster file, each with the facts asked for. */
  of(stage: string): readonly { readonly host: ClusterHost; readonly facts: readonly HostFactName[] }[] {
    const hosts = this.#wanted.get(stage);
    return hostsOf(this.#cluster).flatMap((host) => {
      const facts = hosts?.get(host.name);
      return facts === undefined ? [] : [{ host, facts: [...facts] }];
    });
  }

  #want(stage: string, host: string, facts: readonly HostFactName[]): void {
    const hosts = this.#wanted.get(stage) ?? new Map<string, Set<HostFactName>>();
    this.#wanted.set(stage, hosts);
    const set = hosts.get(host) ?? new Set(identity);
    hosts.set(host, set);
    for (const fact of facts) set.add(fact);
  }
}
