/** Whether what traffic showed is what a fault looks like, belies it, or leaves it open. Pure. */
import type { Certainty } from '../model/diagnosis.ts';
import type { Seen } from './seen.ts';
import type { Signature, Symptom, Trace } from './signatures.ts';

export interface Showing {
  /** The connections the fault concerns: the real server's that has it, or all of the service. */
  readonly subject: Seen;
  readonly service: Seen;
  readonly symptoms: readonly Symptom[];
  readonly requests: { readonly sent: number; readonly failed: number; readonly connections: number };
  /** The other real servers, those apart on which something is found as well; none when the subject is the service. */
  readonly others: readonly Seen[];
}

/** A passing observation that the fault cannot be reconciled with, in a sentence; undefined when there is none. */
export function contradiction(signature: Signature, showing: Showing): string | undefined {
  const { subject, service, requests } = showing;
  const symptoms = subject.symptoms ?? showing.symptoms;
  const { answers, connections, what } = subject;
  const { client, table, partly = false } = signature;
  if (isHarmless(signature)) {
    if (only(table, 'none') && (service.connections ?? 0) >= requests.connections && requests.connections > 0)
      return `the director scheduled all ${requests.connections} connections of ${service.what}`;
  } else if (requests.failed === 0) {
    return `every request to ${service.what} was answered`;
  } else if (!spares(signature, subject) && (partly ? isServed(signature, showing) : (answers ?? 0) > 0)) {
    return `${what} answered ${answers ?? 0} requests`;
  }
  if (symptoms.length > 0 && !symptoms.some((symptom) => client.includes(symptom)))
    return `${subject.symptoms === undefined ? 'clients' : `clients of ${what}`} saw ${symptoms.map((symptom) => symptomWords[symptom]).join(' and ')}, not ${client.map((symptom) => symptomWords[symptom]).join(' or ')}`;
  if (table.length === 0) return undefined;
  if (connections === 0 && !table.includes('none')) return `the director sent no connection to ${what}`;
  if (partly || isHarmless(signature)) return undefined;
  if ((connections ?? 0) > 0 && only(table, 'none'))
    return `the director scheduled ${connections ?? 0} connections of ${what}`;
  if (subject.traces.length > 0 && !meets(subject.traces, table))
    return `connections to ${what} were ${subject.traces.map((trace) => traceWords[trace]).join(' and ')}`;
  return undefined;
}

/** How sure it is when nothing contradicts it. `sure`: the finding is a fact of the configuration, and names this fault alone. */
export function certaintyOf(signature: Signature, showing: Showing, sure: boolean): Certainty {
  const { subject, others, requests, service } = showing;
  const symptoms = subject.symptoms ?? showing.symptoms;
  const harmless = isHarmless(signature);
  const seen = symptoms.some((symptom) => signature.client.includes(symptom)) || (harmless && requests.failed === 0);
  const traced = meets(subject.traces, signature.table) || (isTheft(signature) && someWentPast(showing));
  if (!seen || (!traced && (subject.traces.length > 0 || harmless || signature.partly === true))) return 'possible';
  if (!sure || signature.partly === true || !traced || !within(subject, signature)) return 'likely';
  if (harmless) return isAlone(showing) ? 'certain' : 'likely';
  return subject.answers === 0 && (subject === service || othersAnswer(others)) ? 'certain' : 'likely';
}

/** A real server that takes clients from the director, which may begin, or end, while the load goes on. */
function isTheft(signature: Signature): boolean {
  return signature.scope === 'real-server' && isHarmless(signature) && signature.table.includes('none');
}

/** More connections were answered than the director scheduled. */
function someWentPast({ service, requests }: Showing): boolean {
  return service.connections !== undefined && requests.connections - requests.failed > service.connections;
}

/** Those that got connections; a drained one gets none. */
function othersAnswer(others: readonly Seen[]): boolean {
  const asked = others.filter(({ connections }) => connections !== 0);
  return asked.length > 0 && asked.every(({ answers }) => (answers ?? 0) > 0);
}

/** The real server alone answered, as one does that has the clients to itself. */
function isAlone({ subject, service, others }: Showing): boolean {
  const { answers = 0 } = subject;
  if (subject === service || answers === 0 || answers !== service.answers) return false;
  return others.length > 0 && others.every((other) => other.answers === 0);
}

/** Every connection was answered; where the fault leaves no entry, those that it broke are not among the connections counted. */
function isServed({ table }: Signature, { subject: { connections = 0, answers = 0 }, requests }: Showing): boolean {
  if (connections === 0 || answers < connections) return false;
  return !table.includes('none') || connections >= requests.connections;
}

/** What was answered was no new connection: the director scheduled none. */
function spares({ onlyNew }: Signature, { connections }: Seen): boolean {
  return onlyNew === true && connections === 0;
}

/** Clients may be served all the same. */
function isHarmless({ client }: Signature): boolean {
  return client.includes('ok');
}

function within({ inPackets, outPackets }: Seen, signature: Signature): boolean {
  const lies = (value: number | undefined, range: readonly [number, number] | undefined) =>
    value === undefined || range === undefined || (value >= range[0] && value <= range[1]);
  return lies(inPackets, signature.inPackets) && lies(outPackets, signature.outPackets);
}

const meets = (one: readonly Trace[], other: readonly Trace[]): boolean => one.some((trace) => other.includes(trace));
const only = (table: readonly Trace[], trace: Trace): boolean => table.length === 1 && table[0] === trace;

export const traceWords: Readonly<Record<Trace, string>> = {
  none: 'not in the table',
  'syn-recv': 'in SYN_RECV',
  close: 'in CLOSE',
  established: 'in ESTABLISHED',
  finished: 'ended',
};

export const symptomWords: Readonly<Record<Symptom, string>> = {
  timeout: 'timeouts before the handshake',
  refused: 'refusals',
  unreachable: 'unreachable hosts',
  reset: 'resets',
  hang: 'answers that never came',
  slow: 'handshakes a second late',
  'wrong-content': 'wrong answers',
  'no-port': 'no free port',
  ok: 'answers',
};
