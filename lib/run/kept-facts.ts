/** The facts, answers and observations of a run that was kept, read with this version's parsers. Asks nobody. */
import { IpvetError } from '../errors.ts';
import { type HostAnswers, reread } from '../facts/answers.ts';
import { type HostReport, unreachableReport } from '../facts/collect.ts';
import { questionsFor } from '../facts/questions.ts';
import type { Check, FactName, Subject } from '../model/check.ts';
import type { Cluster, ClusterHost } from '../model/cluster.ts';
import type { CommandAnswer } from '../model/custom-check.ts';
import { type Fact, type HostFactName, missing, type Missing } from '../model/facts.ts';
import type { Probing } from '../model/ends.ts';
import { withFind } from './answers.ts';
import type { FactsByHost, FactSource } from './judge.ts';
import type { RawLine } from './raw-lines.ts';
import { tiersOf } from './selection.ts';
import type { ObservedService } from './traffic-stage.ts';
import { isObservation, type WantedFacts } from './wanted-facts.ts';

export type AskedLine = Extract<RawLine, { type: 'asked' }>;

export interface KeptFactsOptions {
  readonly cluster: Cluster;
  readonly asked: AskedLine;
  readonly lines: readonly RawLine[];
  /** Experiments of the run, by service. */
  readonly probings: ReadonlyMap<string, Probing>;
  /** Complete before the first fact is asked for. */
  readonly wanted: WantedFacts;
}

export class KeptFacts {
  readonly #options: KeptFactsOptions;
  readonly #stages = new Map<string, ReadonlyMap<string, HostReport>>();
  readonly #everyone = new Map<string, FactsByHost>();

  constructor(options: KeptFactsOptions) {
    this.#options = options;
  }

  /** As `FactStore.stage`. */
  stage(stage: string): Promise<ReadonlyMap<string, HostReport>> {
    return Promise.resolve(this.#stage(stage));
  }

  /** As `TrafficStage.observed`. */
  observed(service: string): Promise<ObservedService> | undefined {
    const line = this.#of('observed').find((one) => one.service === service);
    return line === undefined ? undefined : Promise.resolve(line.observed);
  }

  /** The experiment of the run; undefined where it made none. */
  probe({ name }: { readonly name: string }): Promise<Probing | undefined> {
    return Promise.resolve(this.#options.probings.get(name));
  }

  /** Where the facts of a check come from. */
  source(check: Check, subject: Subject): FactSource {
    const stage = this.#options.wanted.stageOf(check);
    return {
      fact: (name) => this.#fact(name, stage, subject),
      ofEveryone: (names) => Promise.resolve(this.#ofEveryone(stage, names)),
      answer: () => Promise.resolve(this.#answer(check.id, subject.host.name)),
    };
  }

  async #fact(name: FactName, stage: string, subject: Subject): Promise<Fact<unknown>> {
    if (!isObservation(name)) {
      const { name: host } = subject.host;
      return this.#stage(stage).get(host)?.facts[name] ?? this.#notHeld(`${name} of ${host}`);
    }
    if (!('service' in subject) || !('client' in subject)) {
      return missing('unsupported', `${name} belongs to a virtual service under load`);
    }
    const observed = await this.observed(subject.service.name);
    return observed === undefined ? this.#notHeld(`the load on ${subject.service.name}`) : observed.facts[name];
  }

  #answer(check: string, host: string): Fact<CommandAnswer> {
    const line = this.#of('command-answer').find((one) => one.check === check && one.host === host);
    return line === undefined ? this.#notHeld(`the answer of ${host} to ${check}`) : withFind(line.answer);
  }

  #ofEveryone(stage: string, names: readonly HostFactName[]): FactsByHost {
    const key = [stage, ...names].join(' ');
    const gathered: FactsByHost =
      this.#everyone.get(key) ??
      new Map(
        [...this.#stage(stage)].map(([host, { facts }]) => [
          host,
          Object.fromEntries(names.map((name) => [name, facts[name] ?? this.#notHeld(`${name} of ${host}`)])),
        ]),
      );
    this.#everyone.set(key, gathered);
    return gathered;
  }

  #stage(stage: string): ReadonlyMap<string, HostReport> {
    const reports =
      this.#stages.get(stage) ??
      new Map(this.#options.wanted.of(stage).map(({ host, facts }) => [host.name, this.#report(stage, host, facts)]));
    this.#stages.set(stage, reports);
    return reports;
  }

  #report(stage: string, host: ClusterHost, facts: readonly HostFactName[]): HostReport {
    const { asked, cluster } = this.#options;
    const questions = questionsFor(cluster, host, facts, tiersOf(asked.selection, cluster));
    const answers = this.#answersOf(stage, host.name);
    if (answers !== undefined) {
      const { version, wordings } = asked;
      return reread(answers, questions, { version, wordings: wordings[host.role], role: host.role });
    }
    const gone = this.#of('unreachable').find((one) => one.stage === stage && one.host === host.name);
    if (gone !== undefined) {
      const { message, hint } = gone.error;
      return unreachableReport(
        host.name,
        questions,
        new IpvetError('SSH_UNREACHABLE', message, hint === undefined ? {} : { hint }),
      );
    }
    const gap = this.#notHeld(`what ${host.name} answers`);
    return { host: host.name, facts: Object.fromEntries(facts.map((fact) => [fact, gap])), durationMs: 0, raw: [] };
  }

  #answersOf(stage: string, host: string): HostAnswers | undefined {
    return this.#of('answers').find((one) => one.stage === stage && one.answers.host === host)?.answers;
  }

  #of<T extends RawLine['type']>(type: T): readonly Extract<RawLine, { type: T }>[] {
    return this.#options.lines.filter((line): line is Extract<RawLine, { type: T }> => line.type === type);
  }

  #notHeld(what: string): Missing {
    const cut = this.#of('left-out').map((line) => line.what);
    return missing(
      'not-collected',
      `${what} is not in what was kept of the run${cut.length === 0 ? '' : `; left out, as too large: ${cut.join(', ')}`}`,
      { hint: 'Run ipvet against the cluster again to have it judged.' },
    );
  }
}
