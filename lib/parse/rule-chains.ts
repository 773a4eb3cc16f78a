/** Chains that call each other, as both packet filters have them, laid out flat: what the model of a firewall holds. */
import ipaddr from 'ipaddr.js';

import type { Firewall, FirewallRule, FirewallVerdict } from '../model/facts.ts';

export type Hook = FirewallRule['hook'];
export type RuleMatch = FirewallRule['match'];

export interface ChainRule {
  /** The rule applies when any of these does; an empty match is every packet. */
  readonly matches: readonly RuleMatch[];
  /** False when there are conditions beside `matches`. */
  readonly understood: boolean;
  readonly action: ChainAction;
  readonly text: string;
  readonly packets?: number;
}

export type ChainAction =
  | { readonly kind: 'verdict'; readonly verdict: FirewallVerdict }
  | { readonly kind: 'jump' | 'goto'; readonly target: string }
  | { readonly kind: 'return' }
  /** Goes on with the next rule: log, counter, mark. */
  | { readonly kind: 'none' };

export interface BaseChain {
  readonly name: string;
  /** A chain before or after routing stands in the way of two hooks. */
  readonly hooks: readonly Hook[];
  readonly policy: FirewallVerdict;
  /** Interface the chain is bound to. */
  readonly device?: string;
}

export interface RuleTable {
  readonly engine: FirewallRule['engine'];
  /** `inet filter`, `filter` */
  readonly name: string;
  readonly bases: readonly BaseChain[];
  readonly chains: ReadonlyMap<string, readonly ChainRule[]>;
}

type FlatChains = Required<Pick<Firewall, 'rules' | 'chains'>>;

/** Calls deeper than the kernel allows (16, NFT_JUMP_STACK_SIZE) come from text that no kernel printed. */
const deepest = 16;
/** More rules than this are not laid out: the last one stands for the rest, and is not understood. */
const mostRules = 5000;

/** Every rule with a verdict, in the order the kernel tries them, each with the conditions of the jumps that lead to it. */
export function flatten(table: RuleTable): FlatChains {
  const rules: FirewallRule[] = [];
  const chains: { hook: Hook; group: string; policy: FirewallVerdict }[] = [];
  for (const base of table.bases) {
    const start: RuleMatch = base.device === undefined ? {} : { inInterface: base.device };
    const laid = new Layout(table).lay(base.name, [start]);
    const beside =
      base.hooks.length > 1 && base.policy === 'accept' && laid.every(({ verdict }) => verdict === 'accept');
    // A chain before routing that only ever accepts stands in nobody's way.
    if (beside) continue;
    const group = `${table.engine} ${table.name} ${base.name}`;
    for (const hook of base.hooks) {
      chains.push({ hook, group, policy: base.policy });
      rules.push(...laid.map((rule) => ({ ...rule, hook, group })));
    }
  }
  return { rules, chains };
}

type LaidRule = Omit<FirewallRule, 'hook' | 'group'>;

class Layout {
  readonly #table: RuleTable;
  readonly #rules: LaidRule[] = [];

  constructor(table: RuleTable) {
    this.#table = table;
  }

  lay(chain: string, matches: readonly RuleMatch[]): readonly LaidRule[] {
    this.#chain(chain, matches, true, 0);
    return this.#rules;
  }

  /** `sure`: whether every condition on the way here is known. */
  #chain(name: string, outer: readonly RuleMatch[], sure: boolean, depth: number): void {
    let certain = sure;
    for (const rule of this.#table.chains.get(name) ?? []) {
      if (this.#rules.length >= mostRules) return;
      const matches = both(outer, rule.matches);
      const understood = certain && rule.understood;
      const always = rule.understood && rule.matches.some((match) => Object.keys(match).length === 0);
      const { action } = rule;
      switch (action.kind) {
        case 'none':
          break;
        case 'verdict':
          this.#emit(name, rule, action.verdict, matches, understood);
          if (always) return;
          break;
        case 'jump':
        case 'goto':
          if (depth < deepest) this.#chain(action.target, matches, understood, depth + 1);
          if (action.kind === 'jump' || this.#ends(action.target)) break;
          if (always) return;
          if (matches.length > 0) certain = false;
          break;
        case 'return':
          if (always) return;
          // Packets that returned do not see the rest of this chain, which the model has no word for.
          if (matches.length > 0) certain = false;
          break;
      }
    }
  }

  /** Whether no packet falls out at the end of the chain. */
  #ends(chain: string): boolean {
    const rules = this.#table.chains.get(chain) ?? [];
    const last = rules.at(-1);
    return (
      last?.action.kind === 'verdict' &&
      last.understood &&
      last.matches.some((match) => Object.keys(match).length === 0) &&
      rules.every(({ action }) => action.kind !== 'return')
    );
  }

