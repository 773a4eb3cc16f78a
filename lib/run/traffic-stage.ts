/** Drives load through one virtual service while its director is sampled, and keeps what both saw. */
import { performance } from 'node:perf_hooks';

import { judgeDistribution } from '../distribution/judge.ts';
import { asIpvetError } from '../errors.ts';
import { declaredEndpoints } from '../load/declared-endpoints.ts';
import { driveLoad } from '../load/drive.ts';
import type { LoadPlan, LoadProgress } from '../load/engine.ts';
import { type Client, type Cluster, type Director, type LoadProfile, type VirtualService } from '../model/cluster.ts';
import type { Evidence } from '../model/evidence.ts';
import { type Fact, type HttpProbe, known, missing } from '../model/facts.ts';
import type { DirectorReach, FailedEntry, Probing } from '../model/ends.ts';
import type { CapacityResult, ControlResult, LoadResult } from '../model/load-result.ts';
import type { Observations } from '../model/observations.ts';
import type { Sampling } from '../model/sampling.ts';
import { activeDirector, mayBeActive } from './active-director.ts';
import { atRate, confirmed, searchCapacity } from './capacity-search.ts';
import { driveControl } from './control-run.ts';
import { directorReach } from './director-reach.ts';
import { readFailedEntries } from './failed-entries.ts';
import { largeRequests } from './large-requests.ts';
import { endsOf, loadPlan } from './load-plan.ts';
import { probe } from './probe.ts';
import { ThresholdWatch } from './threshold-watch.ts';
import { startEnds } from '../sampling/end-counters.ts';
import { startSampler } from '../sampling/sampler.ts';
import type { Fleet, Host } from '../ssh/host.ts';
import { distributionInput, readDestinationOrder } from './distribution-input.ts';
import type { Journal } from './journal.ts';
import type { RawFile } from './raw-file.ts';
import { timed } from './stages.ts';
import type { Driven } from './wanted-facts.ts';
import { describeEnds, describeLoad, describeSampling } from './observed-text.ts';

export interface TrafficStageOptions {
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly raw: Pick<RawFile, 'append'>;
  readonly signal: AbortSignal;
  readonly profile: LoadProfile;
  /** The load came first, and somebody waits for what comes of it: nothing is looked at twice. */
  readonly haste?: boolean;
  /** Names of the hosts that may be asked; empty is all. */
  readonly limit?: readonly string[];
  /** Gives the client the addresses its load comes from. */
  readonly prepare: (client: Client) => Promise<void>;
  /** What a director got of the real servers' pages before any load; undefined when it was not asked. */
  readonly pagesBefore: (director: string) => Promise<Fact<readonly HttpProbe[]> | undefined>;
}

/** Observations of one service, each known or missing with its reason, and what was looked at because requests failed. */
export interface ObservedService {
  readonly facts: { readonly [N in keyof Observations]: Fact<Observations[N]> };
  /** The director's own way to each destination, around IPVS; only when requests failed. */
  readonly reach: readonly DirectorReach[];
  readonly reachEvidence?: Evidence;
  /** Their entries; only when requests failed. */
  readonly failedEntries?: readonly FailedEntry[];
  readonly entriesEvidence?: Evidence;
}

export class TrafficStage {
  readonly #options: TrafficStageOptions;
  readonly #observed = new Map<string, Promise<ObservedService>>();
  /** Where the load of a service came from, and which director was sampled. */
  readonly #driven = new Map<string, { readonly director: Director; readonly client: Client }>();

  constructor(options: TrafficStageOptions) {
    this.#options = options;
  }

