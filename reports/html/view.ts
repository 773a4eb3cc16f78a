/** What the sections of the page share: the record, and where each verdict is on the page. */
import type { RunRecord } from '../../lib/model/run-record.ts';
import type { Verdict } from '../../lib/model/verdict.ts';
import { keyOf } from '../summary.ts';

export interface View {
  readonly record: RunRecord;
  /** Fragment of the verdict's detail, the same in every run of the same plan, so that a link to it can be kept. */
  readonly anchorOf: (verdict: Verdict) => string;
  /** Verdict named as `check@host/service`. */
  readonly verdictNamed: (key: string) => Verdict | undefined;
}

export function viewOf(record: RunRecord): View {
  const anchors = new Map<Verdict, string>();
  const byKey = new Map<string, Verdict>();
  const taken = new Set<string>();
  for (const verdict of record.verdicts) {
    const key = keyOf(verdict);
    const slug = `v-${key.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 120);
    let anchor = slug;
    for (let number = 2; taken.has(anchor); number += 1) anchor = `${slug}-${number}`;
    taken.add(anchor);
    anchors.set(verdict, anchor);
    byKey.set(key, verdict);
  }
  return {
    record,
    anchorOf: (verdict) => anchors.get(verdict) ?? '',
    verdictNamed: (key) => byKey.get(key),
  };
}