  #emit(
    chain: string,
    rule: ChainRule,
    verdict: FirewallVerdict,
    matches: readonly RuleMatch[],
    understood: boolean,
  ): void {
    for (const match of matches) {
      this.#rules.push({
        engine: this.#table.engine,
        chain: `${this.#table.name} ${chain}`,
        verdict,
        match,
        understood: understood && this.#rules.length < mostRules - 1,
        text: rule.text,
        ...(rule.packets === undefined ? {} : { packets: rule.packets }),
      });
      if (this.#rules.length >= mostRules) return;
    }
  }
}

/** Matches that hold when one of each side does. */
function both(left: readonly RuleMatch[], right: readonly RuleMatch[]): readonly RuleMatch[] {
  return left.flatMap((a) => right.flatMap((b) => conjunction(a, b) ?? []));
}

/** Undefined when no packet can meet both. */
export function conjunction(a: RuleMatch, b: RuleMatch): RuleMatch | undefined {
  const merged: { -readonly [K in keyof RuleMatch]: RuleMatch[K] } = { ...a, ...b };
  let clashes = 0;
  const merge = <T>(
    one: T | undefined,
    other: T | undefined,
    narrow: (one: T, other: T) => T | undefined,
  ): T | undefined => {
    if (one === undefined || other === undefined) return one ?? other;
    const both = narrow(one, other);
    if (both === undefined) clashes += 1;
    return both;
  };
  const keep = <K extends keyof RuleMatch>(key: K, value: RuleMatch[K]): void => {
    if (value !== undefined) merged[key] = value;
  };
  keep(
    'protocol',
    merge(a.protocol, b.protocol, (one, other) => (one === other ? one : undefined)),
  );
  keep('source', merge(a.source, b.source, narrowerPrefix));
  keep('destination', merge(a.destination, b.destination, narrowerPrefix));
  keep('inInterface', merge(a.inInterface, b.inInterface, narrowerName));
  keep('outInterface', merge(a.outInterface, b.outInterface, narrowerName));
  keep('sourcePorts', merge(a.sourcePorts, b.sourcePorts, commonPorts));
  keep('destinationPorts', merge(a.destinationPorts, b.destinationPorts, commonPorts));
  keep('states', merge(a.states, b.states, commonStates));
  return clashes === 0 ? merged : undefined;
}

/** Of two prefixes the one inside the other. Text that is no prefix is kept when both are the same. */
function narrowerPrefix(one: string, other: string): string | undefined {
  if (one === other) return one;
  const [a, b] = [prefixOf(one), prefixOf(other)];
  if (a === undefined || b === undefined) return one;
  if (a[0].kind() !== b[0].kind()) return undefined;
  const [inner, outer, text] = a[1] >= b[1] ? [a, b, one] : [b, a, other];
  return inner[0].match(outer[0], outer[1]) ? text : undefined;
}

type Prefix = [ipaddr.IPv4 | ipaddr.IPv6, number];

function prefixOf(text: string): Prefix | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** `eth+` (iptables) and `eth*` (nftables) stand for every name that begins so. */
function narrowerName(one: string, other: string): string | undefined {
  const covers = (pattern: string, name: string): boolean =>
    pattern === name || (/[+*]$/.test(pattern) && name.startsWith(pattern.slice(0, -1)));
  if (covers(one, other)) return other;
  return covers(other, one) ? one : undefined;
}

function commonStates(one: readonly string[], other: readonly string[]): readonly string[] | undefined {
  const common = one.filter((state) => other.includes(state));
  return common.length === 0 ? undefined : common;
}

type Ports = readonly (readonly [number, number])[];

function commonPorts(a: Ports, b: Ports): Ports | undefined {
  const common = a.flatMap(([low, high]) =>
    b.flatMap(([first, last]): Ports => {
      const from = Math.max(low, first);
      const to = Math.min(high, last);
      return from <= to ? [[from, to]] : [];
    }),
  );
  return common.length === 0 ? undefined : common;
}

/** Several tables as one firewall: a hook's policy is the strictest of its chains. */
export function firewallOf(tables: readonly RuleTable[], engines: Firewall['engines']): Firewall {
  const flat = tables.map(flatten);
  const chains = flat.flatMap((table) => table.chains);
  const policyOf = (hook: Hook): FirewallVerdict =>
    chains.find((chain) => chain.hook === hook && chain.policy !== 'accept')?.policy ?? 'accept';
  return {
    engines,
    rules: flat.flatMap((table) => table.rules),
    policies: { input: policyOf('input'), forward: policyOf('forward'), output: policyOf('output') },
    chains,
  };
}

/** Hooks of a base chain by where it sits; undefined for one that no packet to or through the host's IP meets. */
export function hooksOf(place: string): readonly Hook[] | undefined {
  switch (place.toLowerCase()) {
    case 'input':
    case 'forward':
    case 'output':
      return [place.toLowerCase() as Hook];
    case 'prerouting':
    case 'ingress':
      return ['input', 'forward'];
    case 'postrouting':
    case 'egress':
      return ['forward', 'output'];
    default:
      return undefined;
  }
}
