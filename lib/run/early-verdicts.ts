/** Verdicts that take the facts of one host, judged as soon as it has answered: the slowest host is waited for anyway. */
import type { HostReport } from '../facts/collect.ts';
import type { Check, Pair, Subject } from '../model/check.ts';
import type { Waiver } from '../model/cluster.ts';
import { type HostFactName, missing } from '../model/facts.ts';
import type { Verdict } from '../model/verdict.ts';
import { type FactSource, judge, subjectName } from './judge.ts';
import { isObservation } from './wanted-facts.ts';

export class EarlyVerdicts {
  readonly #waivers: readonly Waiver[];
  readonly #pairs = new Map<string, Pair[]>();
  readonly #verdicts = new Map<string, Promise<Verdict>>();

  constructor(waivers: readonly Waiver[]) {
    this.#waivers = waivers;
  }

  /** Leaves out those that take more than facts of the subject's host. */
  add(check: Check, subject: Subject): void {
    const { requires, requiresOfAll, command } = check;
    if (requiresOfAll !== undefined || command !== undefined) return;
    if (requires.length === 0 || requires.some(isObservation)) return;
    const pairs = this.#pairs.get(subject.host.name) ?? [];
    this.#pairs.set(subject.host.name, pairs);
    pairs.push({ check, subject });
  }

  /** Judges what waits for the host. */
  take({ host, facts }: HostReport): void {
    const source: FactSource = {
      fact: (name) =>
        Promise.resolve(
          facts[name as HostFactName] ?? missing('not-collected', `${name} of ${host} was not asked for`),
        ),
      ofEveryone: () => Promise.resolve(new Map()),
    };
    for (const { check, subject } of this.#pairs.get(host) ?? []) {
      const verdict = judge(check, subject, source, this.#waivers);
      // Whoever asks for it is told.
      verdict.catch(() => undefined);
      this.#verdicts.set(keyOf(check, subject), verdict);
    }
    this.#pairs.delete(host);
  }

  of(check: Check, subject: Subject): Promise<Verdict> | undefined {
    return this.#verdicts.get(keyOf(check, subject));
  }
}

function keyOf(check: Check, subject: Subject): string {
  const { host = '', service = '' } = subjectName(subject);
  return [check.id, host, service].join('\n');
}
