/**
 * Who says what about each virtual service: the cluster file, keepalived.conf, the kernel. Pure.
 *
 * A real server that a health check took out, and a sorry server in its place, are keepalived at work and no drift
 * (perform_svr_state and update_quorum_state in keepalived's ipwrapper.c).
 */
import type { IpvsRules } from '../model/facts.ts';
import type { ConfRealServer, ConfService, ConfView } from './keepalived-conf.ts';
import { differs, kernelView, type RealServerView, samePlace, type ServiceView } from './rules-view.ts';

export type Place = 'declared' | 'conf' | 'kernel';

/**
 * `same`: all three agree. `drift`: they do not. `health`: they do but for what a health check does.
 * `unknown`: keepalived.conf does not show it. `undeclared`: the cluster file does not speak of it.
 */
export type DriftState = 'same' | 'drift' | 'health' | 'unknown' | 'undeclared';

export interface FieldDrift {
  /** `scheduler`, `weight`, … */
  readonly field: string;
  /** What each of the places that have one says. */
  readonly values: Readonly<Partial<Record<Place, string | number | boolean>>>;
}

export interface RealServerDrift {
  /** `10.0.0.1:80` */
  readonly place: string;
  /** As the cluster file calls it. */
  readonly name?: string;
  readonly state: DriftState;
  readonly in: readonly Place[];
  readonly differences: readonly FieldDrift[];
  /** One phrase, where the state needs one. */
  readonly note?: string;
}

export interface ServiceDrift {
  /** `tcp 10.0.0.1:80`, `fwmark 7`. */
  readonly key: string;
  readonly name?: string;
  readonly state: DriftState;
  readonly in: readonly Place[];
  /** Where keepalived.conf has it. */
  readonly conf?: { readonly path: string; readonly line: number };
  readonly differences: readonly FieldDrift[];
  readonly realServers: readonly RealServerDrift[];
  readonly note?: string;
}

export interface ThreeWays {
  readonly declared: readonly ServiceView[];
  readonly conf: ConfView;
  readonly kernel: IpvsRules;
}

const serviceFields = ['scheduler', 'persistenceS', 'netmask', 'engine', 'onePacket', 'flags'] as const;
const serverFields = ['weight', 'forwarding', 'upperThreshold', 'lowerThreshold'] as const;
const fieldNames: Readonly<Record<string, string>> = {
  persistenceS: 'persistence',
  engine: 'persistence engine',
  onePacket: 'one-packet',
  flags: 'scheduler flags',
  upperThreshold: 'upper threshold',
  lowerThreshold: 'lower threshold',
};

/** Every service that is in one of the three, declared ones first, in the order of the cluster file. */
export function threeWayDrift({ declared, conf, kernel }: ThreeWays): readonly ServiceDrift[] {
  const live = kernelView(kernel);
  const keys = new Set([...declared, ...conf.services, ...live].map(({ key }) => key));
  return [...keys].map((key) => {
    const find = <S extends ServiceView>(services: readonly S[]) => services.find((service) => service.key === key);
    return serviceDrift(key, find(declared), find(conf.services), find(live), conf.generators.length > 0);
  });
}

/**
 * Whether nothing is left to do: what is declared is in keepalived.conf and, health checks aside, in the kernel. What the
 * cluster file does not manage may differ between the two.
 */
export function settled(drift: readonly ServiceDrift[]): boolean {
  const agree = ({ state, in: places, differences }: Pick<ServiceDrift, 'state' | 'in' | 'differences'>) =>
    state !== 'drift' || (places.length === 3 && differences.every(({ values }) => values.declared === undefined));
  return drift
    .filter(({ state }) => state !== 'undeclared')
    .every((service) => service.state !== 'unknown' && agree(service) && service.realServers.every(agree));
}

function serviceDrift(
  key: string,
  declared: ServiceView | undefined,
  conf: ConfService | undefined,
  kernel: ServiceView | undefined,
  confUnsure: boolean,
): ServiceDrift {
  const places = { declared, conf, kernel };
  const differences = fieldDrift(serviceFields, places);
  const { servers, inForce } = realServers(declared, conf, kernel);
  const base = {
    key,
    ...(declared?.name === undefined ? {} : { name: declared.name }),
    in: placesOf(places),
    ...(conf === undefined ? {} : { conf: { path: conf.path, line: conf.line } }),
    differences,
    realServers: servers,
  };
  if (declared === undefined)
    return { ...base, state: 'undeclared', note: 'not in the cluster file; it is not touched' };
  if (conf === undefined && confUnsure)
    return {
      ...base,
      state: 'unknown',
      note: 'whether keepalived.conf has it cannot be seen: a variable or an include',
    };
  const states = servers.map(({ state }) => state);
  if (conf === undefined || kernel === undefined || differences.length > 0 || states.includes('drift')) {
    const note =
      conf === undefined
        ? 'keepalived.conf does not have it'
        : kernel === undefined
          ? 'the kernel does not have it'
          : undefined;
    return { ...base, state: 'drift', ...(note === undefined ? {} : { note }) };
  }
  if (inForce) return { ...base, state: 'health', note: `the sorry server ${conf.sorryServer ?? ''} is in force` };
  return { ...base, state: states.includes('health') ? 'health' : 'same' };
}

