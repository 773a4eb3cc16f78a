/** What one round trip says of each fact that was asked for in it. The same for one that has just ended and one that was kept. */
import type { IpvetError } from '../errors.ts';
import type { Evidence } from '../model/evidence.ts';
import { type Fact, type HostFactName, type HostFacts, known, missing, type MissingReason } from '../model/facts.ts';
import { ParseError } from '../parse/parse-error.ts';
import { sudoRefusal } from '../ssh/become.ts';
import { refusedCommand } from './becoming-root.ts';
import { type Collector, type Files, type Section, Unanswered } from './collector.ts';
import { ownSections } from './own-sections.ts';
import type { FactQuestions } from './questions.ts';
import type { RoundTrip } from './round-trip.ts';
import { ipQuestionsOf, matcherOf } from './script.ts';

export type AnyFact = Fact<HostFacts[HostFactName]>;

/** Who was asked. */
export interface Asked {
  /** As the cluster file names it. */
  readonly host: string;
  /** Who we are there. */
  readonly user: string;
}

/** One fact's part of a round trip, for a reader. */
export interface RawFact {
  readonly fact: string;
  readonly command: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  /** By the host's own uptime, in steps of 10 ms. */
  readonly durationMs: number;
}

const maxEvidenceChars = 16 << 10;

/** The fact as it follows from what came back, or why it does not. Throws what is a defect of the collector. */
export function factOf(
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

export function sectionOf(collector: Collector, trip: RoundTrip, asked: Asked, questions: FactQuestions): Section {
  const patterns = collector.files?.(questions) ?? [];
  const mine = matcherOf(patterns);
  const files: Files = new Map(patterns.length === 0 ? [] : [...trip.files].filter(([path]) => mine(path)));
  const own = trip.sections.get(collector.fact);
  const ipWords = new Set(ipQuestionsOf([collector], questions).map(({ words }) => words));
  return {
    host: asked.host,
    stdout: own?.text ?? '',
    stderr: trip.errors.get(collector.fact)?.text ?? '',
    exitCode: own?.exitCode ?? 0,
    ip: new Map([...trip.ip].filter(([words]) => ipWords.has(words))),
    files,
    unreadable: trip.unreadable.filter(mine),
    irregular: trip.irregular.filter(mine),
    clock: trip.clock,
    openFiles: trip.sections.get(ownSections.openFiles)?.text,
    level: trip.level ?? 'unprivileged',
    sudoMessage: trip.sudoMessage,
    sudoListing: trip.sudoListing,
    rootPrograms: trip.rootPrograms,
    user: asked.user,
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

export function rawOf(collector: Collector, trip: RoundTrip, section: Section, questions: FactQuestions): RawFact {
  const own = trip.sections.get(collector.fact);
  return {
    fact: collector.fact,
    command: collector.command(questions),
    stdout: section.stderr === '' ? shown(collector, section) : textOf(collector, { ...section, stderr: '' }),
    stderr: section.stderr,
    exitCode: own?.exitCode ?? null,
    durationMs: own?.durationMs ?? 0,
  };
}

export function rawOfLocal(fact: HostFactName, { evidence }: AnyFact): RawFact {
  const { command = '', output = '' } = evidence ?? {};
  return { fact, command, stdout: output, stderr: '', exitCode: null, durationMs: 0 };
}

/** Of each section once: as evidence, and for the journal. */
const shownOf = new WeakMap<Section, string>();

function shown(collector: Collector, section: Section): string {
  const text = shownOf.get(section) ?? textOf(collector, section);
  shownOf.set(section, text);
  return text;
}

function textOf(collector: Collector, section: Section): string {
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
export function sectionsFor(collector: Collector, questions: FactQuestions): readonly string[] {
  return [
    ...((collector.files?.(questions) ?? []).length > 0 ? [ownSections.files] : []),
    ...((collector.ip?.(questions) ?? []).length > 0 ? [ownSections.ip] : []),
    ...(runsScript(collector, questions) ? [collector.fact] : []),
  ];
}
