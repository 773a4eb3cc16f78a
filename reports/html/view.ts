/** What the sections of the page share: the record, and where each verdict is on the page. */
import type { RunRecord } from '../../lib/model/run-record.ts';
import type { Verdict } from '../../lib/model/verdict.ts';
import { keyOf } from '../summary.ts';
import type { TrendPoint } from '../trend.ts';

export interface View {
  readonly record: RunRecord;
  /** The last runs of the cluster, this one at the end, where they were asked for. */
  readonly trend?: readonly TrendPoint[];
  /** So many verdicts that those which passed get a row each in place of a block, and addresses are short. */
  readonly compact: boolean;
  /** Fragment of the verdict's detail, the same in every run of the same plan, so that a link to it can be kept. */
  readonly anchorOf: (verdict: Verdict) => string;
  /** Verdict named as `check@host/service`. */
  readonly verdictNamed: (key: string) => Verdict | undefined;
}

/** A page of more would not stay below 2 MB with a block for each. */
const mostBlocks = 1500;

export function viewOf(record: RunRecord, trend?: readonly TrendPoint[]): View {
  const compact = record.verdicts.length > mostBlocks;
  const anchors = new Map<Verdict, string>();
  const byKey = new Map<string, Verdict>();
  const taken = new Set<string>();
  for (const verdict of record.verdicts) {
    const key = keyOf(verdict);
    const slug = compact ? `v${hashed(key)}` : `v-${key.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 120);
    let anchor = slug;
    for (let number = 2; taken.has(anchor); number += 1) anchor = `${slug}-${number}`;
    taken.add(anchor);
    anchors.set(verdict, anchor);
    byKey.set(key, verdict);
  }
  return {
    record,
    ...(trend === undefined ? {} : { trend }),
    compact,
    anchorOf: (verdict) => anchors.get(verdict) ?? '',
    verdictNamed: (key) => byKey.get(key),
  };
}

/** FNV-1a, folded to 30 bits, in base 36: short, and the same everywhere. */
function hashed(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (((hash >>> 30) ^ hash) & 0x3fffffff).toString(36);
}
