/** Which findings are to be mended, in which order, with which lines; and which are not, and why. Pure. */
import type { Remedy } from '../model/evidence.ts';
import type { Verdict } from '../model/verdict.ts';
import { repeatable, settingsOf } from './settings.ts';

/** A failed or warned pair of check and subject, as the run had it. */
export interface FixFinding {
  readonly check: string;
  /** Host that was judged; its remedy may be for another one. */
  readonly host: string;
  readonly service?: string;
  readonly outcome: 'fail' | 'warn';
  readonly reason: string;
  /** Why it matters, as the catalogue has it. */
  readonly why?: string;
  readonly found?: unknown;
  readonly expected?: unknown;
}

/** Commands of one host that are applied, and taken back, together. POSIX sh lines for root. */
export interface Fix {
  /** From 1, in the order to apply them; unique in its plan. */
  readonly number: number;
  readonly host: string;
  readonly summary: string;
  readonly findings: readonly FixFinding[];
  readonly commands: readonly string[];
  readonly persistent: readonly string[];
  readonly undo: readonly string[];
}

export interface LeftOut {
  readonly finding: FixFinding;
  /** Why ipvet does not do it, one sentence. */
  readonly why: string;
  /** What to do by hand, where there is something. */
  readonly remedy?: Remedy;
}

export interface FixPlan {
  readonly fixes: readonly Fix[];
  readonly left: readonly LeftOut[];
}

interface Draft extends Omit<Fix, 'number'> {
  readonly remedies: readonly Remedy[];
}

/** `check`, `check@host`, or a folder of checks. */
export function isFinding(word: string, { check, subject }: Pick<Verdict, 'check' | 'subject'>): boolean {
  const [id = '', host] = word.split('@');
  return (check === id || check.startsWith(`${id}/`)) && (host === undefined || subject.host === host);
}

/** `check@host/service`. */
export function findingName({ check, host, service }: Pick<FixFinding, 'check' | 'host' | 'service'>): string {
  return `${check}@${host}${service === undefined ? '' : `/${service}`}`;
}

/** What is run on the host, in order. */
export function linesOf({ commands, persistent }: Pick<Fix, 'commands' | 'persistent'>): readonly string[] {
  return [...commands, ...persistent];
}

export interface PlanOptions {
  /** Hosts that may be changed; empty is all. */
  readonly limit?: readonly string[];
  /** Why the check matters. */
  readonly why?: (check: string) => string | undefined;
}

/** Of the failed and warned verdicts. */
export function planFixes(verdicts: readonly Verdict[], options: PlanOptions = {}): FixPlan {
  const { limit = [], why: whyOf = () => undefined } = options;
  const left: LeftOut[] = [];
  const drafts: Draft[] = [];
  for (const verdict of verdicts) {
    const finding = findingOf(verdict, whyOf(verdict.check));
    if (finding === undefined) continue;
    const { remedy } = verdict;
    const why = whyNot(remedy, limit);
    if (remedy === undefined || why !== undefined) {
      left.push({ finding, why: why ?? 'no remedy', ...(remedy === undefined ? {} : { remedy }) });
      continue;
    }
    add(drafts, {
      host: remedy.host,
      summary: remedy.summary,
      findings: [finding],
      commands: remedy.commands.map(repeatable),
      persistent: (remedy.persistent ?? []).map(repeatable),
      undo: remedy.undo ?? [],
      remedies: [remedy],
    });
  }
  const quarrels = conflicts(drafts);
  for (const [draft, why] of quarrels)
    for (const [index, finding] of draft.findings.entries()) {
      const remedy = draft.remedies[index];
      left.push({ finding, why, ...(remedy === undefined ? {} : { remedy }) });
    }
  const fixes = drafts
    .filter((draft) => !quarrels.has(draft))
    .map(({ host, summary, findings, commands, persistent, undo }, index): Fix => ({
      number: index + 1,
      host,
      summary,
      findings,
      commands,
      persistent,
      undo,
    }));
  return { fixes, left };
}

