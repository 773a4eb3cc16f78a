/** A fault of the lab: one thing broken on one host, the way it breaks in the field, and what ipvet should make of it. */
import type { Diagnosis } from '../../lib/model/diagnosis.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';
import type { Verdict } from '../../lib/model/verdict.ts';
import type { LabHostSpec } from '../hosts/host.ts';

/** Part of a run record; what is not named may be anything. */
interface Expectation extends Pick<RunRecord, 'exitCode'> {
  /** In this order, from the first. */
  readonly diagnoses: readonly Pick<Diagnosis, 'cause' | 'host'>[];
  readonly verdicts: readonly Pick<Verdict, 'check' | 'subject' | 'outcome'>[];
}

/** Shell is POSIX sh, run as root on the host. */
export interface LabFault {
  /** An id of the fault catalogue, and the name of its file. */
  readonly id: string;
  readonly title: string;
  readonly topologies: readonly string[];
  readonly targets: LabHostSpec['role'];
  readonly defaultHost: string;
  /** Prints what is there before, all that `revert` needs; it is kept in the lab's state before anything is changed. */
  readonly find: string;
  /** Breaks it. */
  readonly apply: string;
  /** Brings back exactly what `find` printed. Throws LAB when that cannot be read. */
  revert(found: string): string;
  expect(host: string): Expectation;
}

/** The run fails, the fault is its cause, and the check fails on that host, as to the service where it is about one. */
export function named(cause: string, check: string, service?: string): LabFault['expect'] {
  return (host) => ({
    exitCode: 1,
    diagnoses: [{ cause, host }],
    verdicts: [{ check, subject: { host, ...(service === undefined ? {} : { service }) }, outcome: 'fail' }],
  });
}
