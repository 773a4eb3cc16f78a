/** All facts of one host, in one round trip unless something on it hangs. */
import type { IpvetError } from '../errors.ts';
import type { Evidence } from '../model/evidence.ts';
import { type Fact, type HostFactName, type HostFacts, known, missing, type MissingReason } from '../model/facts.ts';
import { ParseError } from '../parse/parse-error.ts';
import { sudoRefusal } from '../ssh/become.ts';
import type { Host } from '../ssh/host.ts';
import { refusedCommand } from './becoming-root.ts';
import { whoAnswers } from './commands.ts';
import { type Collector, type Files, type Section, Unanswered } from './collector.ts';
import { collectors } from './index.ts';
import { localFacts } from './local-facts.ts';
import { ownSections } from './own-sections.ts';
import type { FactQuestions } from './questions.ts';
import { roundTrip, type RoundTrip } from './round-trip.ts';
import { ipQuestionsOf, matcherOf } from './script.ts';

export interface HostReport {
  readonly host: string;
  /** Every fact that was asked for. */
  readonly facts: { readonly [N in HostFactName]?: Fact<HostFacts[N]> };
  readonly durationMs: number;
  /** For the journal, in the order collected. */
  readonly raw: readonly RawFact[];
}

export interface RawFact {
  readonly fact: string;
  readonly command: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  /** By the host's own uptime, in steps of 10 ms. */
  readonly durationMs: number;
}

export interface CollectOptions {
  readonly signal: AbortSignal;
  /** Longest one round trip may take. Default 30 s: a host that is busy with its own work takes ten times what an idle one takes. */
  readonly timeoutMs?: number;
}

type AnyFact = Fact<HostFacts[HostFactName]>;

const defaultTimeoutMs = 30_000;
/** A section that hangs costs a round trip: the facts behind it are asked for again without it. */
const mostRounds = 3;
const maxEvidenceChars = 16 << 10;

/**
 * Never rejects for a fault of the host: every fact asked for is in the report, known or missing with its reason.
 * Rejects with ABORTED when `signal` fires.
 */
