/**
 * One run against one cluster: what is planned, judged, changed and taken back. The suites plan and judge; `finish`
 * diagnoses, restores and derives the record. Everything of note goes into the journal as it happens.
 */
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';

import { asIpvetError, IpvetError } from '../errors.ts';
import type { Check, FactName, Pair, Subject } from '../model/check.ts';
import { type Fact, missing } from '../model/facts.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { Verdict } from '../model/verdict.ts';
import { newRunId } from '../changes/holder.ts';
import { connected } from '../ssh/connected.ts';
import type { Fleet } from '../ssh/host.ts';
import { Answers } from './answers.ts';
import { ChangeStage } from './change-stage.ts';
import { diagnoseRun } from './diagnosis-stage.ts';
import { EarlyVerdicts } from './early-verdicts.ts';
import type { PlannedVerdict } from './events.ts';
import { FactStore } from './fact-store.ts';
import { Gathering } from './gathering.ts';
import { Journal } from './journal.ts';
import { judge, plannedVerdict } from './judge.ts';
import { rulesLacking } from './lacking.ts';
import { RawFile } from './raw-file.ts';
import type { RunOptions } from './run-options.ts';
import { RunPlan } from './run-plan.ts';
import { endRun } from './stored-record.ts';
import { changesRules, poolClient, stageOrder, tiersOf } from './selection.ts';
import { tellProblem, timed } from './stages.ts';
import { summaryOf } from './summary.ts';
import { TrafficStage } from './traffic-stage.ts';
import { isDriven, isObservation } from './wanted-facts.ts';

/** Facts wait no longer for load that does not begin. */
const longestStartMs = 3000;

export class Run {
  readonly options: RunOptions;
  readonly directory: string;
  readonly #journal: Journal;
  readonly #raw: RawFile;
  readonly #abort = new AbortController();
  readonly #lifetime: AbortController;
  readonly #fleet: Fleet;
  readonly #plan: RunPlan;
  readonly #facts: FactStore;
  readonly #gathering: Gathering;
  readonly #changes: ChangeStage;
  readonly #traffic: TrafficStage | undefined;
  readonly #answers: Answers;
  readonly #early: EarlyVerdicts;
  readonly #verdicts: Verdict[] = [];
  #ahead: Promise<void> = Promise.resolve();
  #begun = false;
  #finished: Promise<RunRecord> | undefined;

