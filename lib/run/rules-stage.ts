/** Brings the directors' rules to what the cluster file declares, for the time of the run, with an undo for all of it. */
import type { Guards } from '../changes/guards.ts';
import { asIpvetError } from '../errors.ts';
import { rulesBatch } from '../ipvs/batch.ts';
import { applyBatch, readRules, type RulesSnapshot } from '../ipvs/director-rules.ts';
import { mustBeAsPlanned } from '../ipvs/installation.ts';
import { mustNotBeOwned } from '../ipvs/owner.ts';
import { planRules } from '../ipvs/plan.ts';
import { rulesDifference } from '../ipvs/words.ts';
import type { Cluster, Director } from '../model/cluster.ts';
import type { Problem } from '../model/run-record.ts';
import type { Fleet } from '../ssh/host.ts';
import type { Journal } from './journal.ts';
import { changedProblem, restoreProblem } from './outcome.ts';
import type { UndoStack } from './undo.ts';

/** A host that is busy is no host that cannot be seen: that would mean exit code 6. */
const verifyLimitMs = 30_000;

export interface RulesStageOptions {
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

interface Found {
  readonly before: RulesSnapshot;
  /** What lines about the services this run changed contain. */
  readonly touched: readonly string[];
}

export class RulesStage {
  readonly #options: RulesStageOptions;
  /** The rules of each director as they were found under the lock. */
  readonly #found = new Map<Director, Found>();

  constructor(options: RulesStageOptions) {
    this.#options = options;
  }

  async install(guards: Guards): Promise<void> {
    for (const director of this.#options.cluster.directors) await this.#installOn(director, guards);
  }

  /**
   * Compares each director with how it was found. What the run changed and did not bring back is louder than any check;
   * what somebody else changed meanwhile is a finding.
   */
  async verifyRestored(guards: Guards): Promise<void> {
    for (const [director, found] of this.#found) {
      const { restarted } = guards.of(director.name);
      for (const problem of await this.#differences(director, found, restarted))
        this.#options.journal.append({ type: 'problem', problem });
    }
  }

  async #installOn(director: Director, guards: Guards): Promise<void> {
    const { cluster, fleet, undo, signal } = this.#options;
    const host = await fleet.host(director.name);
    const before = await readRules(host, signal);
    const plan = planRules(cluster, before.rules);
    const batch = rulesBatch(director.name, plan, before);
    this.#found.set(director, { before, touched: batch.touched });
    if (batch.operations.length === 0) return;
    await mustNotBeOwned(cluster, host, signal);
    signal.throwIfAborted();
    const guard = guards.of(director.name);
    await undo.change(
      guard,
      {
        undo: batch.undo,
        changes: batch.operations.map((operation) => ({
          host: director.name,
          what: operation.description,
          command: operation.argv.join(' '),
          undo: operation.undo.join(' '),
        })),
      },
      (step) => applyBatch(guard, step, batch, signal),
      // sudo refused: ipvsadm did not come to run.
      (error) => error.code === 'PERMISSION',
    );
    mustBeAsPlanned(cluster, host, plan, await readRules(host, signal));
  }

  async #differences({ name }: Director, { before, touched }: Found, restarted: boolean): Promise<readonly Problem[]> {
    try {
      const host = await this.#options.fleet.host(name);
      const now = await readRules(host, AbortSignal.timeout(verifyLimitMs));
      const difference = rulesDifference(before.rules, now.rules);
      if (difference === undefined) return [];
      const lines = [
        ...difference.missing.map((line) => `- ${line}`),
        ...difference.unexpected.map((line) => `+ ${line}`),
      ];
      const loadAgain = `on ${name}: ipvsadm -R <<'RULES'\n${difference.missing.join('\n')}\nRULES`;
      if (restarted) {
        const gone = difference.missing.length;
        return [
          {
            code: restoreProblem,
            message: `${name} was restarted while the run went on, and ${gone} ${gone === 1 ? 'rule' : 'rules'} that it had in its kernel only ${gone === 1 ? 'is' : 'are'} gone`,
            hint: `${loadAgain}\n(\`ipvet rules save\` would have them loaded at every start)`,
          },
        ];
      }
      const ours = lines.filter((line) => touched.some((marker) => `${line} `.includes(marker)));
      const others = lines.filter((line) => !ours.includes(line));
      return [
        ...(ours.length === 0
          ? []
          : [
              {
                code: restoreProblem,
                message: `the rules of ${name} are not as they were found: ${ours.join('; ')}`,
                hint:
                  difference.missing.length === 0
                    ? 'lines with + are too many: take them out with ipvsadm -D and -d'
                    : `lines with - are missing, lines with + too many; ${loadAgain}`,
              },
            ]),
        ...(others.length === 0
          ? []
          : [
              {
                code: changedProblem,
                message: `the rules of ${name} changed while the run went on, and not by it: ${others.join('; ')}`,
                hint: 'look for something else that edits the rules: keepalived, kube-proxy, another operator',
              },
            ]),
      ];
    } catch (error) {
      const failure = asIpvetError(error, 'INTERNAL', `rules of ${name}`);
      return [
        {
          code: restoreProblem,
          message: `whether the rules of ${name} are as they were found could not be seen: ${failure.message}`,
          hint: `compare ipvsadm -Sn on ${name} with:\n${before.text}`,
        },
      ];
    }
  }
}
