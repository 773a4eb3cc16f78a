/** `ipvet failover`: drills one after the other, under locks, each begun on a stable cluster and taken back. */
import { join } from 'node:path';
import { newRunId } from '../../changes/holder.ts';
import { asIpvetError, IpvetError } from '../../errors.ts';
import type { Client, Cluster, LoadProfile, VirtualService } from '../../model/cluster.ts';
import type { ScenarioName } from '../../model/failover.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { silenceCommands } from '../../privileges/index.ts';
import { connectFleet } from '../../ssh/fleet.ts';
import type { Fleet } from '../../ssh/host.ts';
import { Journal, type Listener } from '../journal.ts';
import { Protection } from '../protection.ts';
import { tellProblem, timed } from '../stages.ts';
import { endRun } from '../stored-record.ts';
import { summaryOf } from '../summary.ts';
import { UndoStack } from '../undo.ts';
import { drill, type DrillOptions, type DrillWish } from './drill.ts';
import { drillPlan, type DrillScene, hostsOfScenario } from './scenarios.ts';
import { contacts, readDetails, readSettings, type SceneReader, stableOwner } from './scene.ts';

export interface FailoverOptions {
  readonly cluster: Cluster;
  readonly service: VirtualService;
  readonly client: Client;
  readonly profile: LoadProfile;
  readonly scenarios: readonly ScenarioName[];
  /** They were asked for by name. */
  readonly asked: boolean;
  readonly loads: readonly ('low' | 'high')[];
  /** How often each. */
  readonly repeat: number;
  readonly version: string;
  /** Folder that gets the run's own folder. */
  readonly outDirectory: string;
  readonly failOn: 'fail' | 'warn';
  readonly stealLock?: (held: string) => Promise<boolean>;
  readonly prompt?: (question: string) => Promise<string>;
  readonly onEvent?: Listener;
}

/** Longest for the cluster to be stable before the first drill. */
const firstLimitMs = 15_000;

export class FailoverRun {
  readonly directory: string;
  readonly #options: FailoverOptions;
  readonly #journal: Journal;
  readonly #abort = new AbortController();
  readonly #lifetime = new AbortController();
  readonly #fleet: Fleet;
  readonly #undo: UndoStack;
  readonly #protection: Protection;
  #done = 0;

