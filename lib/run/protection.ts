/**
 * Locks, guards and fingerprints of a run that may change its cluster: taken before the first change, compared and given
 * back after the last undo.
 */
import type { EarlierUndo } from '../changes/channel.ts';
import { digestOf, differencesOf, type Fingerprint, readFingerprint } from '../changes/fingerprint.ts';
import { guardPlaceOf } from '../changes/guard-program.ts';
import type { GuardOptions } from '../changes/guard.ts';
import { Guards } from '../changes/guards.ts';
import { thisHolder } from '../changes/holder.ts';
import { asIpvetError, type IpvetError } from '../errors.ts';
import type { Fleet, Host } from '../ssh/host.ts';
import type { Journal } from './journal.ts';
import { changedProblem } from './outcome.ts';

export interface ProtectionOptions {
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly runId: string;
  /** The command, as others will read it in the lock. */
  readonly purpose: string;
  readonly stealLock?: (held: string) => Promise<boolean>;
  /** The life of the connections, not of the run: what is interrupted still has to be undone. */
  readonly lifetime: AbortSignal;
  /** What may be run as root on a host besides, by the cluster file. */
  readonly commands?: GuardOptions['commands'];
  /** Lines of a fingerprint that are looked at elsewhere. */
  readonly leaveOut?: (line: string) => boolean;
  /** A host no longer has the changes of this run, or no longer would undo them. */
  readonly onLost: (error: IpvetError) => void;
}

const fingerprintLimitMs = 30_000;

export class Protection {
  readonly #options: ProtectionOptions;
  readonly #before = new Map<Host, Fingerprint>();
  #guards: Promise<Guards> | undefined;

  constructor(options: ProtectionOptions) {
    this.#options = options;
  }

  /** The guards once `open` was called; undefined before. */
  get guards(): Promise<Guards> | undefined {
    return this.#guards;
  }

  /** Once. Rejects with LOCKED and UNGUARDED (nothing may be changed), and with what `Host` throws. */
  open(hosts: readonly string[]): Promise<Guards> {
    this.#guards ??= this.#open(hosts);
    return this.#guards;
  }

  async #open(names: readonly string[]): Promise<Guards> {
    const { fleet, journal, runId, purpose, stealLock, commands, lifetime, onLost } = this.#options;
    const hosts = await Promise.all(names.map((name) => fleet.host(name)));
    const guards = await Guards.open(hosts, {
      holder: thisHolder(runId, purpose),
      placeOf: ({ declaration }) => guardPlaceOf(declaration),
      signal: lifetime,
      ...(stealLock === undefined ? {} : { stealLock }),
      ...(commands === undefined ? {} : { commands }),
      onLost: (error, undone) => {
        if (undone !== undefined) journal.append({ type: 'guard-undid', host: error.host ?? '', ...undone });
        onLost(error);
      },
    });
    try {
      for (const { host, earlier } of guards.all) this.#taken(host, earlier);
      await Promise.all(guards.all.map(({ host }) => this.#fingerprint(host)));
    } catch (error) {
      await guards.release();
      throw error;
    }
    return guards;
  }

  /** Gives the lock of one host back before it loses its power. Throws UNGUARDED. */
  async leave(name: string): Promise<void> {
    await (await this.#guards)?.leave(name);
    this.#options.journal.append({ type: 'guard-released', host: name });
  }

  /** Takes it again. Rejects as `open` does. */
  async retake(name: string): Promise<void> {
    const guards = await this.#guards;
    const host = await this.#options.fleet.host(name);
    await guards?.retake(host);
    this.#options.journal.append({ type: 'guarded', host: name });
  }

  #taken({ declaration: { name } }: Host, earlier: EarlierUndo | undefined): void {
    const { journal } = this.#options;
    journal.append({ type: 'guarded', host: name });
    if (earlier !== undefined) journal.append({ type: 'guard-undid', host: name, ...earlier });
  }

  async #fingerprint(host: Host): Promise<void> {
    const before = await this.#read(host);
    this.#before.set(host, before);
    const { name } = host.declaration;
    this.#options.journal.append({ type: 'fingerprint', host: name, when: 'before', digest: digestOf(before) });
  }

  async #read(host: Host): Promise<Fingerprint> {
    const { leaveOut = () => false } = this.#options;
    const lines = await readFingerprint(host, AbortSignal.timeout(fingerprintLimitMs));
    return lines.filter((line) => !leaveOut(line));
  }

  /** Compares every host with how it was found; a difference is a finding. Never rejects. */
  async verify(): Promise<void> {
    await Promise.all([...this.#before].map(([host, before]) => this.#verify(host, before)));
  }

  async #verify(host: Host, before: Fingerprint): Promise<void> {
    const { journal } = this.#options;
    const { name } = host.declaration;
    try {
      const after = await this.#read(host);
      journal.append({ type: 'fingerprint', host: name, when: 'after', digest: digestOf(after) });
      const differences = differencesOf(before, after);
      if (differences.length === 0) return;
      const guards = await this.#guards;
      const what =
        guards?.all.find((guard) => guard.host === host)?.restarted === true
          ? 'was restarted while the run went on, and is not as it was found'
          : 'changed while the run went on, and not by it';
      const lines = differences.map(({ side, line }) => `${side === 'before' ? '-' : '+'} ${line}`);
      journal.append({
        type: 'problem',
        problem: {
          code: changedProblem,
          message: `${name} ${what}: ${lines.slice(0, 6).join('; ')}${lines.length > 6 ? `; ${lines.length - 6} more` : ''}`,
          hint: `this run changes none of that; find out who did on ${name} (journalctl --since today, last)`,
        },
      });
    } catch (error) {
      const { message } = asIpvetError(error, 'INTERNAL', `fingerprint of ${name}`);
      journal.append({
        type: 'problem',
        problem: {
          code: changedProblem,
          message: `whether ${name} has the addresses and settings it was found with could not be seen: ${message}`,
        },
      });
    }
  }

  /** Gives the locks back. Never rejects. */
  async release(): Promise<void> {
    const guards = await this.#guards?.catch(() => undefined);
    if (guards === undefined) return;
    const kept = await guards.release();
    for (const { host } of guards.all) {
      const { name } = host.declaration;
      if (!kept.includes(name)) this.#options.journal.append({ type: 'guard-released', host: name });
    }
  }
}
