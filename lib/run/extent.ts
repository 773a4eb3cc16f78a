/** What a run's plan leaves out, and which waivers can mean something in it. */
import type { Cluster } from '../model/cluster.ts';
import type { LeftOut } from '../model/run-record.ts';
import type { PlannedVerdict, RunEventBody } from './events.ts';
import { isMeantBy } from './judge.ts';

type Told = Omit<Extract<RunEventBody, { type: 'planned' }>, 'type' | 'verdicts'>;

export class Extent {
  readonly #cluster: Cluster;
  readonly #leftOut = new Map<string, LeftOut>();
  readonly #meant = new Set<number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** A pair of the catalogue, with what the selection made of it. */
  offer(plan: PlannedVerdict, selected: boolean | LeftOut['by']): void {
    for (const [index, waiver] of this.#cluster.waivers.entries()) if (isMeantBy(plan, waiver)) this.#meant.add(index);
    if (typeof selected === 'boolean') return;
    const { check, title, severity } = plan;
    const { subjects } = this.#leftOut.get(check) ?? { subjects: 0 };
    this.#leftOut.set(check, { check, title, severity, by: selected, subjects: subjects + 1 });
  }

  /** For the journal; once every pair was offered. */
  told(): Told {
    const { waivers, checks } = this.#cluster;
    return {
      ...(this.#leftOut.size === 0 ? {} : { leftOut: [...this.#leftOut.values()] }),
      ...(waivers.length === 0
        ? {}
        : { waivers: waivers.map((waiver, index) => ({ ...waiver, hasSubject: this.#meant.has(index) })) }),
      ...(checks.profile === 'standard' ? {} : { profile: checks.profile }),
    };
  }
}