function findingOf(
  { check, subject, outcome, reason = '', found, expected }: Verdict,
  why: string | undefined,
): FixFinding | undefined {
  if (outcome !== 'fail' && outcome !== 'warn') return undefined;
  return {
    check,
    host: subject.host ?? '',
    ...(subject.service === undefined ? {} : { service: subject.service }),
    outcome,
    reason,
    ...(why === undefined ? {} : { why }),
    ...(found === undefined ? {} : { found }),
    ...(expected === undefined ? {} : { expected }),
  };
}

function whyNot(remedy: Remedy | undefined, limit: readonly string[]): string | undefined {
  if (remedy === undefined) return 'there is no remedy that would be right on every host: see `ipvet checks explain`';
  const lines = [...remedy.commands, ...(remedy.persistent ?? []), ...(remedy.undo ?? [])];
  if (limit.length > 0 && !limit.includes(remedy.host))
    return `its remedy changes ${remedy.host}, which --limit leaves out`;
  if (remedy.commands.some((line) => /^ipvsadm -(?!L|S|-list|-save)/.test(line)))
    return 'IPVS rules are for `ipvet rules plan` and `ipvet rules apply`';
  if (lines.some((line) => line.includes('[redacted]'))) return 'its commands hold a secret, which ipvet keeps nowhere';
  if (lines.some((line) => /[^\P{Cc}\t]/u.test(line))) return 'its commands are not single lines';
  if ((remedy.undo ?? []).length === 0) return 'nothing takes it back, so it is for you to run';
  return undefined;
}

/** One line from two findings is run once: fixes of a host that share a line become one. */
function add(drafts: Draft[], draft: Draft): void {
  const lines = new Set(linesOf(draft));
  const index = drafts.findIndex(
    (other) => other.host === draft.host && linesOf(other).some((line) => lines.has(line)) && !disagree(other, draft),
  );
  const other = drafts[index];
  if (other === undefined) {
    drafts.push(draft);
    return;
  }
  const commands = union(other.commands, draft.commands);
  const merged: Draft = {
    host: other.host,
    summary: union([other.summary], [draft.summary]).join('; '),
    findings: [...other.findings, ...draft.findings],
    commands,
    persistent: union(other.persistent, draft.persistent).filter((line) => !commands.includes(line)),
    undo: union(draft.undo, other.undo),
    remedies: [...other.remedies, ...draft.remedies],
  };
  drafts.splice(index, 1);
  // It may now share lines with one more.
  const at = drafts.length;
  add(drafts, merged);
  if (drafts.length > at) drafts.splice(index, 0, ...drafts.splice(at, 1));
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}

/** What the lines leave each setting at. */
function finalSettings(draft: Draft): ReadonlyMap<string, string> {
  return new Map(
    linesOf(draft)
      .flatMap(settingsOf)
      .map(({ name, value }) => [name, value]),
  );
}

function disagree(one: Draft, other: Draft): boolean {
  const settings = finalSettings(one);
  return [...finalSettings(other)].some(([name, value]) => (settings.get(name) ?? value) !== value);
}

/** Fixes that would give one setting of one host different values: neither is right without the other's knowledge. */
function conflicts(drafts: readonly Draft[]): ReadonlyMap<Draft, string> {
  const wanted = new Map<string, Map<string, Draft[]>>();
  for (const draft of drafts)
    for (const [name, value] of finalSettings(draft)) {
      const key = `${name} of ${draft.host}`;
      const values = wanted.get(key) ?? new Map<string, Draft[]>();
      wanted.set(key, values);
      values.set(value, [...(values.get(value) ?? []), draft]);
    }
  const quarrels = new Map<Draft, string>();
  for (const [key, values] of wanted) {
    if (values.size < 2) continue;
    const wishes = [...values].map(
      ([value, own]) => `${value} (${own.flatMap(({ findings }) => findings.map(findingName)).join(', ')})`,
    );
    for (const draft of [...values.values()].flat())
      quarrels.set(draft, `remedies want ${key} to be different things: ${wishes.join(' and ')}; decide which`);
  }
  return quarrels;
}
