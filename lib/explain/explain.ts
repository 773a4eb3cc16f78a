/** Where one director sends a client, step by step as its kernel decides: net/netfilter/ipvs/ip_vs_core.c, ip_vs_in. */
import { endpoint } from '../model/endpoint.ts';
import { entryStep } from './entry.ts';
import type {
  Answer,
  ExplainedService,
  Explanation,
  Place,
  Refusal,
  Step,
  StepName,
  StepResult,
} from './explanation.ts';
import type { AskedDirector, Declared, Flow } from './input.ts';
import { clientNotes, markNotes } from './notes.ts';
import { placing } from './places.ts';
import { schedulerStep } from './scheduler.ts';
import { declaredService, type Found, findService, manner, marksOf, serviceLabel } from './service.ts';
import { templateStep } from './template.ts';

export function explain(director: AskedDirector, flow: Flow, declared: Declared): Explanation {
  const holdsVip = director.addresses.known
    ? director.addresses.value.some(({ address, up }) => address === flow.vip && up)
    : null;
  const lackingVip = director.addresses.known
    ? []
    : [`whether ${director.name} has the VIP: ${director.addresses.message}`];
  const { service, results, notes, places } = walk(director, flow, declared);
  const at = results.findIndex(([, { answer }]) => answer !== undefined);
  const answer = results[at]?.[1].answer;
  // What comes after the step that decides is told for what would follow without it.
  const deciding = at === -1 ? results : results.slice(0, at + 1);
  return {
    director: director.name,
    holdsVip,
    service,
    answer: answer ?? { kind: 'untold', because: 'no step of it decides' },
    steps: results.map(([step, { text, details, entries, destinations }], index): Step => ({
      step,
      text,
      decides: index === at && answer?.kind !== 'untold',
      ...(details === undefined ? {} : { details }),
      ...(entries === undefined ? {} : { entries }),
      ...(destinations === undefined ? {} : { destinations }),
    })),
    notes: [
      ...notes,
      ...deciding.flatMap(([, result]) => result.notes ?? []),
      ...clientNotes(flow, director, declared, places),
    ],
    lacking: [...lackingVip, ...deciding.flatMap(([, { lacking = [] }]) => lacking)],
  };
}

interface Walk {
  readonly service: ExplainedService | null;
  readonly results: readonly (readonly [StepName, StepResult])[];
  readonly notes: readonly string[];
  readonly places: readonly Place[];
}

function walk(director: AskedDirector, flow: Flow, declared: Declared): Walk {
  const { services } = director;
  if (!services.known) {
    const because = `the services of ${director.name} are not known: ${services.message}`;
    const result: StepResult = { text: because, answer: { kind: 'untold', because }, lacking: [because] };
    return { service: null, results: [['service', result]], notes: [], places: [] };
  }
  const found = findService(services.value, director, flow, declared);
  const notes = markNotes(services.value, found, flow, declared);
  if (found === undefined) {
    const entry = entryStep(director, undefined, flow, undefined);
    const none = noService(director, flow, services.value.map(serviceLabel), marksOf(services.value, flow).length > 0);
    // An entry that is left of a service comes first, and then nothing else does.
    return {
      service: null,
      results: [...(entry.answer === undefined ? [] : [['entry', entry] as const]), ['service', none]],
      notes,
      places: [],
    };
  }
  const place = placing(found, flow, director, declared);
  return {
    service: explained(found, flow, declared),
    results: [
      ['service', { text: serviceText(found, flow) }],
      ['entry', entryStep(director, found, flow, place)],
      ['template', templateStep(director, found, flow, place)],
      ['scheduler', schedulerStep(director, found, flow, place)],
    ],
    notes,
    places: found.service.destinations.map(place),
  };
}

function explained({ service, way, rule }: Found, flow: Flow, declared: Declared): ExplainedService {
  const { scheduler, persistence } = service;
  const name = declaredService(declared, flow)?.name;
  return {
    rule: serviceLabel(service),
    ...(name === undefined ? {} : { name }),
    by: way,
    scheduler,
    persistent: persistence !== undefined,
    ...(persistence === undefined || rule === undefined ? {} : { persistenceS: rule.persistenceS }),
  };
}

function serviceText(found: Found, { port }: Flow): string {
  const ways = {
    mark: ', by the mark of its packets',
    address: '',
    'ftp-data': `, which takes port ${port} for a data connection of FTP`,
    'any-port': ', which takes every port that no other service has',
  };
  return `${serviceLabel(found.service)}, ${manner(found)}${ways[found.way]}`;
}

const refusals: Readonly<Record<Flow['protocol'], Refusal>> = {
  tcp: 'tcp-reset',
  udp: 'icmp-port-unreachable',
  sctp: 'sctp-abort',
};

/** IPVS lets the packet pass, and the director answers it like any other host that has the address. */
function noService(
  { name }: AskedDirector,
  { vip, port, protocol }: Flow,
  known: readonly string[],
  marks: boolean,
): StepResult {
  const has = known.length === 0 ? 'it has none at all' : `it has ${known.join(', ')}`;
  const text = `${name} has no service ${protocol.toUpperCase()} ${endpoint(vip, port)}; ${has}`;
  const because = `no service takes it, and nothing of ${name} itself is taken to listen there`;
  const answer: Answer = marks
    ? {
        kind: 'untold',
        because:
          'no service has the address, and whether the packet filter marks it for one that goes by mark is not known',
      }
    : { kind: 'refused', reply: refusals[protocol], by: 'service', because };
  return { text, answer };
}
