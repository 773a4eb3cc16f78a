/**
 * Everything a run changes on its cluster: the locks are taken before anything else is done, the rules go in before they
 * are judged, the addresses of a client's pool before its load, and at the end all is taken back, compared with how it was found, and unlocked.
 */
import type { Guards } from '../changes/guards.ts';
import { asIpvetError, type IpvetError } from '../errors.ts';
import type { Client, Cluster, Director } from '../model/cluster.ts';
import type { Fleet } from '../ssh/host.ts';
import type { Journal } from './journal.ts';
import { Protection } from './protection.ts';
import { RulesStage } from './rules-stage.ts';
import { SourcePool } from './source-pool.ts';
import { tellProblem, timed } from './stages.ts';
import { type ChangePlan, UndoStack } from './undo.ts';

export interface ChangeStageOptions {
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly journal: Journal;
  /** Of the run: nothing is changed any more once it fires. */
  readonly signal: AbortSignal;
  /** Of the connections, which undo still needs. */
  readonly lifetime: AbortSignal;
  readonly runId: string;
  readonly purpose: string;
  readonly stealLock?: (held: string) => Promise<boolean>;
  /** Whether this run may change the rules at all. */
  readonly allowed: boolean;
  /** The client to which it may add addresses. */
  readonly pool: Client | undefined;
  /** What sudo does not let this run do on a director; undefined where it is not known or there is nothing. */
  readonly lacking: (director: Director) => Promise<IpvetError | undefined>;
  /** Ends the run for the safety of the cluster. */
  readonly stop: (by: 'refused' | 'unguarded', error: IpvetError) => void;
}

export class ChangeStage {
  readonly #options: ChangeStageOptions;
  readonly #undo: UndoStack;
  readonly #protection: Protection;
  readonly #rules: RulesStage;
  readonly #sources: SourcePool;
  #installed: Promise<void> | undefined;

  constructor(options: ChangeStageOptions) {
    this.#options = options;
    const { journal, stop } = options;
    this.#undo = new UndoStack(journal);
    this.#rules = new RulesStage({ ...options, undo: this.#undo });
    this.#sources = new SourcePool({ ...options, undo: this.#undo });
    this.#protection = new Protection({
      ...options,
      onLost: (error) => {
        stop('unguarded', error);
      },
    });
  }

  /** Commands that would put the hosts back by hand, in order, while there are any. */
  get outstanding(): readonly ChangePlan[] {
    return this.#undo.outstanding;
  }

  /** Settles once the hosts it may change are locked for this run, or the run was stopped. Never rejects. */
  async lock(): Promise<void> {
    await this.#guards()?.catch(() => undefined);
  }

  /**
   * A lock that is held, or a guard that cannot be armed, ends the run; any other failure is met again by `install`.
   */
  #guards(): Promise<Guards> | undefined {
    const { allowed, pool, cluster, journal, stop } = this.#options;
    const hosts = [...(allowed ? cluster.directors : []), ...(pool === undefined ? [] : [pool])];
    if (hosts.length === 0) return undefined;
    if (this.#protection.guards !== undefined) return this.#protection.guards;
    const names = hosts.map(({ name }) => name);
    const guards = timed(journal, 'lock', () => this.#protection.open(names));
    guards.catch((error: unknown) => {
      const failure = asIpvetError(error, 'INTERNAL', `locking ${names.join(', ')}`);
      if (failure.code === 'LOCKED' || failure.code === 'UNGUARDED') stop('refused', failure);
    });
    return guards;
  }

  /** Settles also when rules could not be installed: the checks after it then judge what is there. */
  install(): Promise<void> {
    const guards = this.#options.allowed ? this.#guards() : undefined;
    if (guards === undefined) return Promise.resolve();
    this.#installed ??= this.#install(guards);
    return this.#installed;
  }

  /**
   * The client has every address of its pool, once it settles. Throws REFUSED, which ends the run, where some are absent
   * and it may not add them; UNGUARDED, EXEC_FAILED, and what `Host` throws.
   */
  async addSources(client: Client): Promise<void> {
    try {
      const { pool } = this.#options;
      await this.#sources.add(client, pool?.name === client.name ? await this.#guards() : undefined);
    } catch (error) {
      const failure = asIpvetError(error, 'INTERNAL', `adding the addresses of ${client.name}`);
      if (failure.code === 'REFUSED') this.#options.stop('refused', failure);
      else if (failure.code === 'UNGUARDED') this.#options.stop('unguarded', failure);
      throw failure;
    }
  }

  async #install(guards: Promise<Guards>): Promise<void> {
    const { cluster, journal, signal, stop } = this.#options;
    await timed(journal, 'rules', async () => {
      try {
        const held = await guards;
        for (const director of cluster.directors) {
          const lacking = await this.#options.lacking(director);
          if (lacking !== undefined) throw lacking;
        }
        await this.#rules.install(held);
      } catch (error) {
        const failure = asIpvetError(error, 'INTERNAL', 'installing the rules');
        if (signal.aborted) return;
        if (failure.code === 'REFUSED') stop('refused', failure);
        // A guard that could not be had in the first place has ended the run already; this one was lost on the way.
        else if (failure.code === 'UNGUARDED') stop('unguarded', failure);
        else tellProblem(journal, failure);
      }
    });
  }

  /** Never rejects: what could not be put back is in the journal, and louder than any verdict. */
  async restore(): Promise<void> {
    await this.#installed;
    await this.#sources.settled();
    await this.#undo.undoAll();
    const guards = await this.#protection.guards?.catch(() => undefined);
    if (guards !== undefined) await this.#rules.verifyRestored(guards);
    await this.#protection.verify();
    await this.#protection.release();
  }
}
