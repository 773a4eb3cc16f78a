/** The verdict and the exit code, decided once, from what the run recorded. */
import type { DrillNotDone, Failover } from '../model/failover.ts';
import type { Change, Problem, RunRecord } from '../model/run-record.ts';
import type { Verdict } from '../model/verdict.ts';

/** Exit codes as in the README; scripts rely on them. */
export const exitCodes = {
  pass: 0,
  fail: 1,
  usage: 2,
  inconclusive: 3,
  warnings: 4,
  refused: 5,
  restoreFailed: 6,
  internal: 70,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** Code of the problem that says a host differs from how it was found, although every undo was run. */
export const restoreProblem = 'RESTORE';

/** Code of the problem that says somebody else changed a host while the run went on. */
export const changedProblem = 'CHANGED';

export interface Ending {
  readonly verdicts: readonly Verdict[];
  readonly problems: readonly Problem[];
  readonly changes: readonly Change[];
  readonly failovers?: readonly Pick<Failover, 'outcome'>[];
  readonly notDone?: readonly Pick<DrillNotDone, 'asked'>[];
  readonly interrupted?: RunRecord['interrupted'];
  readonly signal?: string | undefined;
  readonly failOn: 'fail' | 'warn';
}

/** 6 > interrupted > 70 > 5 > 1 > 3 > 4 > 0; 2 ends a command before there is a run. */
export function decide(ending: Ending): Pick<RunRecord, 'verdict' | 'exitCode' | 'restored'> {
  const { failovers = [], notDone = [] } = ending;
  const has = (outcome: Verdict['outcome']) =>
    [...ending.verdicts, ...failovers].some((verdict) => verdict.outcome === outcome);
  const restored =
    ending.changes.every((change) => change.undone) && !ending.problems.some(({ code }) => code === restoreProblem);
  const undecided =
    has('error') ||
    has('not-run') ||
    failovers.some(({ outcome }) => outcome === 'inconclusive') ||
    // As one of all it is told, and is not to be; asked for by name it is a question without an answer.
    notDone.some(({ asked }) => asked) ||
    ending.verdicts.length + failovers.length === 0 ||
    ending.interrupted !== undefined ||
    ending.problems.length > 0;
  const verdict = has('fail') ? 'fail' : undecided ? 'inconclusive' : 'pass';
  return { verdict, restored, exitCode: exitCode(verdict, restored, has('warn'), ending) };
}

function exitCode(verdict: RunRecord['verdict'], restored: boolean, warned: boolean, ending: Ending): number {
  if (!restored) return exitCodes.restoreFailed;
  if (ending.interrupted === 'signal') return signalCode(ending.signal);
  if (ending.interrupted === 'internal-error') return exitCodes.internal;
  if (ending.interrupted === 'refused') return exitCodes.refused;
  if (verdict === 'fail') return exitCodes.fail;
  if (verdict === 'inconclusive') return exitCodes.inconclusive;
  return warned && ending.failOn === 'warn' ? exitCodes.warnings : exitCodes.pass;
}

function signalCode(signal: string | undefined): number {
  return signal === 'SIGTERM' || signal === 'SIGHUP' ? exitCodes[signal] : exitCodes.SIGINT;
}
