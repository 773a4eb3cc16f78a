/** Every fact once per host and stage: all hosts at the same time, all facts of a host in one round trip. */
import { asIpvetError, IpvetError } from '../errors.ts';
import { collectFacts, type HostReport, unreachableReport } from '../facts/collect.ts';
import { questionsFor } from '../facts/questions.ts';
import type { Cluster, ClusterHost } from '../model/cluster.ts';
import { type Fact, type HostFactName, type HostFacts, missing } from '../model/facts.ts';
import type { Tier } from '../model/tier.ts';
import type { Fleet } from '../ssh/host.ts';
import { contactOf, unreachableContact } from './contact.ts';
import type { Journal } from './journal.ts';
import type { RawFile } from './raw-file.ts';
import type { WantedFacts } from './wanted-facts.ts';

export interface FactStoreOptions {
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly raw: Pick<RawFile, 'append'>;
  /** Complete before the first stage is asked for. */
  readonly wanted: WantedFacts;
  /** What the run does: sudo has to allow that. */
  readonly tiers: readonly Tier[];
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /** Told of each report, while other hosts are still being asked. */
  readonly onReport?: (stage: string, report: HostReport) => void;
}

export class FactStore {
  readonly #options: FactStoreOptions;
  readonly #reports = new Map<string, Promise<ReadonlyMap<string, HostReport>>>();

  constructor(options: FactStoreOptions) {
    this.#options = options;
  }

  /** Collects the stage when first asked; resolves with one report per host that was wanted. Rejects with ABORTED only. */
  stage(stage: string): Promise<ReadonlyMap<string, HostReport>> {
    const reports = this.#reports.get(stage) ?? this.#collectStage(stage);
    this.#reports.set(stage, reports);
    return reports;
  }

  async fact<N extends HostFactName>(stage: string, host: string, name: N): Promise<Fact<HostFacts[N]>> {
    const report = (await this.stage(stage)).get(host);
    const fact: Fact<HostFacts[N]> | undefined = report?.facts[name];
    return fact ?? missing('not-collected', `${name} of ${host} was not asked for in stage ${stage}`);
  }

  async #collectStage(stage: string): Promise<ReadonlyMap<string, HostReport>> {
    const wanted = this.#options.wanted.of(stage);
    const reports = await Promise.all(
      wanted.map(async ({ host, facts }) => {
        const report = await this.#collectHost(stage, host, facts);
        this.#options.onReport?.(stage, report);
        return report;
      }),
    );
    return new Map(reports.map((report) => [report.host, report]));
  }

  async #collectHost(stage: string, host: ClusterHost, facts: readonly HostFactName[]): Promise<HostReport> {
    const { cluster, fleet, journal, raw, signal, tiers, timeoutMs } = this.#options;
    const questions = questionsFor(cluster, host, facts, tiers);
    try {
      const connection = await fleet.host(host.name);
      const report = await collectFacts(connection, questions, {
        signal,
        keep: (answers) => {
          raw.append({ type: 'answers', stage, answers });
        },
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      journal.append({
        type: 'facts-collected',
        host: host.name,
        stage,
        durationMs: report.durationMs,
        raw: report.raw,
      });
      journal.append({ type: 'host-contacted', contact: contactOf(host, report) });
      return report;
    } catch (error) {
      const failure = asIpvetError(error, 'INTERNAL', `facts of ${host.name}`);
      if (failure.code === 'ABORTED' || signal.aborted) {
        throw new IpvetError('ABORTED', `interrupted while asking ${host.name}`, { cause: error, host: host.name });
      }
      const { code, message, hint } = failure;
      raw.append({
        type: 'unreachable',
        stage,
        host: host.name,
        error: { code, message, ...(hint === undefined ? {} : { hint }) },
      });
      journal.append({ type: 'host-contacted', contact: unreachableContact(host, failure) });
      return unreachableReport(host.name, questions, failure);
    }
  }
}