  /** Makes the run folder and the journal's first line; touches no host. Throws STORAGE. */
  constructor(options: FailoverOptions) {
    const { cluster, service, outDirectory, version, prompt, stealLock, onEvent } = options;
    this.#options = options;
    const id = newRunId();
    this.directory = join(outDirectory, id);
    this.#journal = new Journal(this.directory);
    if (onEvent !== undefined) this.#journal.onEvent(onEvent);
    this.#fleet = connectFleet(cluster, { signal: this.#lifetime.signal, ...(prompt === undefined ? {} : { prompt }) });
    this.#undo = new UndoStack(this.#journal);
    this.#protection = new Protection({
      fleet: this.#fleet,
      journal: this.#journal,
      runId: id,
      purpose: 'failover',
      lifetime: this.#lifetime.signal,
      commands: (host) => silenceCommands(cluster, host),
      // Who has the VIP is told by the drills.
      leaveOut: (line) => line.startsWith('address ') && line.includes(` ${service.vip}/`),
      onLost: (error) => {
        this.#stop('unguarded', error);
      },
      ...(stealLock === undefined ? {} : { stealLock }),
    });
    this.#journal.append({ type: 'run-started', id, command: 'failover', version, cluster: summaryOf(cluster) });
    if (this.#journal.failure !== undefined) throw this.#journal.failure;
  }

  /** Commands that would put the hosts back by hand, in order, while there are any. */
  get outstanding() {
    return this.#undo.outstanding;
  }

  interrupt(signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM'): void {
    if (this.#abort.signal.aborted) return;
    this.#journal.append({ type: 'interrupted', by: 'signal', signal });
    this.#abort.abort(new IpvetError('ABORTED', `interrupted by ${signal}`));
  }

  /** Drills, takes everything back, writes run.json. Never rejects for a host's fault. */
  async finish(): Promise<RunRecord> {
    try {
      await this.#drills();
    } catch (error) {
      this.#failed(asIpvetError(error, 'INTERNAL', 'the drill stopped'));
    }
    await timed(this.#journal, 'restore', async () => {
      await this.#undo.undoAll();
      await this.#protection.verify();
      await this.#protection.release();
    });
    await this.#fleet.close();
    this.#lifetime.abort();
    return endRun(this.#journal, this.#options.failOn);
  }

  get #reader(): SceneReader {
    const { cluster, service } = this.#options;
    return { cluster, service, fleet: this.#fleet, signal: this.#abort.signal };
  }

  async #drills(): Promise<void> {
    const { cluster, service, scenarios, loads, repeat: times, client, profile } = this.#options;
    const shared = {
      fleet: this.#fleet,
      undo: this.#undo,
      signal: this.#abort.signal,
      lifetime: this.#lifetime.signal,
      client,
      profile,
      leave: (host: string) => this.#protection.leave(host),
      retake: (host: string) => this.#protection.retake(host),
    };
    const names = [
      ...new Set([
        ...cluster.directors.map(({ name }) => name),
        ...scenarios.flatMap((scenario) => hostsOfScenario(scenario, cluster, service)),
      ]),
    ];
    const met = await timed(this.#journal, 'hosts', () => contacts(this.#reader, [client.name, ...names]));
    for (const contact of met) this.#journal.append({ type: 'host-contacted', contact });
    const owner = await timed(this.#journal, 'stable', () => stableOwner(this.#reader, firstLimitMs));
    const guards = await timed(this.#journal, 'lock', () => this.#protection.open(names));
    const scene: DrillScene = {
      cluster,
      service,
      owner,
      ...(await readSettings(this.#reader, (problem) => {
        tellProblem(this.#journal, problem);
      })),
    };
    for (const scenario of scenarios)
      for (const load of loads)
        for (let repeat = 1; repeat <= times; repeat++)
          if (!(await this.#drill({ ...shared, guards }, scene, { scenario, load, repeat, of: times }))) break;
  }

  /** False where it cannot be made on this cluster: the journal has why. */
  async #drill(options: DrillOptions, scene: DrillScene, wish: DrillWish): Promise<boolean> {
    const owner = this.#done === 0 ? scene.owner : await stableOwner(this.#reader);
    const { scenario } = wish;
    const now: DrillScene = { ...scene, owner, ...(await readDetails(this.#reader, scenario, owner)) };
    const plan = drillPlan(scenario, now);
    if ('obstacle' in plan) {
      const { asked } = this.#options;
      this.#journal.append({ type: 'drill-not-done', drill: { scenario, reason: plan.obstacle, asked } });
      return false;
    }
    const name = `${scenario} ${wish.load} ${wish.repeat}/${wish.of}`;
    const failover = await timed(this.#journal, name, () => drill(options, now, plan, wish));
    this.#done++;
    this.#journal.append({ type: 'failover', failover });
    if (failover.outcome !== 'inconclusive') return true;
    throw new IpvetError(
      'EXEC_FAILED',
      `after ${name}: ${failover.reason ?? 'the cluster is not stable'}; no drill follows`,
      {
        hint:
          plan.boots === undefined
            ? 'see what is left to do with: ipvet check, and on the directors: journalctl -u keepalived'
            : `look at the console of ${plan.boots}, which has to boot and run keepalived; see what is left to do with: ipvet check`,
      },
    );
  }

  #failed(failure: IpvetError): void {
    if (this.#abort.signal.aborted) return;
    // Before anything was done it is a refusal; later it leaves the rest undecided.
    const refused = this.#done === 0 && ['REFUSED', 'LOCKED', 'UNGUARDED'].includes(failure.code);
    if (refused) this.#stop('refused', failure);
    else tellProblem(this.#journal, failure);
  }

  #stop(by: 'refused' | 'unguarded', error: IpvetError): void {
    tellProblem(this.#journal, error);
    if (this.#abort.signal.aborted) return;
    this.#journal.append({ type: 'interrupted', by });
    this.#abort.abort(error);
  }
}
