/** A fault of the lab: one thing broken on one host, the way it breaks in the field, and what ipvet should make of it. */
import type { Diagnosis } from '../../lib/model/diagnosis.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';
import type { SubjectName, Verdict } from '../../lib/model/verdict.ts';
import type { LabHostSpec } from '../hosts/host.ts';

/** Part of a run record; what is not named may be anything. */
export interface Expectation extends Pick<RunRecord, 'exitCode'> {
  /** In this order, from the first. None: the fault makes no traffic fail, and nothing may be named. */
  readonly diagnoses: readonly Pick<Diagnosis, 'cause' | 'host'>[];
  /** Whether requests fail is left to chance, and nothing need be named where none does. */
  readonly unfelt?: true;
  readonly verdicts: readonly Pick<Verdict, 'check' | 'subject' | 'outcome'>[];
}

/** Shell is POSIX sh, run as root, in which `$host` and `$address` are the host that the fault goes on. */
export interface LabFault {
  /** How it is asked for: an id of the fault catalogue, and `/WAY` where the lab knows several ways to it. */
  readonly id: string;
  /** Its id in the fault catalogue, and the name of its file. */
  readonly cause: FaultId;
  readonly title: string;
  /** Where it exists: names of topologies; `dr-routed` is `dr` with its client behind the router. */
  readonly topologies: readonly string[];
  /** Role of the hosts it goes on. */
  readonly targets: LabHostSpec['role'];
  readonly defaultHost: string;
  /** Made on the first host of that role, about the one it goes on. */
  readonly madeOn?: LabHostSpec['role'];
  /** The cables of the host are pulled, from outside, and nothing is asked of it. */
  readonly pulled?: true;
  /** What the switch does with every port of the host: words after `ip link set dev PORT`. Before `apply`, and back before `revert`. */
  readonly ports?: { readonly apply: string; readonly revert: string };
  /** What another host, by its name, is made to do before `apply`, and to leave off before `revert`. */
  readonly beside?: { readonly on: string; readonly apply: string; readonly revert: string };
  /** Prints what is there before, all that `revert` needs; it is kept in the lab's state before anything is changed. */
  readonly find: string;
  /** Breaks it. */
  readonly apply: string;
  /** Brings back exactly what `find` printed. Throws LAB when that cannot be read. */
  revert(found: string): string;
  expect(host: string, topology: string): Expectation;
}

type Way = Omit<LabFault, 'id' | 'cause' | 'defaultHost'> &
  Partial<Pick<LabFault, 'defaultHost'>> & { readonly way?: string };

const usualHost = { director: 'director1', 'real-server': 'rs2', client: 'client1', infrastructure: 'infra' } as const;

/** The ways to one fault of the catalogue. The first is asked for by the id alone, others by `ID/WAY`. */
export const labFaults = (cause: FaultId, ...ways: readonly Way[]): readonly LabFault[] =>
  ways.map(({ way, ...rest }) => ({
    ...rest,
    id: way === undefined ? cause : `${cause}/${way}`,
    cause,
    defaultHost: rest.defaultHost ?? usualHost[rest.targets],
  }));

/** Every topology has this service. */
export const ofWeb = { service: 'web' } as const;

interface Sight {
  readonly service?: string;
  /** The host judged, where the fault is another's. */
  readonly on?: string;
  /** `warn` where the check is a recommendation. */
  readonly outcome?: 'fail' | 'warn';
}

const sighted = (check: string, host: string, { service, on = host, outcome = 'fail' }: Sight) => {
  const subject: SubjectName = { host: on, ...(service === undefined ? {} : { service }) };
  return { check, subject, outcome };
};

/** The run fails, the fault is its cause, and the check says so of that host, as to the service where it is about one. */
export function named(cause: FaultId, check: string, sight: Sight = {}): LabFault['expect'] {
  return (host) => ({ exitCode: 1, diagnoses: [{ cause, host }], verdicts: [sighted(check, host, sight)] });
}

/** As `named`, where all may go well all the same: of two masters the one that spoke last is sent everything. */
export const namedIfFelt =
  (cause: FaultId, check: string, sight: Sight & { readonly blamed?: string } = {}): LabFault['expect'] =>
  (host) => ({
    exitCode: 1,
    diagnoses: [{ cause, host: sight.blamed ?? host }],
    unfelt: true,
    verdicts: [sighted(check, host, sight)],
  });

/** As `named`, where what is wrong makes a real server wrong, and the director is the one that was judged. */
export const namedByDirector = (cause: FaultId, check: string, sight: Sight = {}): LabFault['expect'] =>
  named(cause, check, { on: 'director1', ...sight });

/** No traffic fails now, so nothing is named; the check says it all the same. */
export function unnamed(check: string, sight: Sight = {}): LabFault['expect'] {
  return (host) => ({
    exitCode: sight.outcome === 'warn' ? 0 : 1,
    diagnoses: [],
    verdicts: [sighted(check, host, sight)],
  });
}
