/** What ipvet made of a cluster, held against what is wanted of it. Pure. */
import type { Expectation } from '../../lab/faults/fault.ts';
import type { Diagnosis } from '../../lib/model/diagnosis.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';

export type Said = Pick<RunRecord, 'exitCode' | 'diagnoses' | 'verdicts'>;

export interface Score {
  /** The wanted causes come first, in their order, on the right hosts, believed; where none is wanted, none is believed. */
  readonly right: boolean;
  /** Causes are believed that are none: another than the one that was made, or any where nothing fails. */
  readonly falseAlarm: boolean;
  /** What it said, on a line. */
  readonly got: string;
  /** What else is otherwise than wanted: verdicts, and the exit code. */
  readonly remarks: readonly string[];
}

const believed = ({ certainty }: Diagnosis): boolean => certainty !== 'possible';

export function scoreOf(wanted: Expectation, said: Said): Score {
  const { diagnoses, verdicts, exitCode } = said;
  const first = diagnoses.slice(0, wanted.diagnoses.length);
  const failing = verdicts.some(({ stage, outcome }) => stage === 'traffic' && outcome === 'fail');
  const unfelt = wanted.unfelt === true && diagnoses.length === 0 && !failing;
  const isWanted = ({ cause, host }: Diagnosis) =>
    wanted.diagnoses.some((one) => one.cause === cause && one.host === host);
  const others = diagnoses.filter((one) => believed(one) && !isWanted(one));
  const named = wanted.diagnoses.every(
    ({ cause, host }, index) => first[index]?.cause === cause && first[index].host === host && believed(first[index]),
  );
  const unmet = wanted.verdicts.flatMap(({ check, subject, outcome }) => {
    const found = verdicts.filter(
      (one) =>
        one.check === check &&
        one.subject.host === subject.host &&
        (subject.service === undefined || one.subject.service === subject.service),
    );
    if (found.some((one) => one.outcome === outcome)) return [];
    const instead = found.map((one) => one.outcome).join(', ') || 'no verdict';
    return [`${check} on ${subject.host ?? ''} is ${instead}, not ${outcome}`];
  });
  const code = exitCode === wanted.exitCode ? [] : [`exit code ${exitCode}, not ${wanted.exitCode}`];
  return {
    right: wanted.diagnoses.length > 0 && !unfelt ? named : others.length === 0 && unmet.length === 0,
    falseAlarm: others.length > 0,
    got: gotOf(said),
    remarks: [...unmet, ...code],
  };
}

/** Persistence and drift: a variant of a healthy cluster is made at run time and on one host, which is what they tell. */
const madeNow = /^(network\/(\w+-persistence|peer-drift)|director\/\w+-persistence|traffic\/sampling)$/;

/** A healthy cluster is right when no cause is named, however unsure, and nothing fails. */
export function scoreOfHealthy(said: Said): Score {
  const failing = said.verdicts.filter(({ outcome }) => outcome === 'fail' || outcome === 'error');
  const warned = said.verdicts.filter(({ outcome, check }) => outcome === 'warn' && !madeNow.test(check));
  const right = said.diagnoses.length === 0 && failing.length === 0 && said.exitCode === 0;
  return {
    right,
    falseAlarm: !right,
    got: gotOf(said),
    remarks: warned.map(({ check, subject, reason = '' }) => `${check} on ${subject.host ?? ''} warns: ${reason}`),
  };
}

function gotOf({ diagnoses, verdicts, exitCode }: Said): string {
  const said = diagnoses.map(({ cause, host = 'nobody', certainty }) => `${cause} on ${host} (${certainty})`);
  const failed = [
    ...new Set(
      verdicts
        .filter(({ outcome }) => outcome === 'fail')
        .map(({ check, subject }) => `${check}@${subject.host ?? subject.service ?? ''}`),
    ),
  ];
  const because = said.length > 0 || failed.length === 0 ? '' : `; failed: ${failed.join(', ')}`;
  return `${said.join(', ') || 'nothing named'}${because}; exit code ${exitCode}`;
}
