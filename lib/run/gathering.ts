/** The collections of a run, each begun once and told in the journal, and what they hold put together for all hosts. */
import type { HostReport } from '../facts/collect.ts';
import { type HostFactName, missing } from '../model/facts.ts';
import type { FactStore } from './fact-store.ts';
import type { Journal } from './journal.ts';
import type { FactsByHost } from './judge.ts';
import { timed } from './stages.ts';

export interface GatheringOptions {
  readonly facts: Pick<FactStore, 'stage'>;
  readonly journal: Journal;
  /** Settles when it is the turn of the facts. Must not reject. */
  readonly turn: () => Promise<void>;
}

export class Gathering {
  readonly #options: GatheringOptions;
  readonly #collections = new Map<string, ReturnType<FactStore['stage']>>();
  readonly #everyone = new Map<string, Promise<FactsByHost>>();

  constructor(options: GatheringOptions) {
    this.#options = options;
  }

  hasBegun(stage: string): boolean {
    return this.#collections.has(stage);
  }

  /** Rejects as `FactStore.stage` does. */
  collect(stage: string): ReturnType<FactStore['stage']> {
    const { facts, journal, turn } = this.#options;
    const collection =
      this.#collections.get(stage) ??
      turn().then(() => timed(journal, stage === 'pre' ? 'facts' : `facts ${stage}`, () => facts.stage(stage)));
    this.#collections.set(stage, collection);
    return collection;
  }

  /** Put together once for all subjects of a check. Rejects as `collect` does. */
  ofEveryone(stage: string, names: readonly HostFactName[]): Promise<FactsByHost> {
    const key = [stage, ...names].join(' ');
    const gathered = this.#everyone.get(key) ?? this.collect(stage).then((reports) => togetherOf(reports, names));
    this.#everyone.set(key, gathered);
    return gathered;
  }
}

function togetherOf(reports: ReadonlyMap<string, HostReport>, names: readonly HostFactName[]): FactsByHost {
  const factOf = (host: string, { facts }: HostReport, name: HostFactName) =>
    facts[name] ?? missing('not-collected', `${name} of ${host} is not known`);
  return new Map(
    [...reports].map(([host, report]) => [
      host,
      Object.fromEntries(names.map((name) => [name, factOf(host, report, name)])),
    ]),
  );
}
