/** How each request ended, where that was asked for (`LoadPlan.tellEach`). */
import type { RequestOutcome } from '../model/load-result.ts';
import type { LoadPlan } from './engine.ts';
import type { Place } from './place.ts';
import { rounded } from './tally.ts';

export class RequestLog {
  readonly #plan: Pick<LoadPlan, 'tellEach' | 'sources'>;
  /** Of connections that came about: a closed one has no port any more. */
  readonly #portOf = new Map<Place, number>();
  readonly each: RequestOutcome[] = [];

  constructor(plan: Pick<LoadPlan, 'tellEach' | 'sources'>) {
    this.#plan = plan;
  }

  connected(place: Place): void {
    if (this.#plan.tellEach === true) this.#portOf.set(place, place.localPort);
  }

  answered(place: Place, realServer: string | undefined): void {
    const named = realServer === undefined ? {} : { realServer };
    this.#tell(place, this.#portOf.get(place) ?? place.localPort, place.wholeMs, { outcome: 'answered', ...named });
  }

  failed(place: Place, nowMs: number, localPort: number, how: Pick<RequestOutcome, 'outcome' | 'message'>): void {
    this.#tell(place, localPort, nowMs, how);
  }

  #tell(
    place: Place,
    localPort: number,
    endedMs: number,
    how: Pick<RequestOutcome, 'outcome' | 'realServer' | 'message'>,
  ): void {
    if (this.#plan.tellEach !== true) return;
    const sourceAddress = this.#plan.sources[place.source] ?? '';
    this.each.push({ sourceAddress, localPort, tookMs: rounded(endedMs - place.begunMs), ...how });
  }
}
