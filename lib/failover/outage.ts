/** What probes say of a stretch of time. Pure. */
import type { Failover, Outage, Phase, Probe } from '../model/failover.ts';

/** Probes begun in `[fromMs, toMs)`, in any order. */
export function outageOf(all: readonly Probe[], fromMs: number, toMs: number): Outage {
  const probes = within(all, fromMs, toMs);
  const failures = probes.filter(({ outcome }) => outcome !== 'answered');
  const first = failures[0];
  const last = failures.at(-1);
  const back = last === undefined ? undefined : probes.find((probe) => probe.atMs > last.atMs);
  const endMs = back?.atMs ?? (last === undefined ? undefined : toMs);
  return {
    outageMs: first === undefined || endMs === undefined ? 0 : round(endMs - first.atMs),
    longestGapMs: longestGap(probes, toMs),
    ...(first === undefined ? {} : { firstFailureMs: round(first.atMs) }),
    ...(back === undefined ? {} : { steadyMs: round(back.atMs) }),
    endless: last !== undefined && back === undefined,
    probes: probes.length,
    failed: failures.length,
    errors: countBy(failures),
  };
}

/**
 * `reactedMs`: when another director took the VIP, or a check took a real server out of the table. Without failures there
 * is nothing to converge or settle.
 */
export function phasesOf(
  all: readonly Probe[],
  { fromMs, toMs, reactedMs }: { readonly fromMs: number; readonly toMs: number; readonly reactedMs?: number },
): readonly Phase[] {
  if (reactedMs === undefined || reactedMs < fromMs || reactedMs > toMs) return [];
  const detect: Phase = { name: 'detect', fromMs: round(fromMs), toMs: round(reactedMs) };
  const { steadyMs } = outageOf(all, fromMs, toMs);
  if (steadyMs === undefined || steadyMs <= reactedMs) return [detect];
  const answered = within(all, reactedMs, toMs).find(({ outcome }) => outcome === 'answered');
  const convergedMs = Math.min(answered?.atMs ?? steadyMs, steadyMs);
  return [
    detect,
    { name: 'converge', fromMs: round(reactedMs), toMs: round(convergedMs) },
    { name: 'settle', fromMs: round(convergedMs), toMs: round(steadyMs) },
  ];
}

const bucketMs = 100;

/** Answered and failed probes by tenth of a second. */
export function bucketsOf(all: readonly Probe[], fromMs: number, toMs: number): Failover['client'] {
  const length = Math.max(0, Math.ceil((toMs - fromMs) / bucketMs));
  const none = (): number[] => Array<number>(length).fill(0);
  const [answered, failed] = [none(), none()];
  const kinds: Partial<Record<Exclude<Probe['outcome'], 'answered'>, number[]>> = {};
  for (const { atMs, outcome } of within(all, fromMs, toMs)) {
    const index = Math.floor((atMs - fromMs) / bucketMs);
    const into = outcome === 'answered' ? [answered] : [failed, (kinds[outcome] ??= none())];
    for (const counts of into) counts[index] = (counts[index] ?? 0) + 1;
  }
  return { fromMs, answered, failed, kinds };
}

/** Between the beginnings of answered probes; from the last one to the end where failures came after it. */
function longestGap(probes: readonly Probe[], toMs: number): number {
  let gap = 0;
  let before = probes[0]?.atMs ?? toMs;
  for (const { atMs, outcome } of probes) {
    if (outcome !== 'answered') continue;
    gap = Math.max(gap, atMs - before);
    before = atMs;
  }
  const unanswered = probes.at(-1)?.outcome !== 'answered';
  return round(probes.length > 0 && unanswered ? Math.max(gap, toMs - before) : gap);
}

function within(probes: readonly Probe[], fromMs: number, toMs: number): readonly Probe[] {
  return probes.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).toSorted((one, other) => one.atMs - other.atMs);
}

function countBy(failures: readonly Probe[]): Outage['errors'] {
  const counts: Partial<Record<Exclude<Probe['outcome'], 'answered'>, number>> = {};
  for (const { outcome } of failures) if (outcome !== 'answered') counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** Microseconds are beyond what is known. */
const round = (ms: number): number => Math.round(ms * 10) / 10;
