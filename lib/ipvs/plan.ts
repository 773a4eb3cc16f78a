/**
 * What to do so that a director has the declared rules. Pure. Services that are not declared are not touched.
 *
 * Connections survive: a service or destination that differs is edited in place (ip_vs_edit_service and ip_vs_edit_dest
 * keep the entries of the connection table), new destinations come before old ones go.
 */
import type { Cluster, Destination, VirtualService } from '../model/cluster.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../model/facts.ts';
import { endpointText } from '../parse/ipvs-rules.ts';
import { destinationName, destinationWords, serviceName, serviceWords } from './words.ts';

export type OperationKind =
  'add-service' | 'edit-service' | 'add-destination' | 'edit-destination' | 'remove-destination';

/** One call of ipvsadm, and the one that takes it back. */
export interface RuleOperation {
  readonly kind: OperationKind;
  /** Name of the virtual service in the cluster file. */
  readonly service: string;
  /** What it does, in one phrase: `web: add destination rs1 (10.10.10.10:80) nat weight 1`. */
  readonly description: string;
  readonly argv: readonly string[];
  /** Restores what was there, with the words beyond the model. Holds when undone in reverse order. */
  readonly undo: readonly string[];
}

export interface RulesPlan {
  /** In the order to do them; empty when the director has what is declared. */
  readonly operations: readonly RuleOperation[];
  /** Services of the director that the cluster file does not declare, as `tcp 10.0.0.1:80` or `fwmark 7`. */
  readonly untouched: readonly string[];
}

export function planRules(cluster: Cluster, live: IpvsRules): RulesPlan {
  const found = new Map(live.services.map((service) => [keyOf(service), service]));
  const declared = new Set(cluster.virtualServices.map((service) => keyOf(serviceAddress(service))));
  return {
    operations: cluster.virtualServices.flatMap((service) =>
      planService(service, found.get(keyOf(serviceAddress(service)))),
    ),
    untouched: [...found.keys()].filter((key) => !declared.has(key)),
  };
}

type ServiceKey = Pick<IpvsService, 'protocol' | 'address' | 'port' | 'fwmark' | 'extra'>;

function keyOf(service: ServiceKey): string {
  if (service.fwmark !== undefined) return `fwmark ${service.fwmark}${service.extra.includes('-6') ? ' IPv6' : ''}`;
  return `${service.protocol} ${endpointText(service)}`;
}

function serviceAddress({ protocol, vip, port }: VirtualService): ServiceKey {
  return { protocol, address: vip, port, extra: [] };
}

function planService(declared: VirtualService, live: IpvsService | undefined): readonly RuleOperation[] {
  const wanted = wantedService(declared, live);
  const at = `${declared.protocol} ${endpointText(wanted)}`;
  const operation = (
    kind: OperationKind,
    what: string,
    argv: readonly string[],
    undo: readonly string[],
  ): RuleOperation => ({
    kind,
    service: declared.name,
    description: `${declared.name}: ${what}`,
    argv: ['ipvsadm', ...argv],
    undo: ['ipvsadm', ...undo],
  });
  const operations: RuleOperation[] = [];
  if (live === undefined)
    operations.push(
      operation(
        'add-service',
        `add service ${at} ${facets(wanted)}`,
        ['-A', ...serviceWords(wanted)],
        ['-D', ...serviceName(wanted)],
      ),
    );
  else if (live.scheduler !== wanted.scheduler || live.persistenceS !== wanted.persistenceS)
    operations.push(
      operation(
        'edit-service',
        `change service ${at} from ${facets(live)} to ${facets(wanted)}`,
        ['-E', ...serviceWords(wanted)],
        ['-E', ...serviceWords(live)],
      ),
    );

  const rest = new Map((live?.destinations ?? []).map((destination) => [endpointText(destination), destination]));
  const edits: RuleOperation[] = [];
  for (const destination of declared.destinations) {
    const { name } = destination.realServer;
    const place = endpointText({ address: destination.realServer.rip, port: destination.port });
    const old = rest.get(place);
    rest.delete(place);
    const next = wantedDestination(declared, destination, old);
    if (old === undefined)
      operations.push(
        operation(
          'add-destination',
          `add destination ${name} (${place}) ${destinationFacets(next)}`,
          ['-a', ...destinationWords(wanted, next)],
          ['-d', ...destinationName(wanted, next)],
        ),
      );
    else if (old.weight !== next.weight || old.forwarding !== next.forwarding)
      edits.push(
        operation(
          'edit-destination',
          `change destination ${name} (${place}) from ${destinationFacets(old)} to ${destinationFacets(next)}`,
          ['-e', ...destinationWords(wanted, next)],
          ['-e', ...destinationWords(wanted, old)],
        ),
      );
  }
  const removals = [...rest].map(([place, old]) =>
    operation(
      'remove-destination',
      `remove destination ${place} ${destinationFacets(old)}, which is not declared`,
      ['-d', ...destinationName(wanted, old)],
      ['-a', ...destinationWords(wanted, old)],
    ),
  );
  return [...operations, ...edits, ...removals];
}

/** The cluster file does not speak of netmask, one-packet mode, persistence engine or scheduler flags: they stay as far as they still fit. */
function wantedService(declared: VirtualService, live: IpvsService | undefined): IpvsService {
  let extra = live?.extra ?? [];
  if (declared.persistenceS === 0) extra = withoutOptions(extra, ['-M', '--pe']);
  if (live?.scheduler !== declared.scheduler) extra = withoutOptions(extra, ['-b']);
  return {
    ...serviceAddress(declared),
    scheduler: declared.scheduler,
    persistenceS: declared.persistenceS,
    extra,
    destinations: [],
  };
}

function wantedDestination(
  service: VirtualService,
  { realServer, port, weight }: Destination,
  live: IpvsDestination | undefined,
): IpvsDestination {
  // Old kernels show every destination on the director itself as local, whatever was asked for.
  const forwarding = live?.forwarding === 'local' ? 'local' : service.forwarding;
  const extra = live?.extra ?? [];
  return {
    address: realServer.rip,
    port,
    forwarding,
    weight,
    extra: forwarding === 'tun' ? extra : withoutTunnelOptions(extra),
  };
}

/** Without the options named, each with its value. */
function withoutOptions(words: readonly string[], options: readonly string[]): readonly string[] {
  return words.filter((word, index) => !options.includes(word) && !options.includes(words[index - 1] ?? ''));
}

function withoutTunnelOptions(words: readonly string[]): readonly string[] {
  return withoutOptions(words, ['--tun-type', '--tun-port']).filter((word) => !word.startsWith('--tun-'));
}

function facets(service: IpvsService): string {
  return `${service.scheduler}${service.persistenceS === 0 ? '' : ` persistent ${service.persistenceS} s`}`;
}

function destinationFacets(destination: IpvsDestination): string {
  return `${destination.forwarding} weight ${destination.weight}`;
}