  /** Makes the run folder and writes the journal's first line; touches no host. Throws STORAGE. */
  constructor(options: RunOptions) {
    const { cluster } = options;
    this.options = options;
    const id = newRunId();
    this.directory = join(options.outDirectory, id);
    this.#journal = new Journal(this.directory);
    this.#raw = new RawFile(this.directory, options);
    if (options.onEvent !== undefined) this.#journal.onEvent(options.onEvent);
    this.#journal.onEvent(() => {
      if (this.#journal.failure !== undefined) this.#abort.abort(this.#journal.failure);
    });
    const signal = this.#abort.signal;
    const { prompt, reachTimeoutMs } = options;
    const { fleet, lifetime } =
      options.connected ??
      connected(cluster, {
        ...(prompt === undefined ? {} : { prompt }),
        ...(reachTimeoutMs === undefined ? {} : { reachTimeoutMs }),
      });
    this.#fleet = fleet;
    this.#lifetime = lifetime;
    const shared = { cluster, fleet: this.#fleet, journal: this.#journal, raw: this.#raw, signal };
    const allowed = changesRules(options, cluster);
    this.#changes = new ChangeStage({
      ...shared,
      lifetime: this.#lifetime.signal,
      runId: id,
      purpose: options.command,
      ...(options.stealLock === undefined ? {} : { stealLock: options.stealLock }),
      allowed,
      pool: poolClient(options, cluster),
      lacking: async ({ name }) => rulesLacking(await this.#facts.fact('pre', name, 'privilege')),
      stop: (by, error) => {
        this.#stop(by, error);
      },
    });
    this.#plan = new RunPlan(options, cluster);
    this.#facts = new FactStore({
      ...shared,
      wanted: this.#plan.wanted,
      tiers: tiersOf(options, cluster),
      onReport: (stage, report) => {
        if (stage === 'pre') this.#early.take(report);
      },
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    });
    this.#gathering = new Gathering({
      facts: this.#facts,
      journal: this.#journal,
      turn: () => this.#turnOfFacts(),
    });
    this.#answers = new Answers(shared);
    this.#early = new EarlyVerdicts(cluster.waivers);
    const profile = options.profile ?? cluster.loadProfiles[0];
    this.#traffic =
      profile === undefined
        ? undefined
        : new TrafficStage({
            ...shared,
            profile,
            haste: options.loadFirst ?? false,
            limit: options.limit ?? [],
            prepare: (client) => this.#changes.addSources(client),
            pagesBefore: async (name) =>
              this.#gathering.hasBegun('pre') ? this.#facts.fact('pre', name, 'httpProbes') : undefined,
          });
    this.#journal.append({
      type: 'run-started',
      id,
      command: options.command,
      version: options.version,
      cluster: summaryOf(cluster),
    });
    this.#guardStorage();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Commands that would put the hosts back by hand, in order, while there are any. */
  get outstanding() {
    return this.#changes.outstanding;
  }

  /** Plans and judges the pairs, stage by stage, as the suites do. */
  async judgeAll(pairs: readonly Pair[]): Promise<void> {
    const planned = stageOrder.flatMap((stage) =>
      pairs.filter(({ check, subject }) => check.stage === stage && this.plan(check, subject)),
    );
    for (const { check, subject } of planned)
      if (this.#plan.wanted.stageOf(check) === 'pre') this.#early.add(check, subject);
    let last: Check | undefined;
    for (const { check, subject } of planned) {
      // Signals and hosts are heard in between.
      if (check !== last) await setImmediate();
      last = check;
      await this.judge(check, subject);
    }
  }

  /** Adds a pair to the plan; false when the run's options leave it out. Planning ends with the first `judge`. */
  plan(check: Check, subject: Subject): boolean {
    const planned = this.#plan.add(check, subject);
    if (planned) this.#answers.add(check, subject.host);
    return planned;
  }

  /** Records and returns the pair's one verdict; `not-run` once the run was interrupted. Never rejects for a host's fault. */
  async judge(check: Check, subject: Subject): Promise<Verdict> {
    this.#begin();
    const plan = plannedVerdict(check, subject);
    const verdict = this.signal.aborted ? notRun(plan) : await this.#judged(check, subject, plan);
    this.#verdicts.push(verdict);
    // A pair that was not run needs no line: the record derives it from the plan.
    if (verdict.outcome !== 'not-run') this.#journal.append({ type: 'verdict', verdict });
    return verdict;
  }

  interrupt(signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM'): void {
    if (this.signal.aborted) return;
    this.#journal.append({ type: 'interrupted', by: 'signal', signal });
    this.#abort.abort(new IpvetError('ABORTED', `interrupted by ${signal}`));
  }

  /** Records that the run could not go on; `finish` still restores. */
  fail(error: unknown): void {
    const failure = asIpvetError(error, 'INTERNAL', 'the run stopped');
    tellProblem(this.#journal, failure);
    if (!this.signal.aborted) {
      this.#journal.append({ type: 'interrupted', by: 'internal-error' });
      this.#abort.abort(failure);
    }
  }

  /** Diagnoses, restores, writes run.json. Idempotent. Never rejects for a host's fault or a full disk. */
  finish(): Promise<RunRecord> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  async #finish(): Promise<RunRecord> {
    this.#begin();
    await this.#ahead;
    if (!this.signal.aborted) await timed(this.#journal, 'diagnosis', () => this.#diagnose());
    await timed(this.#journal, 'restore', () => this.#changes.restore());
    await this.#fleet.close();
    this.#lifetime.abort();
    const record = endRun(this.#journal, this.options.failOn);
    this.#raw.close();
    return record;
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#journal.append(this.#plan.told());
    if (this.options.loadFirst === true && !this.signal.aborted) this.#ahead = this.#driveAhead();
  }

  async #judged(check: Check, subject: Subject, plan: PlannedVerdict): Promise<Verdict> {
    const stage = this.#plan.wanted.stageOf(check);
    try {
      await this.#changes.lock();
      if (this.signal.aborted) return notRun(plan);
      if (check.stage !== 'pre') await this.#changes.install();
      const early = this.#early.of(check, subject);
      if (early !== undefined) return await early;
      const settled = await this.#settled(check, subject);
      return await judge(
        check,
        settled,
        {
          fact: (name) => this.#fact(name, stage, settled),
          answer: async () => {
            await this.#gathering.collect(stage);
            return this.#answers.of(check, subject.host.name);
          },
          ofEveryone: (names) => this.#gathering.ofEveryone(stage, names),
        },
        this.options.cluster.waivers,
        plan,
      );
    } catch (error) {
      if (this.signal.aborted) return notRun(plan);
      throw error;
    }
  }

  /** Load is judged on the director that has the VIP, whichever the plan named. */
  async #settled(check: Check, subject: Subject): Promise<Subject> {
    if (this.#traffic === undefined || !isDriven(check, subject)) return subject;
    return { ...subject, host: await this.#traffic.directorOf(subject.service, subject.host) };
  }

  async #fact(name: FactName, stage: string, subject: Subject): Promise<Fact<unknown>> {
    if (!isObservation(name)) {
      await this.#gathering.collect(stage);
      return this.#facts.fact(stage, subject.host.name, name);
    }
    if (!('service' in subject) || !('client' in subject) || this.#traffic === undefined) {
      return missing('unsupported', `${name} belongs to a virtual service under load`);
    }
    const { service, host, client } = subject;
    return (await this.#traffic.observe(service, host, client)).facts[name];
  }

  /** Load that comes first is begun first: what takes a processor from it would be taken for the cluster's own. */
  async #turnOfFacts(): Promise<void> {
    if (this.options.loadFirst !== true || this.#plan.driven.length === 0 || this.#traffic === undefined) return;
    await Promise.race([this.#traffic.begun, setTimeout(longestStartMs, undefined, { ref: false })]);
  }

  /** Never rejects. */
  async #driveAhead(): Promise<void> {
    await this.#changes.lock();
    await this.#traffic?.ahead(this.#plan.driven);
  }

  #diagnose(): Promise<void> {
    return diagnoseRun(
      {
        cluster: this.options.cluster,
        verdicts: this.#verdicts,
        sees: this.#plan.sees,
        facts: this.#facts,
        collected: this.#gathering.hasBegun('pre'),
        traffic: this.#traffic,
      },
      this.#journal,
      this.signal,
    );
  }

  /** Ends the run early for the safety of the cluster: what is left is not run, what was changed is undone. */
  #stop(by: 'refused' | 'unguarded', error: IpvetError): void {
    tellProblem(this.#journal, error);
    if (this.signal.aborted) return;
    this.#journal.append({ type: 'interrupted', by });
    this.#abort.abort(error);
  }

  /** The very first line failed to be written: nothing was touched yet, so there is no run. */
  #guardStorage(): void {
    if (this.#journal.failure !== undefined) {
      this.#lifetime.abort();
      throw this.#journal.failure;
    }
  }
}

function notRun(plan: PlannedVerdict): Verdict {
  return { ...plan, outcome: 'not-run', reason: 'the run was interrupted before it', evidence: [], durationMs: 0 };
}
