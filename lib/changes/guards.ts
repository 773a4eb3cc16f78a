/** The guards of a run: one for each host it may change. All locks are taken, or none. */
import { IpvetError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';
import { type Guard, type GuardOptions, openGuard } from './guard.ts';

export class Guards {
  readonly #guards: ReadonlyMap<string, Guard>;

  private constructor(guards: ReadonlyMap<string, Guard>) {
    this.#guards = guards;
  }

  /**
   * One after the other, always in the same order, so that of two runs one gets all. Throws LOCKED, UNGUARDED, and what
   * `Host` throws, with the locks taken so far given back.
   */
  static async open(hosts: readonly Host[], options: GuardOptions): Promise<Guards> {
    const guards = new Map<string, Guard>();
    try {
      for (const host of hosts) guards.set(host.declaration.name, await openGuard(host, options));
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
