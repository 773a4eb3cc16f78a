/** Two runs of one cluster: what is worse, what is better, and what cannot be said. */
import type { Baseline, Comparison, FigureChange, Tolerance, VerdictChangeKind } from '../model/comparison.ts';
import { diagnosisChanges } from './diagnoses.ts';
import { figureChanges } from './figures.ts';
import { inventoryChanges } from './inventory.ts';
import { isMissed, verdictChanges } from './verdicts.ts';

export const usualTolerance: Tolerance = { relative: 0.2, latencyMs: 0.2, share: 0.001 };

export interface CompareOptions {
  readonly tolerance: Tolerance;
  /** `warn`: new warnings alone make the exit code 4. */
  readonly failOn: 'fail' | 'warn';
}

/** Exit codes as those of a run (lib/run/outcome.ts): 1 > 3 > 4 > 0. */
export function compare(before: Baseline, after: Baseline, { tolerance, failOn }: CompareOptions): Comparison {
  const verdicts = verdictChanges(before, after);
  const diagnoses = diagnosisChanges(before, after);
  const figures = figureChanges(before, after, tolerance);
  const tally = (change: VerdictChangeKind) => verdicts.filter((one) => one.change === change).length;
  const missed = verdicts.filter((one) => isMissed(one, after)).length;
  const worse = [
    ...counted(tally('new-failure'), 'check fails that did not', 'checks fail that did not'),
    ...counted(diagnoses.filter(({ change }) => change === 'new').length, 'new cause', 'new causes'),
    ...named(
      'worse',
      figures.filter(({ outcome }) => outcome === 'worse'),
    ),
    ...(before.run.restored && !after.run.restored ? ['the later run did not leave the cluster as it was found'] : []),
  ];
  const unknown = [
    ...(after.run.interrupted === undefined ? [] : [`the later run ended early (${after.run.interrupted})`]),
    ...counted(tally('newly-not-evaluated'), 'check is no longer evaluated', 'checks are no longer evaluated'),
    ...counted(missed, 'check is no longer judged', 'checks are no longer judged'),
    ...counted(
      diagnoses.filter(({ change }) => change === 'not-looked-for').length,
      'cause was not looked for again',
      'causes were not looked for again',
    ),
    ...figures.flatMap(({ suspect, after: figure, service, profile }) =>
      suspect === true && figure === undefined ? [`the later run has no load of ${service} (${profile})`] : [],
    ),
    ...named(
      'perhaps worse',
      figures.filter(({ suspect, after: figure }) => suspect === true && figure !== undefined),
    ),
  ];
  const warned = counted(tally('new-warning'), 'new warning', 'new warnings');
  const outcome = worse.length > 0 ? 'worse' : unknown.length > 0 ? 'could-not-tell' : 'not-worse';
  return {
    format: 'ipvet-diff/1',
    before: before.run,
    after: after.run,
    cluster: after.cluster.name,
    outcome,
    exitCode: exitCode(outcome, failOn === 'warn' && warned.length > 0),
    because: [...worse, ...unknown, ...(failOn === 'warn' ? warned : [])],
    notes: notes(before, after),
    tolerance,
    verdicts,
    diagnoses,
    figures,
    inventory: inventoryChanges(before, after),
  };
}

function exitCode(outcome: Comparison['outcome'], warned: boolean): number {
  if (outcome === 'worse') return 1;
  if (outcome === 'could-not-tell') return 3;
  return warned ? 4 : 0;
}

function counted(n: number, one: string, many: string): string[] {
  return n === 0 ? [] : [`${n} ${n === 1 ? one : many}`];
}

function named(how: string, figures: readonly FigureChange[]): string[] {
  const names = figures.map(({ service, profile, metric }) => `${metric} of ${service} (${profile})`);
  return names.length === 0 ? [] : [`${how}: ${names.join(', ')}`];
}

function notes(before: Baseline, after: Baseline): string[] {
  const [was, is] = [before.run, after.run];
  const open = before.verdicts.filter(({ outcome }) => outcome === 'error' || outcome === 'not-run').length;
  const shared = before.cluster.hosts.some(({ name }) => after.cluster.hosts.some((other) => other.name === name));
  return [
    ...(before.cluster.name === after.cluster.name
      ? []
      : [`not the same cluster: ${before.cluster.name} before, ${after.cluster.name} now`]),
    ...(shared ? [] : ['the two runs have no host in common']),
    ...(was.id === is.id ? ['both are the same run'] : []),
    ...(was.id !== is.id && was.startedAt > is.startedAt ? ['the earlier run is the younger one'] : []),
    ...(was.command === is.command
      ? []
      : [`not the same command: ipvet ${was.command} before, ipvet ${is.command} now`]),
    ...(was.interrupted === undefined ? [] : [`the earlier run ended early (${was.interrupted})`]),
    ...(open === 0
      ? []
      : [
          `the earlier run left ${open} ${open === 1 ? 'check' : 'checks'} open: what fails of these now may have failed then`,
        ]),
  ];
}
