/** All facts of one host, in one round trip unless something on it hangs. */
import type { IpvetError } from '../errors.ts';
import { type HostFactName, type HostFacts, type Fact, missing } from '../model/facts.ts';
import type { Host } from '../ssh/host.ts';
import { type HostAnswers, keptRound, type KeptRound } from './answers.ts';
import type { Collector } from './collector.ts';
import { whoAnswers } from './commands.ts';
import { collectors } from './index.ts';
import { localFacts } from './local-facts.ts';
import { ownSections } from './own-sections.ts';
import type { FactQuestions } from './questions.ts';
import { type AnyFact, factOf, type RawFact, rawOf, rawOfLocal, sectionOf, sectionsFor } from './reading.ts';
import { roundTrip, type RoundTrip } from './round-trip.ts';

export interface HostReport {
  readonly host: string;
  /** Every fact that was asked for. */
  readonly facts: { readonly [N in HostFactName]?: Fact<HostFacts[N]> };
  readonly durationMs: number;
  /** For the journal, in the order collected. */
  readonly raw: readonly RawFact[];
}

export interface CollectOptions {
  readonly signal: AbortSignal;
  /** Longest one round trip may take. Default 30 s: a host that is busy with its own work takes ten times what an idle one takes. */
  readonly timeoutMs?: number;
  /** Gets what the host answered, before the facts are given back, so that it can be read again later. */
  readonly keep?: (answers: HostAnswers) => void;
}

const defaultTimeoutMs = 30_000;
/** A section that hangs costs a round trip: the facts behind it are asked for again without it. */
const mostRounds = 3;

/**
 * Never rejects for a fault of the host: every fact asked for is in the report, known or missing with its reason.
 * Rejects with ABORTED when `signal` fires.
 */
export async function collectFacts(host: Host, questions: FactQuestions, options: CollectOptions): Promise<HostReport> {
  const startedAtMs = performance.now();
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const facts = new Map<HostFactName, AnyFact>();
  const raw: RawFact[] = [];
  const rounds: KeptRound[] = [];
  const asker = { host: host.declaration.name, user: host.user };
  const wanted = collectors.filter(({ fact }) => questions.facts.includes(fact));
  const confidential = wanted.filter((each) => each.confidential === true).map(({ fact }) => fact);
  const { nearer, asked: first } = whoAnswers(host.declaration, questions);
  const nearby = () => localFacts(host, questions, nearer, { signal: options.signal, timeoutMs });
  // This process asks its own kernel when its script is done: the other hosts are asked by then.
  let local = isOwnNamespace(host) ? undefined : nearby();
  let asked = first;
  let become = questions.become ?? 'sudo';
  let hung: string | undefined;
  for (let round = 1; round === 1 || asked.length > 0; round++) {
    const put = { ...questions, become };
    const first = await roundTrip(host, asked, put, { signal: options.signal, timeoutMs });
    const trip = { ...first, sudoMessage: first.sudoMessage ?? hung };
    const again = round < mostRounds ? worthAskingAgain(trip, asked, put) : [];
    const settled = asked.filter((each) => !again.includes(each));
    rounds.push(keptRound({ facts: settled.map(({ fact }) => fact), become, timeoutMs, trip }, confidential));
    for (const collector of settled) {
      const section = sectionOf(collector, trip, asker, put);
      facts.set(collector.fact, factOf(collector, trip, section, put, timeoutMs));
      raw.push(rawOf(collector, trip, section, put));
    }
    if (trip.unfinished === ownSections.become) {
      become = 'none';
      hung = `sudo did not answer within ${timeoutMs / 1000} s`;
    }
    asked = again;
    if (round === 1) {
      // A page that broke off with the connection says nothing of the web server.
      if (trip.error?.code.startsWith('SSH_') === true) local = Promise.resolve({});
      local ??= nearby();
      const answered = await local;
      for (const [fact, answer] of Object.entries(answered) as [HostFactName, AnyFact][]) {
        facts.set(fact, answer);
        raw.push(rawOfLocal(fact, answer));
      }
      asked = [...again, ...wanted.filter(({ fact }) => nearer.includes(fact) && !facts.has(fact))];
    }
  }
  const kept = [...Object.keys((await local) ?? {}), ...confidential] as HostFactName[];
  const asFacts = Object.fromEntries(kept.map((fact) => [fact, facts.get(fact)]));
  options.keep?.({ ...asker, questions, rounds, asFacts });
  return {
    host: host.declaration.name,
    facts: Object.fromEntries(facts),
    durationMs: performance.now() - startedAtMs,
    raw,
  };
}

function isOwnNamespace({ declaration: { host, netns } }: Host): boolean {
  return host === 'localhost' && netns === undefined;
}

/** For a host that could not even be connected to: every fact asked for is missing, for the same reason. */
export function unreachableReport(hostName: string, questions: FactQuestions, error: IpvetError): HostReport {
  const gap = missing('unreachable', error.message, error.hint === undefined ? {} : { hint: error.hint });
  const facts = Object.fromEntries(questions.facts.map((fact) => [fact, gap])) as HostReport['facts'];
  return { host: hostName, facts, durationMs: 0, raw: [] };
}

/** After a deadline: the collectors whose answer was lost because another section hung. */
function worthAskingAgain(
  trip: RoundTrip,
  asked: readonly Collector[],
  questions: FactQuestions,
): readonly Collector[] {
  if (trip.error?.code !== 'EXEC_TIMEOUT') return [];
  const culprit = trip.unfinished;
  if (culprit === ownSections.become) return asked;
  const hung = asked.filter((collector) => sectionsFor(collector, questions).includes(culprit ?? ''));
  if (hung.length === 0) return [];
  return asked.filter((collector) => {
    if (hung.includes(collector)) return false;
    // Standard error goes with the deadline, and what failed needs it to say why.
    return sectionsFor(collector, questions).some(
      (name) => name !== ownSections.files && trip.sections.get(name)?.exitCode !== 0,
    );
  });
}