export async function collectFacts(host: Host, questions: FactQuestions, options: CollectOptions): Promise<HostReport> {
  const startedAtMs = performance.now();
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const facts = new Map<HostFactName, AnyFact>();
  const raw: RawFact[] = [];
  const wanted = collectors.filter(({ fact }) => questions.facts.includes(fact));
  const { nearer, asked: first } = whoAnswers(host.declaration, questions);
  const local = localFacts(host, questions, nearer, { signal: options.signal, timeoutMs });
  let asked = first;
  let become = questions.become ?? 'sudo';
  let hung: string | undefined;
  for (let round = 1; round === 1 || asked.length > 0; round++) {
    const put = { ...questions, become };
    const first = await roundTrip(host, asked, put, { signal: options.signal, timeoutMs });
    const trip = { ...first, sudoMessage: first.sudoMessage ?? hung };
    const again = round < mostRounds ? worthAskingAgain(trip, asked, put) : [];
    for (const collector of asked.filter((each) => !again.includes(each))) {
      const section = sectionOf(collector, trip, host, put);
      facts.set(collector.fact, factOf(collector, trip, section, put, timeoutMs));
      raw.push(rawOf(collector, trip, section, put));
    }
    if (trip.unfinished === ownSections.become) {
      become = 'none';
      hung = `sudo did not answer within ${timeoutMs / 1000} s`;
    }
    asked = again;
    if (round === 1) {
      const answered = await local;
      for (const [fact, answer] of Object.entries(answered) as [HostFactName, AnyFact][]) {
        facts.set(fact, answer);
        raw.push(rawOfLocal(fact, answer));
      }
      asked = [...again, ...wanted.filter(({ fact }) => nearer.includes(fact) && !facts.has(fact))];
    }
  }
  return {
    host: host.declaration.name,
    facts: Object.fromEntries(facts),
    durationMs: performance.now() - startedAtMs,
    raw,
  };
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

function factOf(
  collector: Collector,
  trip: RoundTrip,
  section: Section,
  questions: FactQuestions,
  timeoutMs: number,
): AnyFact {
  const { fact } = collector;
  const { host } = section;
  if (trip.level === undefined) return gapOf(host, fact, trip, timeoutMs);
  const sections = sectionsFor(collector, questions);
  if (sections.some((name) => !trip.sections.has(name))) return gapOf(host, fact, trip, timeoutMs);
  const refusal =
    collector.needsRoot === true && section.level === 'unprivileged' ? refusalOf(section, questions) : undefined;
  if (refusal !== undefined) {
    return missing('permission', `${host}: ${fact} needs root, and ${refusal}`, {
      hint:
        questions.become === 'none' && section.sudoMessage === undefined
          ? `Set ssh.become to sudo in the cluster file, or let ipvet log in to ${host} as root.`
          : `Install the rules on ${host} that this prints: ipvet doctor sudoers --host ${host}`,
    });
  }
  const evidence = evidenceOf(collector, section, questions);
  const own = trip.sections.get(fact);
  if (own?.cut === true || trip.sections.get(ownSections.files)?.cut === true) {
    return missing('unparsable', `${host}: ${collector.command(questions)} printed more than 1 MiB`, { evidence });
  }
  const exitCode = own?.exitCode ?? trip.sections.get(ownSections.ip)?.exitCode;
  if (exitCode === 127 && collector.tool !== undefined) {
    const { name, packages } = collector.tool;
    return missing('tool-absent', `${host}: ${name} is not installed`, { hint: `Install ${packages}.`, evidence });
  }
  try {
    return known(collector.parse(section, questions), evidence);
  } catch (error) {
    if (error instanceof Unanswered) {
      return missing(error.reason, error.message, {
        evidence,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
    if (error instanceof ParseError) {
      return missing('unparsable', `${host}: ${error.message}`, {
        evidence,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
    throw error;
  }
}

/** What was not run as root and by whose word, as one clause; undefined where everything was. */
function refusalOf({ stderr, user, sudoMessage }: Section, { become }: FactQuestions): string | undefined {
  const untried = refusedCommand(stderr);
  const said = sudoRefusal(stderr, user) ?? (untried === undefined ? undefined : sudoMessage);
  if (said !== undefined) return `sudo refuses ${user}: ${said}`;
  if (untried === undefined) return undefined;
  if (become === 'none') return `${user} is not root, and the cluster file says become: none`;
  return `sudo does not let ${user} run ${untried}`;
}

/** The script did not get as far as this fact. */
function gapOf(host: string, fact: HostFactName, { error, unfinished }: RoundTrip, timeoutMs: number): AnyFact {
  if (error?.code === 'EXEC_TIMEOUT') {
    const where = unfinished === undefined || unfinished === fact ? '' : ` (it hung at ${unfinished})`;
    return missing(
      'deadline',
      `${host}: the question for ${fact} was not answered within ${timeoutMs / 1000} s${where}`,
      {
        hint: 'Run the command there by hand, or allow more time with --timeout.',
      },
    );
  }
  if (error === undefined) return missing('command-failed', `${host}: nothing came back for ${fact}`);
  return missing(reasonOf(error), error.message, error.hint === undefined ? {} : { hint: error.hint });
}

function reasonOf({ code }: IpvetError): MissingReason {
  if (code === 'PERMISSION') return 'permission';
  return code.startsWith('SSH_') ? 'unreachable' : 'command-failed';
}

function sectionOf(collector: Collector, trip: RoundTrip, host: Host, questions: FactQuestions): Section {
  const patterns = collector.files?.(questions) ?? [];
  const mine = matcherOf(patterns);
  const files: Files = new Map([...trip.files].filter(([path]) => mine(path)));
  const own = trip.sections.get(collector.fact);
  const asked = new Set(ipQuestionsOf([collector], questions).map(({ words }) => words));
  return {
    host: host.declaration.name,
    stdout: own?.text ?? '',
    stderr: trip.errors.get(collector.fact)?.text ?? '',
    exitCode: own?.exitCode ?? 0,
    ip: new Map([...trip.ip].filter(([words]) => asked.has(words))),
    files,
    unreadable: trip.unreadable.filter(mine),
    irregular: trip.irregular.filter(mine),
    clock: trip.clock,
    openFiles: trip.sections.get(ownSections.openFiles)?.text,
    level: trip.level ?? 'unprivileged',
    sudoMessage: trip.sudoMessage,
    sudoListing: trip.sudoListing,
    rootPrograms: trip.rootPrograms,
    user: host.user,
  };
}

function evidenceOf(collector: Collector, section: Section, questions: FactQuestions): Evidence {
  return {
    host: section.host,
    command: collector.command(questions),
    output: capped(shown(collector, section), maxEvidenceChars),
    ...(runsScript(collector, questions) ? { exitCode: section.exitCode } : {}),
  };
}

function rawOf(collector: Collector, trip: RoundTrip, section: Section, questions: FactQuestions): RawFact {
  const own = trip.sections.get(collector.fact);
  return {
    fact: collector.fact,
    command: collector.command(questions),
    stdout: shown(collector, { ...section, stderr: '' }),
    stderr: section.stderr,
    exitCode: own?.exitCode ?? null,
    durationMs: own?.durationMs ?? 0,
  };
}

function rawOfLocal(fact: HostFactName, { evidence }: AnyFact): RawFact {
  const { command = '', output = '' } = evidence ?? {};
  return { fact, command, stdout: output, stderr: '', exitCode: null, durationMs: 0 };
}

function shown(collector: Collector, section: Section): string {
  if (collector.show !== undefined) return collector.show(section);
  const answers = [...section.ip.values()].map(({ output }) => `${output}\n`);
  const text = [...section.files.values(), ...answers, section.stdout].join('');
  return section.stderr.trim() === ''
    ? text
    : `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${section.stderr}`;
}

function capped(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars)}\n(cut here: ${text.length - maxChars} characters more)`;
}

function runsScript(collector: Collector, questions: FactQuestions): boolean {
  return collector.script(questions, 0).trim() !== '';
}

/** Names of the sections its fact is read from. */
function sectionsFor(collector: Collector, questions: FactQuestions): readonly string[] {
  return [
    ...((collector.files?.(questions) ?? []).length > 0 ? [ownSections.files] : []),
    ...((collector.ip?.(questions) ?? []).length > 0 ? [ownSections.ip] : []),
    ...(runsScript(collector, questions) ? [collector.fact] : []),
  ];
}
