/** Chains that call each other, as both packet filters have them, laid out flat: what the model of a firewall holds. */
import type {
  AddressTranslation,
  Firewall,
  FirewallRule,
  FirewallVerdict,
  PacketMark,
  UntrackedPackets,
} from '../model/facts.ts';
import { both, isAlways, type RuleMatch, without } from './rule-match.ts';

export type { RuleMatch } from './rule-match.ts';

export type Hook = FirewallRule['hook'];
/** Where a base chain sits. */
export type Place = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

export interface ChainRule {
  /** The rule applies when any of these does; an empty match is every packet. */
  readonly matches: readonly RuleMatch[];
  /** False when there are conditions beside `matches`. */
  readonly understood: boolean;
  readonly action: ChainAction;
  /** What it does besides, before the action. */
  readonly effects?: readonly ChainEffect[];
  readonly text: string;
  readonly packets?: number;
}

export type ChainAction =
  | { readonly kind: 'verdict'; readonly verdict: FirewallVerdict }
  | { readonly kind: 'jump' | 'goto'; readonly target: string }
  | { readonly kind: 'return' }
  /** Ends the chain: no later rule of a nat table sees the packet. */
  | { readonly kind: 'translate'; readonly as: Translation['kind']; readonly to?: string }
  /** Goes on with the next rule: log, counter, mark. */
  | { readonly kind: 'none' };

export type Translation = AddressTranslation;

export type ChainEffect =
  | {
      readonly kind: 'mark';
      readonly mark: number;
      readonly mask?: number;
      readonly via?: PacketMark['via'];
      readonly matches?: readonly RuleMatch[];
    }
  | { readonly kind: 'untracked' }
  | { readonly kind: 'mss'; readonly mss?: number };

export interface BaseChain {
  readonly name: string;
  readonly place: Place;
  /** Address translation is no filter. */
  readonly type: 'filter' | 'nat';
  /** The kernel asks lower ones first. */
  readonly priority: number;
  readonly policy: FirewallVerdict;
  /** Interface the chain is bound to. */
  readonly device?: string;
}

export interface RuleTable {
  readonly engine: FirewallRule['engine'];
  /** `inet filter`, `filter` */
  readonly name: string;
  /** Tells two tables of one name apart: `ip6tables`, `iptables-legacy`. Default: the engine. */
  readonly program?: string;
  /** Absent is both. */
  readonly family?: 'ipv4' | 'ipv6';
  readonly bases: readonly BaseChain[];
  readonly chains: ReadonlyMap<string, readonly ChainRule[]>;
}

/** IPVS takes its packets at the end of LOCAL_IN (NF_IP_PRI_NAT_SRC - 2): what marks them must come before. */
const ipvsPriority = 98;

type Chains = NonNullable<Firewall['chains']>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Flat {
  readonly rules: FirewallRule[];
  readonly chains: Mutable<Chains[number]>[];
  readonly translations: { readonly priority: number; readonly rule: AddressTranslation }[];
  readonly marks: PacketMark[];
  readonly untracked: UntrackedPackets[];
  readonly mssClamps: NonNullable<Firewall['mssClamps']>[number][];
}

/** Calls deeper than the kernel allows (16, NFT_JUMP_STACK_SIZE) come from text that no kernel printed. */
const deepest = 16;
/** More rules than this are not laid out: the last one stands for the rest, and is not understood. */
const mostRules = 5000;
/** More packets left out of a chain than this are too many to carry along: what follows is not understood. */
const mostLeftOut = 64;

interface LaidRule {
  readonly chain: string;
  readonly rule: ChainRule;
  readonly match: RuleMatch;
  readonly understood: boolean;
}

/** Rules that end a packet's way or change the packet, in the order the kernel tries them, with the conditions of the jumps that lead there. */
class Layout {
  readonly #table: RuleTable;
  readonly #laid: LaidRule[] = [];

