/** The guards of a run: one for each host it may change. All locks are taken, or none. */
import { IpvetError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';
import type { GuardPlace } from './guard-program.ts';
import type { Guard, GuardOptions } from './guard.ts';
import { openGuard } from './open-guard.ts';

export interface GuardsOptions extends Omit<GuardOptions, 'place'> {
  /** Where on each host; the same folder on all when absent. */
  readonly placeOf?: (host: Host) => GuardPlace;
}

export class Guards {
  readonly #guards: Map<string, Guard>;
  readonly #options: GuardsOptions;

  private constructor(guards: Map<string, Guard>, options: GuardsOptions) {
    this.#guards = guards;
    this.#options = options;
  }

  /**
   * One after the other, always in the same order, so that of two runs one gets all. Throws LOCKED, UNGUARDED, and what
   * `Host` throws, with the locks taken so far given back.
   */
  static async open(hosts: readonly Host[], options: GuardsOptions): Promise<Guards> {
    const guards = new Map<string, Guard>();
    try {
      for (const host of hosts) {
        guards.set(host.declaration.name, await guardOf(host, options));
      }
    } catch (error) {
      await Promise.all([...guards.values()].map((guard) => guard.release()));
      throw error;
    }
    return new Guards(guards, options);
  }

  /**
   * Gives the lock of one host back, on which nothing is left to undo, before it loses its power. Throws UNGUARDED when that
   * cannot be done: then nothing may be done to it.
   */
  async leave(name: string): Promise<void> {
    const guard = this.of(name);
    if (!(await guard.release()))
      throw new IpvetError('UNGUARDED', `${name}: its lock could not be given back before it is switched off`, {
        host: name,
      });
    this.#guards.delete(name);
  }

  /** Takes the lock of a host that was left. Throws as `open` does. */
  async retake(host: Host): Promise<void> {
    this.#guards.set(host.declaration.name, await guardOf(host, this.#options));
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

function guardOf(host: Host, { placeOf, ...options }: GuardsOptions): Promise<Guard> {
  const place = placeOf?.(host);
  return openGuard(host, { ...options, ...(place === undefined ? {} : { place }) });
}
