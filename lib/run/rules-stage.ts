/** Brings the directors' rules to what the cluster file declares, for the time of the run, with an undo for each step. */
import { asIpvetError } from '../errors.ts';
import { applyOperation, readRules, undoOperation } from '../ipvs/director-rules.ts';
import { mustBeAsPlanned } from '../ipvs/installation.ts';
import { planRules } from '../ipvs/plan.ts';
import type { Cluster, Director } from '../model/cluster.ts';
import type { Fleet } from '../ssh/host.ts';
import type { Journal } from './journal.ts';
import { restoreProblem } from './outcome.ts';
import type { UndoStack } from './undo.ts';

export interface RulesStageOptions {
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

export class RulesStage {
  readonly #options: RulesStageOptions;
  /** The rules of each director we changed, as they were found. */
  readonly #found = new Map<Director, string>();

  constructor(options: RulesStageOptions) {
    this.#options = options;
  }

  async install(): Promise<void> {
    for (const director of this.#options.cluster.directors) await this.#installOn(director);
  }

  /** Compares each changed director with how it was found; a difference is recorded, louder than any check. */
  async verifyRestored(): Promise<void> {
    for (const [director, found] of this.#found) {
      const difference = await this.#difference(director, found);
      if (difference !== undefined) this.#options.journal.append({ type: 'problem', problem: difference });
    }
  }

  async #installOn(director: Director): Promise<void> {
    const { cluster, fleet, undo, signal } = this.#options;
    const host = await fleet.host(director.name);
    const before = await readRules(host, signal);
    const plan = planRules(cluster, before.rules);
    if (plan.operations.length === 0) return;
    this.#found.set(director, before.text);
    for (const operation of plan.operations) {
      signal.throwIfAborted();
      await undo.change(
        {
          host: director.name,
          what: operation.description,
          command: operation.argv.join(' '),
          undo: operation.undo.join(' '),
        },
        () => applyOperation(host, operation, signal),
        (undoSignal) => undoOperation(host, operation, undoSignal),
        // ipvsadm makes one change or none; only a lost answer leaves it open.
        (error) => error.code === 'EXEC_FAILED' || error.code === 'PERMISSION',
      );
    }
    mustBeAsPlanned(cluster, host, plan, await readRules(host, signal));
  }

  async #difference(director: Director, found: string) {
    try {
      const host = await this.#options.fleet.host(director.name);
      const now = await readRules(host, AbortSignal.timeout(10_000));
      if (normalised(now.text) === normalised(found)) return undefined;
      return {
        code: restoreProblem,
        message: `the rules of ${director.name} are not as they were found`,
        hint: `to have them as found, on ${director.name}: ipvsadm -C; ipvsadm -R <<'EOF'\n${found}EOF`,
      };
    } catch (error) {
      const failure = asIpvetError(error, 'INTERNAL', `rules of ${director.name}`);
      return {
        code: restoreProblem,
        message: `whether the rules of ${director.name} are as they were found could not be seen: ${failure.message}`,
        hint: `compare ipvsadm -Sn on ${director.name} with:\n${found}`,
      };
    }
  }
}

/** `ipvsadm -Sn` lists services by hash bucket, so their order is no part of the state; each destination line names its service. */
function normalised(rules: string): string {
  return rules
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .toSorted()
    .join('\n');
}
