/**
 * What to do so that a director has the declared rules. Pure. Services that are not declared are not touched.
 *
 * Connections survive: a service or destination that differs is edited in place (ip_vs_edit_service and ip_vs_edit_dest
 * keep the entries of the connection table), new destinations come before old ones go.
 */
import type { Cluster, VirtualService } from '../model/cluster.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../model/facts.ts';
import { destinationName, destinationWords, serviceName, serviceWords } from '../model/rule-words.ts';
import { liveDestination, optionWords, ruleKey, ruleOf, serviceOptions, thresholdsOf } from '../model/service-rule.ts';
import { endpointText } from '../parse/ipvs-rules.ts';

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
  const found = new Map(live.services.map((service) => [ruleKey(service), service]));
  const declared = new Set(cluster.virtualServices.map((service) => ruleKey(ruleOf(service))));
  return {
    operations: cluster.virtualServices.flatMap((service) => planService(service, found.get(ruleKey(ruleOf(service))))),
    untouched: [...found.keys()].filter((key) => !declared.has(key)),
  };
}

function planService(declared: VirtualService, live: IpvsService | undefined): readonly RuleOperation[] {
  const wanted = ruleOf(declared, live);
  const at = ruleKey(wanted);
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
  else if (!sameWords(serviceWords(live), serviceWords(wanted)))
    operations.push(
      operation(
        'edit-service',
        `change service ${at} from ${facets(live)} to ${facets(wanted)}`,
        ['-E', ...serviceWords(wanted)],
        ['-E', ...serviceWords(live)],
      ),
    );

  const rest = new Set(live?.destinations);
  const edits: RuleOperation[] = [];
  for (const [index, destination] of declared.destinations.entries()) {
    const next = wanted.destinations[index];
    if (next === undefined) continue;
    const what = `${destination.realServer.name} (${endpointText(next)})`;
    const old = live === undefined ? undefined : liveDestination(declared, destination, live);
    if (old === undefined) {
      operations.push(
        operation(
          'add-destination',
          `add destination ${what} ${destinationFacets(next)}`,
          ['-a', ...destinationWords(wanted, next)],
          ['-d', ...destinationName(wanted, next)],
        ),
      );
      continue;
    }
    rest.delete(old);
    if (!sameWords(destinationWords(wanted, old), destinationWords(wanted, next)))
      edits.push(
        operation(
          'edit-destination',
          `change destination ${what} from ${destinationFacets(old)} to ${destinationFacets(next)}`,
          ['-e', ...destinationWords(wanted, next)],
          ['-e', ...destinationWords(wanted, old)],
        ),
      );
  }
  const removals = [...rest].map((old) =>
    operation(
      'remove-destination',
      `remove destination ${endpointText(old)} ${destinationFacets(old)}, which is not declared`,
      ['-d', ...destinationName(wanted, old)],
      ['-a', ...destinationWords(wanted, old)],
    ),
  );
  return [...operations, ...edits, ...removals];
}

function sameWords(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index]);
}

function facets({ scheduler, persistenceS, extra }: IpvsService): string {
  const words = optionWords({ ...serviceOptions(extra), ipv6Mark: false });
  return [scheduler, ...(persistenceS === 0 ? [] : [`persistent ${persistenceS} s`]), ...words].join(' ');
}

function destinationFacets(destination: IpvsDestination): string {
  const { upper, lower } = thresholdsOf(destination);
  const limits = [
    ...(upper === 0 ? [] : [`at most ${upper} connections`]),
    ...(lower === 0 ? [] : [`again below ${lower}`]),
  ];
  return [`${destination.forwarding} weight ${destination.weight}`, ...limits].join(', ');
}
