/**
 * What a host answered, as a value that JSON can hold, and the way back to facts. So a run can be judged again elsewhere
 * with other parsers than those it was made with.
 */
import { createHash } from 'node:crypto';

import { type ErrorCode, IpvetError } from '../errors.ts';
import type { HostRole } from '../model/cluster.ts';
import { type Fact, type HostFactName, type HostFacts, missing } from '../model/facts.ts';
import { collectors } from './index.ts';
import { exampleQuestions } from './example-commands.ts';
import type { HostReport } from './collect.ts';
import type { Collector } from './collector.ts';
import type { Frame } from './frames.ts';
import type { FactQuestions } from './questions.ts';
import { type AnyFact, factOf, sectionOf } from './reading.ts';
import type { RoundTrip } from './round-trip.ts';

/** Everything one host answered in one stage. */
export interface HostAnswers {
  readonly host: string;
  readonly user: string;
  readonly questions: Omit<FactQuestions, 'facts'>;
  readonly rounds: readonly KeptRound[];
  /** Facts that were kept as they are: those had without any program of the host, and those whose text is confidential. */
  readonly asFacts: { readonly [N in HostFactName]?: Fact<HostFacts[N]> };
}

/** One round trip. `facts` are those that were read from it. */
export interface KeptRound {
  readonly facts: readonly HostFactName[];
  readonly become: 'sudo' | 'none';
  readonly timeoutMs: number;
  readonly trip: KeptTrip;
}

type KeptTrip = Omit<RoundTrip, 'sections' | 'errors' | 'ip' | 'files' | 'error' | 'level' | 'unfinished' | 'clock'> & {
  readonly sections: readonly Frame[];
  readonly errors: readonly Frame[];
  readonly ip: readonly (RoundTrip['ip'] extends ReadonlyMap<string, infer A> ? A : never)[];
  readonly files: readonly (readonly [path: string, text: string])[];
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string };
  readonly level?: RoundTrip['level'];
  readonly unfinished?: string | undefined;
  readonly clock?: RoundTrip['clock'];
};

/** `confidential`: facts whose text is left out. */
export function keptRound(
  { trip, ...round }: Omit<KeptRound, 'trip'> & { readonly trip: RoundTrip },
  confidential: readonly string[],
): KeptRound {
  const { sections, errors, ip, files, error, ...rest } = trip;
  return {
    ...round,
    trip: {
      ...rest,
      sections: [...sections.values()].filter(({ name }) => !confidential.includes(name)),
      errors: [...errors.values()].filter(({ name }) => !confidential.includes(name)),
      ip: [...ip.values()],
      files: [...files],
      ...(error === undefined ? {} : { error: plainError(error) }),
    },
  };
}