  constructor(table: RuleTable) {
    this.#table = table;
  }

  lay(chain: string, matches: readonly RuleMatch[]): readonly LaidRule[] {
    this.#chain(chain, matches, true, 0);
    return this.#laid;
  }

  /** `sure`: whether every condition on the way here is known. */
  #chain(name: string, entered: readonly RuleMatch[], sure: boolean, depth: number): void {
    let certain = sure;
    let outer = entered;
    const leave = (rule: ChainRule): void => {
      const tooMany = outer.some((match) => (match.not?.length ?? 0) + rule.matches.length > mostLeftOut);
      if (!rule.understood || tooMany) certain = false;
      else outer = outer.map((match) => without(match, rule.matches));
    };
    for (const rule of this.#table.chains.get(name) ?? []) {
      if (this.#laid.length >= mostRules) return;
      const matches = both(outer, rule.matches);
      const understood = certain && rule.understood;
      const always = rule.understood && rule.matches.some(isAlways);
      const { action, effects = [] } = rule;
      if (effects.length > 0 && (action.kind === 'none' || action.kind === 'jump' || action.kind === 'goto')) {
        this.#emit(name, rule, matches, understood);
      }
      switch (action.kind) {
        case 'none':
          break;
        case 'verdict':
        case 'translate':
          this.#emit(name, rule, matches, understood);
          if (always) return;
          break;
        case 'jump':
        case 'goto':
          if (depth < deepest) this.#chain(action.target, matches, understood, depth + 1);
          if (action.kind === 'jump' || this.#ends(action.target)) break;
          if (always) return;
          if (matches.length > 0) leave(rule);
          break;
        case 'return':
          // The end of a base chain is the end of its table.
          if (depth === 0) this.#emit(name, rule, matches, understood);
          if (always) return;
          if (matches.length > 0) leave(rule);
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
      last.matches.some(isAlways) &&
      rules.every(({ action }) => action.kind !== 'return')
    );
  }

  #emit(chain: string, rule: ChainRule, matches: readonly RuleMatch[], understood: boolean): void {
    for (const match of matches) {
      this.#laid.push({ chain, rule, match, understood: understood && this.#laid.length < mostRules - 1 });
      if (this.#laid.length >= mostRules) return;
    }
  }
}

/** Everything of one table that the model has a word for. */
function flatten(table: RuleTable, flat: Flat): void {
  for (const base of table.bases) {
    const start: RuleMatch = {
      ...(table.family === undefined ? {} : { family: table.family }),
      ...(base.device === undefined ? {} : { inInterface: base.device }),
    };
    const laid = new Layout(table).lay(base.name, [start]);
    for (const one of laid) addEffects(flat, base, one);
    for (const one of laid) addTranslation(flat, base, one);
    if (base.type === 'filter') addFilter(flat, table, base, laid);
  }
}

function addFilter(flat: Flat, table: RuleTable, base: BaseChain, laid: readonly LaidRule[]): void {
  const verdicts = laid.flatMap(({ chain, rule, match, understood }) => {
    const verdict = rule.action.kind === 'verdict' ? rule.action.verdict : undefined;
    if (verdict === undefined) return [];
    const { family, ...rest } = match;
    const counted = rule.packets === undefined ? {} : { packets: rule.packets };
    return [
      {
        engine: table.engine,
        chain: `${table.name} ${chain}`,
        verdict,
        match: rest,
        understood,
        text: rule.text,
        ...(family === undefined ? {} : { family }),
        ...counted,
      },
    ];
  });
  const hooks = hooksAt(base.place);
  // A chain before routing that only ever accepts stands in nobody's way.
  if (hooks.length > 1 && base.policy === 'accept' && verdicts.every(({ verdict }) => verdict === 'accept')) return;
  const group = `${table.program ?? table.engine} ${table.name} ${base.name}`;
  const family = table.family === undefined ? {} : { family: table.family };
  for (const hook of hooks) {
    flat.chains.push({ hook, group, policy: base.policy, ...family });
    flat.rules.push(...verdicts.map((rule) => ({ ...rule, hook, group })));
  }
}

function addTranslation(flat: Flat, { place, type, priority }: BaseChain, laid: LaidRule): void {
  const { rule, match, understood } = laid;
  const { action, text, packets } = rule;
  if (place === 'forward') return;
  const passes = action.kind === 'return' || (action.kind === 'verdict' && action.verdict === 'accept');
  if (action.kind !== 'translate' && !(type === 'nat' && passes)) return;
  const { family, ...rest } = match;
  flat.translations.push({
    priority,
    rule: {
      hook: place,
      kind: action.kind === 'translate' ? action.as : 'accept',
      match: rest,
      understood,
      text,
      ...(family === undefined ? {} : { family }),
      ...(action.kind === 'translate' && action.to !== undefined ? { to: action.to } : {}),
      ...(packets === undefined ? {} : { packets }),
    },
  });
}

function addEffects(flat: Flat, { place, priority }: BaseChain, { rule, match, understood }: LaidRule): void {
  const counted = rule.packets === undefined ? {} : { packets: rule.packets };
  const { text } = rule;
  for (const effect of rule.effects ?? []) {
    switch (effect.kind) {
      case 'mark': {
        if (place !== 'prerouting' && !(place === 'input' && priority < ipvsPriority)) break;
        const { mark, mask, via } = effect;
        for (const { family, ...rest } of both([match], effect.matches ?? [{}])) {
          flat.marks.push({
            mark,
            match: rest,
            understood,
            text,
            ...(mask === undefined ? {} : { mask }),
            ...(via === undefined ? {} : { via }),
            ...(family === undefined ? {} : { family }),
            ...counted,
          });
        }
        break;
      }
      case 'untracked':
        if (place === 'prerouting' || place === 'output') flat.untracked.push({ hook: place, match, understood, text });
        break;
      case 'mss':
        flat.mssClamps.push({
          text,
          ...(effect.mss === undefined ? {} : { mss: effect.mss }),
          ...(match.source === undefined ? {} : { source: match.source }),
        });
        break;
    }
  }
}

/** Several tables as one firewall: a hook's policy is the strictest of its chains for IPv4. */
export function firewallOf(tables: readonly RuleTable[], engines: Firewall['engines']): Firewall {
  const flat: Flat = { rules: [], chains: [], translations: [], marks: [], untracked: [], mssClamps: [] };
  for (const table of tables) flatten(table, flat);
  const policyOf = (hook: Hook): FirewallVerdict =>
    flat.chains.find((chain) => chain.hook === hook && chain.family !== 'ipv6' && chain.policy !== 'accept')?.policy ??
    'accept';
  return {
    engines,
    rules: flat.rules,
    policies: { input: policyOf('input'), forward: policyOf('forward'), output: policyOf('output') },
    chains: flat.chains,
    translations: flat.translations.toSorted((a, b) => a.priority - b.priority).map(({ rule }) => rule),
    marks: flat.marks,
    untracked: flat.untracked,
    mssClamps: flat.mssClamps,
  };
}

/** A chain before or after routing stands in the way of two hooks. */
function hooksAt(place: Place): readonly Hook[] {
  if (place === 'prerouting') return ['input', 'forward'];
  return place === 'postrouting' ? ['forward', 'output'] : [place];
}

/** Undefined for a base chain that no packet to or through the host's IP meets. */
export function placeOf(word: string): Place | undefined {
  switch (word.toLowerCase()) {
    case 'ingress':
      return 'prerouting';
    case 'egress':
      return 'postrouting';
    case 'prerouting':
    case 'input':
    case 'forward':
    case 'output':
    case 'postrouting':
      return word.toLowerCase() as Place;
    default:
      return undefined;
  }
}
