/** One rule of `iptables-save`: iptables-extensions(8). */
import type { FirewallVerdict } from '../model/facts.ts';
import { icmpTypesOf } from './icmp-types.ts';
import { ParseError } from './parse-error.ts';
import type { ChainAction, ChainEffect, ChainRule } from './rule-chains.ts';
import { conjunction, type RuleMatch } from './rule-match.ts';

/** Targets after which the next rule is tried, and which change nothing that the model holds. */
const passing = new Set(
  'LOG NFLOG ULOG MARK CONNMARK CT NOTRACK TCPMSS TCPOPTSTRIP DSCP TOS TTL HL CLASSIFY TRACE SET CHECKSUM AUDIT SECMARK CONNSECMARK TEE HMARK RATEEST LED'.split(
    ' ',
  ),
);
/** Modules that add no condition of their own: their options say it all. */
const plainModules = new Set(
  'tcp udp sctp icmp icmp6 multiport conntrack state comment addrtype pkttype hl'.split(' '),
);
/** Modules about extension headers of IPv6, which packets of a service do not carry. */
const extensionHeaders = new Set(['rt', 'frag', 'hbh', 'dst', 'mh', 'ipv6header', 'ah', 'esp']);
/** Options of targets, each with one value, which change nothing about whether the rule matches. */
const targetOptions =
  /^--(reject-with|log-\w[\w-]*|nflog-\w[\w-]*|set-\w*mark|set-mss|queue-\w[\w-]*|comment|to-\w+|on-ip|on-port|tproxy-mark|helper|zone|zone-orig|zone-reply|ctevents|nfmask|ctmask|mask|set-\w[\w-]*|type)$/;
/** The same without a value. */
const targetFlags =
  /^--(notrack|clamp-mss-to-pmtu|random|random-fully|persistent|log-\w+-options|log-ip-options|restore-mark|save-mark)$/;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Throws ParseError. */
export function parseIptablesRule(line: string): { readonly chain: string; readonly rule: ChainRule } {
  const [, packets, rest] = /^(?:\[(\d+):\d+\] )?(-A .*)$/.exec(line) ?? [];
  if (rest === undefined) throw new ParseError('iptables-save', line);
  const words = tokens(rest);
  const chain = words[1];
  if (chain === undefined) throw new ParseError('iptables-save', line);
  let match: RuleMatch | undefined = {};
  const not: RuleMatch[] = [];
  const target: Record<string, string> = {};
  let understood = true;
  let action: ChainAction = { kind: 'none' };
  let negated = false;
  for (let at = 2; at < words.length; at++) {
    const option = words[at] ?? '';
    if (option === '!') {
      negated = true;
      continue;
    }
    const value = words[at + 1] ?? '';
    const condition = conditionOf(option, value, words[at + 2] ?? '');
    if (condition !== undefined) {
      at += condition.words;
      if (condition.match === undefined) understood = false;
      else if (negated) not.push(condition.match);
      else match = match === undefined ? undefined : conjunction(match, condition.match);
    } else if (option === '-m') {
      at += 1;
      if (extensionHeaders.has(value)) match = negated ? match : undefined;
      else if (!plainModules.has(value)) understood = false;
    } else if (option === '-f') {
      // Later fragments only: nothing that IPVS schedules.
      match = negated ? match : undefined;
    } else if (option === '-j' || option === '-g') {
      at += 1;
      target['name'] = value;
      action = actionOf(option, value);
      if (value === 'NFQUEUE' || value === 'QUEUE') understood = false;
    } else if (targetFlags.test(option)) {
      target[option] = '';
    } else if (targetOptions.test(option)) {
      at += 1;
      target[option] = value;
    } else if (/^--?[a-z]/i.test(option)) {
      understood = false;
    }
    negated = false;
  }
  // Of other packets the hop limit is not known.
  if (words.includes('--hl-eq') && !words.includes('--icmpv6-type')) understood = false;
  const translation = translationOf(target);
  const effect = effectOf(target);
  const met: Mutable<RuleMatch> | undefined = match;
  if (met !== undefined && not.length > 0) met.not = not;
  return {
    chain,
    rule: {
      matches: met === undefined ? [] : [met],
      understood,
      action: translation ?? action,
      text: rest,
      ...(effect === undefined ? {} : { effects: [effect] }),
      ...(packets === undefined ? {} : { packets: Number(packets) }),
    },
  };
}

/** How many words after the option belong to it, and what they ask for; no match where the model has no word for it. */
interface Condition {
  readonly words: 0 | 1 | 2;
  readonly match?: RuleMatch;
}

function conditionOf(option: string, value: string, next: string): Condition | undefined {
  const one = (match: RuleMatch | undefined): Condition => ({ words: 1, ...(match === undefined ? {} : { match }) });
  switch (option) {
    case '-s':
      return one({ source: value });
    case '-d':
      return one({ destination: value });
    case '-p':
      return one({ protocol: value });
    case '-i':
      return one({ inInterface: value });
    case '-o':
      return one({ outInterface: value });
    case '--dport':
    case '--dports': {
      const ports = portsOf(value);
      return one(ports === undefined ? undefined : { destinationPorts: ports });
    }
    case '--sport':
    case '--sports': {
      const ports = portsOf(value);
      return one(ports === undefined ? undefined : { sourcePorts: ports });
    }
    case '--ctstate':
    case '--state':
      return one(statesOf(value));
    case '--dst-type':
      return one({ destinationTypes: value.toLowerCase().split(',') });
    case '--pkt-type':
      return one({ destinationTypes: value === 'unicast' ? ['unicast', 'local'] : [value] });
    case '--icmp-type':
    case '--icmpv6-type': {
      if (value === 'any') return one({});
      const icmpTypes = icmpTypesOf(value, option === '--icmpv6-type' ? 'icmpv6' : 'icmp');
      return one(icmpTypes === undefined ? undefined : { icmpTypes });
    }
    case '--tcp-flags': {
      const set = flagsOf(next);
      return { words: 2, match: { tcpFlags: { mask: [...new Set([...flagsOf(value), ...set])], set } } };
    }
    case '--hl-eq':
      // Neighbour discovery is sent with 255 and nothing else (RFC 4861, 4.3).
      return one(value === '255' ? { protocol: 'icmpv6' } : undefined);
    case '--syn':
      return { words: 0, match: { tcpFlags: { mask: ['fin', 'syn', 'rst', 'ack'], set: ['syn'] } } };
    default:
      return undefined;
  }
}

