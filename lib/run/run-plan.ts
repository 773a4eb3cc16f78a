/** What a run judges, and what that takes: complete before anybody is asked. */
import type { Check, Subject } from '../model/check.ts';
import type { Cluster } from '../model/cluster.ts';
import type { PlannedVerdict, RunEventBody } from './events.ts';
import { Extent } from './extent.ts';
import { plannedVerdict } from './judge.ts';
import { changesRules, type Selection, selection } from './selection.ts';
import { type Driven, isDriven, WantedFacts } from './wanted-facts.ts';

export class RunPlan {
  readonly wanted: WantedFacts;
  readonly #selection: Selection;
  readonly #extent: Extent;
  readonly #verdicts: PlannedVerdict[] = [];
  readonly #sees = new Map<string, Check['sees']>();
  readonly #driven = new Map<string, Driven>();

  constructor(wanted: Selection, cluster: Cluster) {
    this.#selection = wanted;
    this.wanted = new WantedFacts(cluster, { changesRules: changesRules(wanted, cluster) });
    this.#extent = new Extent(cluster);
  }

  /** False when the run's options leave the pair out. */
  add(check: Check, subject: Subject): boolean {
    const plan = plannedVerdict(check, subject);
    const selected = selection(this.#selection, check, subject);
    this.#extent.offer(plan, selected);
    if (selected !== true) return false;
    this.#verdicts.push(plan);
    this.#sees.set(check.id, check.sees);
    this.wanted.add(check, subject);
    if (isDriven(check, subject) && !this.#driven.has(subject.service.name))
      this.#driven.set(subject.service.name, subject);
    return true;
  }

  /** For the journal. */
  told(): Extract<RunEventBody, { type: 'planned' }> {
    return { type: 'planned', verdicts: this.#verdicts, ...this.#extent.told() };
  }

  /** Of every planned check, by id. */
  get sees(): ReadonlyMap<string, Check['sees']> {
    return this.#sees;
  }

  /** The services that are driven, each once, in the order planned. */
  get driven(): readonly Driven[] {
    return [...this.#driven.values()];
  }
}
