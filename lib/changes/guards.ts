/** The guards of a run: one for each host it may change. All locks are taken, or none. */
import { IpvetError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';
import type { GuardPlace } from './guard-program.ts';
import { type Guard, type GuardOptions, openGuard } from './guard.ts';

export interface GuardsOptions extends Omit<GuardOptions, 'place'> {
  /** Where on each host; the same folder on all when absent. */
  readonly placeOf?: (host: Host) => GuardPlace;
}

export class Guards {
  readonly #guards: ReadonlyMap<string, Guard>;

  private constructor(guards: ReadonlyMap<string, Guard>) {
    this.#guards = guards;
  }

  /**
   * One after the other, always in the same order, so that of two runs one gets all. Throws LOCKED, UNGUARDED, and what
   * `Host` throws, with the locks taken so far given back.
   */
  static async open(hosts: readonly Host[], { placeOf, ...options }: GuardsOptions): Promise<Guards> {
    const guards = new Map<string, Guard>();
    try {
      for (const host of hosts) {
        const place = placeOf?.(host);
        const guard = await openGuard(host, { ...options, ...(place === undefined ? {} : { place }) });
        guards.set(host.declaration.name, guard);
      }
    } catch (error) {
      await Promise.all([...guards.values()].map((guard) => guard.release()));
      throw error;
    }
    return new Guards(guards);
  }

  get all(): readonly Guard[] {
    return [...this.#guards.values()];
  }

  of(host: string): Guard {
    const guard = this.#guards.get(host);
    if (guard !== undefined) return guard;
    throw new IpvetError('INTERNAL', `${host} is to be changed and has no guard`, { host });
  }

  /** Never rejects. Names of the hosts whose guard still has something to undo, or could not be told. */
  async release(): Promise<readonly string[]> {
    const released = await Promise.all(this.all.map((guard) => guard.release()));
    return this.all.filter((_guard, index) => !released[index]).map(({ host }) => host.declaration.name);
  }
}
