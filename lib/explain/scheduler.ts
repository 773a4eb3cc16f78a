/** What the scheduler makes of a new connection: ip_vs_schedule and ip_vs_leave of ip_vs_core.c. */
import { serviceOptions } from '../model/service-rule.ts';
import type { Answer, ExplainedDestination, StepResult } from './explanation.ts';
import { type Candidate, candidatesOf, fullnesses } from './candidates.ts';
import type { AskedDirector, Flow } from './input.ts';
import { choosing, type Choosing, type Hidden } from './pick.ts';
import { placeName, type PlaceOf } from './places.ts';
import type { Found } from './service.ts';

const unreachable = { kind: 'refused', reply: 'icmp-port-unreachable', by: 'scheduler' } as const;

export function schedulerStep(director: AskedDirector, found: Found, flow: Flow, place: PlaceOf): StepResult {
  const { service, rule, way } = found;
  const { scheduler } = service;
  if (service.persistence === undefined && way === 'ftp-data') {
    const because =
      'the service of FTP takes data connections with persistence alone, so the packet goes to the director itself';
    return { text: because, answer: { kind: 'refused', reply: 'tcp-reset', by: 'scheduler', because } };
  }
  if (service.persistence === undefined && way === 'any-port') {
    const because = 'a service of port 0 takes connections with persistence alone (fault port-zero-needs-persistence)';
    return { text: because, answer: { ...unreachable, because } };
  }
  const candidates = candidatesOf(found);
  const shown = {
    details: candidates.map((one) => described(one, place)),
    destinations: candidates.map((one) => explained(one, place)),
  };
  if (!candidates.some((one) => mayTake(one, scheduler))) {
    const because = candidates.length === 0 ? 'the service has no real server' : 'no real server may take it';
    return { text: because, ...shown, answer: { ...unreachable, because } };
  }
  const chosen = choosing(scheduler, candidates, rule, flow, director);
  const result = 'hidden' in chosen ? hidden(found, candidates, chosen, place) : told(found, candidates, chosen, place);
  const open = candidates.some(({ full, destination }) => full === 'perhaps' && destination.weight > 0);
  const lacking = [...(result.lacking ?? []), ...(open ? thresholdsLacking(director, found) : [])];
  return { ...result, ...shown, lacking };
}

/** All that may take it, and why it cannot be told which does. */
function hidden(
  found: Found,
  candidates: readonly Candidate[],
  { hidden: by, lacking }: Hidden,
  place: PlaceOf,
): StepResult {
  const { scheduler } = found.service;
  const able = candidates.filter((one) => mayTake(one, scheduler));
  const because = `${scheduler} goes by ${by}`;
  const orRefused = able.some(({ full }) => full !== 'no') || refusesQuiesced(found, candidates);
  return {
    text: `${because}; any that is neither quiesced nor full may be next`,
    answer: among(able, place, because, orRefused),
    lacking: lacking === true ? [because] : [],
  };
}

function told(found: Found, candidates: readonly Candidate[], chosen: Choosing, place: PlaceOf): StepResult {
  const { choose, by, supposing } = chosen;
  const picks = new Set(fullnesses(candidates)?.map((full) => choose(full)) ?? [-1, ...candidates.keys()]);
  const possible = candidates.filter((_, index) => picks.has(index));
  const text = `${found.service.scheduler} goes by ${by}`;
  const [only] = possible;
  if (only === undefined) {
    const because = `${found.service.scheduler} leads to a real server that may take nothing${fallbackHint(found)}`;
    return { text: `${text}; ${because}`, answer: { ...unreachable, because } };
  }
  if (possible.length === 1 && !picks.has(-1)) {
    const to = place(only.destination);
    return {
      text: `${text}: ${placeName(to)}`,
      answer: { kind: 'real-server', to, by: 'scheduler', ...(supposing === undefined ? {} : { supposing }) },
    };
  }
  const because = 'which real servers are at their connection threshold is not known';
  return { text: `${text}; ${because}`, answer: among(possible, place, because, picks.has(-1)) };
}

const placed = (place: PlaceOf) => (one: Candidate) => place(one.destination);

/** A destination that lblc and lblcr remember is used past its threshold. */
function mayTake({ destination, full }: Candidate, scheduler: string): boolean {
  return destination.weight > 0 && (full !== 'yes' || scheduler.startsWith('lblc'));
}

/** sh and mh refuse, without fallback, what is hashed to a quiesced real server. */
function refusesQuiesced({ service: { scheduler }, rule }: Found, candidates: readonly Candidate[]): boolean {
  const fallback = serviceOptions(rule?.extra ?? []).schedulerFlags.includes(`${scheduler}-fallback`);
  const quiesced = candidates.some(({ destination }) => destination.weight === 0);
  return ['sh', 'mh'].includes(scheduler) && quiesced && !fallback;
}

function fallbackHint({ service: { scheduler } }: Found): string {
  return scheduler === 'dh' ? '' : ` and has no ${scheduler}-fallback (fault sh-no-fallback)`;
}

function among(able: readonly Candidate[], place: PlaceOf, because: string, orRefused: boolean): Answer {
  const to = able.map(placed(place));
  const [only] = to;
  if (only !== undefined && to.length === 1 && !orRefused) return { kind: 'real-server', to: only, by: 'scheduler' };
  return { kind: 'one-of', to, by: 'scheduler', orRefused, because };
}

/** `rs1 10.10.10.10:80: weight 1, 3 active, 12 inactive`. */
function described({ destination, full, because }: Candidate, place: PlaceOf): string {
  const { weight, active, inactive } = destination;
  const quiesced = weight === 0 ? 'quiesced' : `weight ${weight}`;
  const limit = full === 'no' ? '' : `, ${full === 'yes' ? 'full' : 'perhaps full'}: ${because ?? ''}`;
  return `${placeName(place(destination))}: ${quiesced}, ${active} active, ${inactive} inactive${limit}`;
}

function explained({ destination, full }: Candidate, place: PlaceOf): ExplainedDestination {
  const { weight, active, inactive } = destination;
  const { destination: at, realServer } = place(destination);
  return { destination: at, ...(realServer === undefined ? {} : { realServer }), weight, active, inactive, full };
}

function thresholdsLacking({ rules, name }: AskedDirector, { rule }: Found): readonly string[] {
  if (rule !== undefined) return [];
  return [
    `the connection thresholds on ${name} are not known: ${rules.known ? 'ipvsadm does not list the service' : rules.message}`,
  ];
}