function plainError({ code, message, hint }: IpvetError) {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

function tripOf({ sections, errors, ip, files, error, ...rest }: KeptTrip): RoundTrip {
  const byName = (frames: readonly Frame[]) => new Map(frames.map((frame) => [frame.name, frame]));
  return {
    ...rest,
    level: rest.level,
    unfinished: rest.unfinished,
    clock: rest.clock,
    sudoMessage: rest.sudoMessage,
    sections: byName(sections),
    errors: byName(errors),
    ip: new Map(ip.map((answer) => [answer.words, answer])),
    files: new Map(files),
    error: error === undefined ? undefined : new IpvetError(error.code, error.message, hintOf(error.hint)),
  };
}

function hintOf(hint: string | undefined) {
  return hint === undefined ? {} : { hint };
}

/** By host role and fact: a digest of the words in which it is asked for. */
export type Wordings = Readonly<Record<HostRole, Readonly<Partial<Record<HostFactName, string>>>>>;

/**
 * Digests of how this version asks for each fact, the same whatever the cluster. Of an answer to other words nobody can
 * say that what is not in it is not on the host.
 */
export function wordings(): Wordings {
  return { director: wordingsOf('director'), 'real-server': wordingsOf('real-server'), client: wordingsOf('client') };
}

function wordingsOf(role: HostRole): Readonly<Partial<Record<HostFactName, string>>> {
  const questions = exampleQuestions(role);
  const words = ({ files, ip, script, beside }: Collector) =>
    JSON.stringify([files?.(questions), ip?.(questions), script(questions, 0), beside?.(questions)]);
  return Object.fromEntries(
    collectors.map((collector) => [
      collector.fact,
      createHash('sha256').update(words(collector)).digest('hex').slice(0, 16),
    ]),
  );
}

/** Lists of questions that decide what the answer to a fact can hold. */
const listsOf: Readonly<Partial<Record<HostFactName, readonly (keyof FactQuestions)[]>>> = {
  routes: ['routesTo'],
  httpProbes: ['httpGets'],
  sysctl: ['sysctlKeys'],
  persistedSysctl: ['sysctlKeys'],
  ipvsSupport: ['schedulers'],
  modules: ['modules'],
  offloads: ['ownAddresses'],
  units: ['units'],
  names: ['names'],
  sshTrust: ['peers'],
  vipCensus: ['census'],
};

export interface Rereading {
  /** Version that asked, and its wordings for the host's role. */
  readonly version: string;
  readonly wordings: Readonly<Partial<Record<HostFactName, string>>>;
  readonly role: HostRole;
}

/** The facts of `questions` as this version reads them from `answers`; what those cannot tell is missing, and says why. */
export function reread(answers: HostAnswers, questions: FactQuestions, from: Rereading): HostReport {
  const own = wordingsOf(from.role);
  const facts = new Map<HostFactName, AnyFact>();
  const trips = new Map(answers.rounds.map((round) => [round, tripOf(round.trip)]));
  for (const collector of collectors.filter(({ fact }) => questions.facts.includes(fact))) {
    const { fact } = collector;
    const local: AnyFact | undefined = answers.asFacts[fact];
    const round = answers.rounds.find((one) => one.facts.includes(fact));
    const gap = unasked(fact, answers, questions);
    if (gap !== undefined || (local === undefined && round === undefined)) {
      facts.set(fact, notHeld(answers.host, fact, from.version, gap ?? 'did not ask for it'));
    } else if (local !== undefined) {
      facts.set(fact, local);
    } else if (round !== undefined) {
      const trip = trips.get(round) ?? tripOf(round.trip);
      const put = { ...questions, become: round.become };
      facts.set(
        fact,
        from.wordings[fact] === own[fact]
          ? factOf(collector, trip, sectionOf(collector, trip, answers, put), put, round.timeoutMs)
          : notHeld(answers.host, fact, from.version, 'asked for it in other words'),
      );
    }
  }
  return { host: answers.host, facts: Object.fromEntries(facts), durationMs: 0, raw: [] };
}

/** What this version asks and that run did not; undefined where it asked the same, or more. */
function unasked(fact: HostFactName, answers: HostAnswers, questions: FactQuestions): string | undefined {
  for (const list of listsOf[fact] ?? []) {
    const then = new Set(entries(answers.questions, list));
    const [first] = entries(questions, list).filter((entry) => !then.has(entry));
    if (first !== undefined) return `did not ask about ${first.slice(0, 200)}`;
  }
  return undefined;
}

function entries(questions: Omit<FactQuestions, 'facts'>, list: keyof FactQuestions): readonly string[] {
  const asked: unknown = (questions as FactQuestions)[list];
  return Array.isArray(asked) ? asked.map((one) => JSON.stringify(one)) : [];
}

function notHeld(host: string, fact: HostFactName, version: string, why: string): AnyFact {
  return missing('not-collected', `${host}: ${fact} is not in what was kept: ipvet ${version} ${why}`, {
    hint: 'Run ipvet against the cluster again to have it judged.',
  });
}