function realServers(
  declared: ServiceView | undefined,
  conf: ConfService | undefined,
  kernel: ServiceView | undefined,
): { servers: readonly RealServerDrift[]; inForce: boolean } {
  const sorry = kernel?.realServers.find(
    ({ place }) => place === conf?.sorryServer && conf.realServers.every((each) => each.place !== place),
  );
  const inForce = sorry !== undefined && sorry.weight !== 0;
  const all: RealServerView[] = [];
  for (const server of [declared, conf, kernel].flatMap((service) => service?.realServers ?? []))
    if (server !== sorry && !all.some((other) => samePlace(other, server))) all.push(server);
  const servers = all.map((server) => {
    const of = <S extends RealServerView>(service: { readonly realServers: readonly S[] } | undefined) =>
      service?.realServers.find((each) => samePlace(each, server));
    const places = { declared: of(declared), conf: of(conf), kernel: of(kernel) };
    return realServerDrift(server, places, { serviceDeclared: declared !== undefined, conf, kernel, inForce });
  });
  const sorryRow: RealServerDrift[] =
    sorry === undefined
      ? []
      : [
          {
            place: sorry.place,
            name: 'sorry server',
            state: inForce ? 'health' : 'same',
            in: ['conf', 'kernel'],
            differences: [],
            note: inForce ? 'in force: the health checks left too few real servers' : 'standing by with weight 0',
          },
        ];
  return { servers: [...servers, ...sorryRow], inForce };
}

interface Servers {
  readonly declared: RealServerView | undefined;
  readonly conf: ConfRealServer | undefined;
  readonly kernel: RealServerView | undefined;
}

function realServerDrift(
  { place, name }: RealServerView,
  places: Servers,
  around: {
    readonly serviceDeclared: boolean;
    readonly conf: ConfService | undefined;
    readonly kernel: ServiceView | undefined;
    readonly inForce: boolean;
  },
): RealServerDrift {
  const { conf, kernel } = places;
  const base = { place, ...(name === undefined ? {} : { name }), in: placesOf(places) };
  const out = conf === undefined || around.kernel === undefined ? undefined : takenOut(conf, kernel, around.inForce);
  const dynamic = conf?.dynamicWeight === true && kernel !== undefined;
  // What a health check set is not compared; what the file and the cluster file say still is.
  const compared = out !== undefined || dynamic ? { ...places, kernel: withoutWeight(kernel) } : places;
  const differences = fieldDrift(serverFields, compared);
  if (!around.serviceDeclared) return { ...base, state: 'undeclared', differences };
  const missing =
    places.declared === undefined ||
    (conf === undefined && around.conf !== undefined) ||
    (kernel === undefined && around.kernel !== undefined && out === undefined);
  if (missing || differences.length > 0) {
    const stale = places.declared !== undefined && conf !== undefined && kernel === undefined && out === undefined;
    const note =
      stale && around.kernel !== undefined ? 'it has no health check that could have taken it out' : undefined;
    return { ...base, state: 'drift', differences, ...(note === undefined ? {} : { note }) };
  }
  if (out !== undefined) return { ...base, state: 'health', differences, note: out };
  const set = dynamic && differs(conf.weight, kernel.weight);
  return {
    ...base,
    state: set ? 'health' : 'same',
    differences,
    ...(set ? { note: `a health check has set weight ${kernel.weight ?? ''}` } : {}),
  };
}

/** How keepalived shows a real server that is down: gone, or with weight 0 where it is inhibited. */
function takenOut(conf: ConfRealServer, kernel: RealServerView | undefined, inForce: boolean): string | undefined {
  const checked = conf.checks.length > 0 || conf.alpha;
  if (kernel === undefined) {
    if (inForce) return 'replaced by the sorry server';
    return checked ? 'taken out by a health check' : undefined;
  }
  return checked && conf.inhibited && kernel.weight === 0 && conf.weight !== 0
    ? 'taken out by a health check (weight 0, inhibit_on_failure)'
    : undefined;
}

function withoutWeight(server: RealServerView | undefined): RealServerView | undefined {
  return server === undefined ? undefined : { ...server, weight: undefined };
}

function placesOf(places: Readonly<Record<Place, unknown>>): readonly Place[] {
  return (['declared', 'conf', 'kernel'] as const).filter((place) => places[place] !== undefined);
}

/** Fields in which two of the places differ. A local destination is one the kernel made so by itself. */
function fieldDrift<F extends string>(
  fields: readonly F[],
  places: Readonly<Record<Place, Readonly<Record<F, string | number | boolean | undefined>> | undefined>>,
): readonly FieldDrift[] {
  return fields.flatMap((field) => {
    const values: Partial<Record<Place, string | number | boolean>> = {};
    for (const place of ['declared', 'conf', 'kernel'] as const) {
      const value = places[place]?.[field];
      if (value !== undefined && value !== 'local') values[place] = value;
    }
    return new Set(Object.values(values)).size > 1 ? [{ field: fieldNames[field] ?? field, values }] : [];
  });
}