/** conntrack(8) counts what was translated among the states. */
function statesOf(value: string): RuleMatch | undefined {
  const words = value.toLowerCase().split(',');
  const statuses = words.filter((word) => word === 'dnat' || word === 'snat');
  if (statuses.length === 0) return { states: words };
  return statuses.length === words.length ? { statuses } : undefined;
}

function flagsOf(text: string): readonly string[] {
  if (text === 'NONE') return [];
  if (text === 'ALL') return ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'];
  return text.toLowerCase().split(',');
}

function actionOf(option: string, target: string): ChainAction {
  if (option === '-g') return { kind: 'goto', target };
  const verdict = policyVerdict(target);
  if (verdict !== undefined) return { kind: 'verdict', verdict };
  if (target === 'RETURN') return { kind: 'return' };
  // What a program behind the queue decides is not known: counted as a drop, and as not understood.
  if (target === 'NFQUEUE' || target === 'QUEUE') return { kind: 'verdict', verdict: 'drop' };
  return passing.has(target) ? { kind: 'none' } : { kind: 'jump', target };
}

/** Undefined for a word that is no verdict. */
export function policyVerdict(word: string): FirewallVerdict | undefined {
  if (word === 'ACCEPT') return 'accept';
  if (word === 'DROP') return 'drop';
  return word === 'REJECT' ? 'reject' : undefined;
}

const translations = {
  DNAT: 'dnat',
  REDIRECT: 'redirect',
  SNAT: 'snat',
  MASQUERADE: 'masquerade',
  TPROXY: 'tproxy',
  // One network for another, before or after routing.
  NETMAP: 'dnat',
} as const;

function translationOf(target: Readonly<Record<string, string>>): ChainAction | undefined {
  const name = target['name'] ?? '';
  const as = Object.hasOwn(translations, name) ? translations[name as keyof typeof translations] : undefined;
  if (as === undefined) return undefined;
  const port = target['--on-port'];
  const to =
    target['--to-destination'] ??
    target['--to-source'] ??
    target['--to-ports'] ??
    target['--to'] ??
    (port === undefined ? undefined : `${target['--on-ip'] ?? '0.0.0.0'}:${port}`);
  return { kind: 'translate', as, ...(to === undefined ? {} : { to }) };
}

const wholeMark = 0xffffffff;

function effectOf(target: Readonly<Record<string, string>>): ChainEffect | undefined {
  switch (target['name']) {
    case 'MARK':
      return markOf(target['--set-xmark'] ?? target['--set-mark']);
    case 'CONNMARK': {
      const via = target['--restore-mark'] === undefined ? 'save' : 'restore';
      if (via === 'save' && target['--save-mark'] === undefined) {
        const given = markOf(target['--set-xmark'] ?? target['--set-mark']);
        return given === undefined ? undefined : { ...given, via: 'connection' };
      }
      // Which bits are written; those that are read are the same in all but odd rules.
      const mask = Number((via === 'save' ? target['--ctmask'] : target['--nfmask']) ?? target['--mask'] ?? wholeMark);
      return { kind: 'mark', mark: 0, via, ...(Number.isNaN(mask) || mask === wholeMark ? {} : { mask }) };
    }
    case 'NOTRACK':
      return { kind: 'untracked' };
    case 'CT':
      return target['--notrack'] === undefined ? undefined : { kind: 'untracked' };
    case 'TCPMSS': {
      const mss = target['--set-mss'];
      return { kind: 'mss', ...(mss === undefined ? {} : { mss: Number(mss) }) };
    }
    default:
      return undefined;
  }
}

/** `0x50/0xffffffff` */
function markOf(text = ''): Extract<ChainEffect, { kind: 'mark' }> | undefined {
  const [value, mask] = text.split('/').map(Number);
  if (text === '' || value === undefined || Number.isNaN(value)) return undefined;
  const all = mask === undefined || Number.isNaN(mask) || mask === wholeMark;
  return { kind: 'mark', mark: value, ...(all ? {} : { mask }) };
}

function portsOf(text: string): RuleMatch['destinationPorts'] {
  const ranges = text.split(',').map((part) => /^(\d*)(:?)(\d*)$/.exec(part));
  if (ranges.some((range) => range === null || range[0] === '')) return undefined;
  return ranges.map((range) => {
    const first = Number(range?.[1] === '' ? 0 : range?.[1]);
    const last = range?.[2] === '' ? first : Number(range?.[3] === '' ? 65535 : range?.[3]);
    return [first, last];
  });
}

/** Words of a line as iptables-save quotes them. */
function tokens(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '',
  );
}