  /** Drives the service when first asked; never rejects. */
  observe(service: VirtualService, director: Director, client: Client): Promise<ObservedService> {
    const known = this.#observed.get(service.name);
    if (known !== undefined) return known;
    const observed = timed(this.#options.journal, `load ${service.name}`, () => this.#keep(service, director, client));
    this.#observed.set(service.name, observed);
    this.#driven.set(service.name, { director, client });
    return observed;
  }

  #begin: () => void = () => undefined;
  /** Resolves once the first load is under way, or has come to nothing. */
  readonly begun = new Promise<void>((resolve) => {
    this.#begin = resolve;
  });

  /** Drives one service after the other before anybody asks. Never rejects. */
  async ahead(driven: readonly Driven[]): Promise<void> {
    for (const { service, host, client } of driven) {
      if (this.#options.signal.aborted) return;
      await this.observe(service, await this.directorOf(service, host), client);
    }
  }

  readonly #directors = new Map<string, Promise<Director>>();

  /** The one that has the VIP when first asked, and for the rest of the run; see `activeDirector`. */
  directorOf(service: VirtualService, declared: Director): Promise<Director> {
    const found = this.#directors.get(service.name) ?? activeDirector(this.#options, service, declared);
    this.#directors.set(service.name, found);
    return found;
  }

  /** What was observed of a service so far; undefined when it was not driven. */
  observed(service: string): Promise<ObservedService> | undefined {
    return this.#observed.get(service);
  }

  /** Follows a few more connections of a service that was driven; undefined when it was not. Rejects as `probe` does. */
  async probe(service: VirtualService): Promise<Probing | undefined> {
    const driven = this.#driven.get(service.name);
    if (driven === undefined) return undefined;
    const { cluster, fleet, profile, limit, signal, haste = false } = this.#options;
    const { director, client } = driven;
    const standbys = mayBeActive(cluster, limit)
      .filter(({ name }) => name !== director.name)
      .map(({ name }) => ({ host: name, role: 'director' as const }));
    return probe({
      cluster,
      fleet,
      service,
      host: await fleet.host(director.name),
      client,
      plan: loadPlan(service, client, profile),
      ends: [...endsOf(service, client, limit), ...standbys],
      signal,
      haste,
    });
  }

  async #keep(service: VirtualService, director: Director, client: Client): Promise<ObservedService> {
    const observed = await this.#drive(service, director, client);
    this.#begin();
    this.#options.raw.append({ type: 'observed', service: service.name, observed });
    return observed;
  }

  async #drive(service: VirtualService, director: Director, client: Client): Promise<ObservedService> {
    try {
      await this.#options.prepare(client);
      const host = await this.#options.fleet.host(director.name);
      return await this.#driveAndSample(service, host, client);
    } catch (error) {
      const failure = asIpvetError(error, 'LOAD', `load on ${service.name}`);
      const absent = missing(failure.code.startsWith('SSH') ? 'unreachable' : 'command-failed', failure.message, {
        ...(failure.hint === undefined ? {} : { hint: failure.hint }),
      });
      return { facts: { load: absent, sampling: absent, ends: absent, distribution: absent }, reach: [] };
    }
  }

  async #driveAndSample(service: VirtualService, host: Host, client: Client): Promise<ObservedService> {
    const { journal, signal, fleet, haste = false } = this.#options;
    const plan = loadPlan(service, client, this.#options.profile);
    const capacity = await this.#capacity(service, client, plan);
    const driven = capacity === undefined ? plan : confirmed(plan, capacity);
    // What is read outlives an interrupted load: what was seen until then is worth keeping.
    const lifetime = new AbortController();
    // What the ends counted holds all that the director counted: read before it, and after it.
    const counted = startEnds(
      endsOf(service, client, this.#options.limit),
      (name) => fleet.host(name),
      lifetime.signal,
      { haste },
    );
    // What the director runs is in the order that a dry run names.
    const ordered = readDestinationOrder(host, service, signal);
    const ready = Promise.all([
      ordered,
      counted,
      ordered.then(() => startSampler(host, service, { signal: lifetime.signal, countersAfter: counted })),
    ]).catch((error: unknown) => {
      lifetime.abort();
      throw error;
    });

    // Samples count from the first connection. The load's reports say how long ago that was, by a clock that nobody can
    // set: the one that came quickest is the nearest.
    let zeroAtMs = Infinity;
    // When a request was last begun, to a report: the counters settle from then.
    let begun = { sent: 0, atMs: performance.now() };
    const loading = this.#load(
      driven,
      ({ atMs, sent, answered, failed, requested }) => {
        zeroAtMs = Math.min(zeroAtMs, performance.now() - atMs);
        if (sent > begun.sent) begun = { sent, atMs: performance.now() };
        this.#begin();
        journal.append({ type: 'load-progress', service: service.name, sent, answered, failed, requested });
      },
      ready,
    );
    // It may fail while the rest is waited for, which then tells why.
    loading.catch(() => undefined);
    const [order, ends, sampler] = await ready;
    let load: LoadResult | undefined;
    let sampling: Sampling;
    let entries: ReturnType<typeof readFailedEntries> | undefined;
    try {
      load = await loading;
      // While the counters settle: entries of requests that failed go away.
      if (load.failed > 0 && !signal.aborted) entries = readFailedEntries(host, service, load, signal);
    } finally {
      sampling = await sampler.stop({
        zeroAtMs: Number.isFinite(zeroAtMs) ? zeroAtMs : performance.now(),
        // Where nothing got through, that fewer were scheduled is what is to be told, without delay.
        begun: load !== undefined && load.answered > 0 ? load.connections : 0,
        ...(haste ? { soon: true, lastBegunMs: load?.sent === begun.sent ? begun.atMs : performance.now() } : {}),
      });
    }
    const readings = await ends.stop();
    const control = await this.#control(service, plan);
    const asked = { ...this.#options, service, host, client, plan, ends: endsOf(service, client, this.#options.limit) };
    const large = await largeRequests(asked, load, journal);
    load = {
      ...load,
      ...(plan.profile.measured === true ? { measured: true as const } : {}),
      ...(capacity === undefined ? {} : { capacity }),
      ...(control === undefined ? {} : { control }),
      ...(large === undefined ? {} : { large }),
    };
    journal.append({ type: 'load', result: load });
    journal.append({ type: 'sampling', sampling });
    journal.append({ type: 'ends', service: service.name, ends: readings });
    const distribution = judgeDistribution(
      distributionInput({
        service,
        profile: driven.profile,
        load,
        sampling,
        ...(order === undefined ? {} : { order }),
      }),
    );
    journal.append({ type: 'distribution', distribution });

    const samplingEvidence = describeSampling(sampling);
    const facts = {
      load: known(load, describeLoad(load)),
      sampling: known(sampling, samplingEvidence),
      ends: known(readings, describeEnds(readings)),
      distribution: known(distribution, samplingEvidence),
    };
    if (entries === undefined || signal.aborted) return { facts, reach: [] };
    return { facts, ...(await directorReach(this.#options, service, host)), ...(await entries) };
  }

  /** One load, which begins after what it waits for, and ends before its time when a threshold that says so is crossed. */
  async #load(
    plan: LoadPlan,
    onProgress: (progress: LoadProgress) => void = () => undefined,
    after: Promise<unknown> = Promise.resolve(),
  ): Promise<LoadResult> {
    const { cluster, signal } = this.#options;
    const watch = new ThresholdWatch(cluster.thresholds.filter(({ load }) => load === plan.profile.name));
    const crossed = new AbortController();
    const load = await driveLoad(plan, {
      endpoints: declaredEndpoints(cluster),
      signal: AbortSignal.any([signal, crossed.signal]),
      after,
      onProgress: (progress) => {
        onProgress(progress);
        if (watch.crosses(progress)) crossed.abort();
      },
    });
    return signal.aborted ? load : watch.told(load);
  }

  /** The search for the highest rate, where the profile is one. */
  async #capacity(service: VirtualService, client: Client, plan: LoadPlan): Promise<CapacityResult | undefined> {
    const { capacity: search } = plan.profile;
    if (search === undefined) return undefined;
    const { fleet, journal, limit, signal } = this.#options;
    const measure = async (rateRps: number) => {
      const ends = await startEnds(endsOf(service, client, limit), (name) => fleet.host(name), signal);
      const load = await this.#load(atRate(plan, search, rateRps));
      return { load, ends: await ends.stop() };
    };
    return searchCapacity(search, measure, (step) => {
      journal.append({ type: 'capacity-step', service: service.name, step });
    });
  }

  async #control(service: VirtualService, plan: LoadPlan): Promise<ControlResult | undefined> {
    const { signal } = this.#options;
    if (plan.profile.control !== true || signal.aborted) return undefined;
    return driveControl(plan, service, (small) => this.#load(small), signal);
  }
}
