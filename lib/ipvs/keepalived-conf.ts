/**
 * The virtual services of a keepalived.conf, with where each is said. Pure.
 *
 * Defaults are keepalived's (alloc_vs, alloc_rs and validate_check_config in check_data.c): scheduler wlc, NAT,
 * weight 1, no protocol is UDP, `persistence_timeout` without a number is 360 s.
 */
import { isIP } from 'node:net';
import type { ForwardingMethod, Protocol } from '../model/cluster.ts';
import type { ConfBlock, ConfStatement, KeepalivedConf } from '../parse/keepalived-conf.ts';
import {
  flagsOf,
  markKey,
  netmaskOf,
  placeText,
  type RealServerView,
  serviceKey,
  type ServiceView,
} from './rules-view.ts';

export interface ConfService extends ServiceView {
  readonly path: string;
  readonly line: number;
  readonly statement: ConfStatement;
  readonly block: ConfBlock;
  /** Of the real servers that do not say their own. */
  readonly forwarding: ForwardingMethod | undefined;
  readonly defaultWeight: number | undefined;
  /** Name of the virtual_server_group that lists it. */
  readonly group?: string;
  /** Line that makes it other than it reads: a variable, or a condition on the config-id. */
  readonly unsure?: number;
  readonly realServers: readonly ConfRealServer[];
  readonly sorryServer?: string;
}

export interface ConfRealServer extends RealServerView {
  readonly line: number;
  readonly statement: ConfStatement;
  readonly block: ConfBlock | undefined;
  /** Health checks by keyword: TCP_CHECK, HTTP_GET, … */
  readonly checks: readonly ConfStatement[];
  /** Kept with weight 0 when its health check fails, not removed. */
  readonly inhibited: boolean;
  /** Down until its health check has succeeded once. */
  readonly alpha: boolean;
  /** A health check sets its weight (misc_dynamic, track_file, a BFD or file check). */
  readonly dynamicWeight: boolean;
}

export interface ConfView {
  readonly services: readonly ConfService[];
  /** Statements that can make services which are not seen here: variables, `~SEQ`, includes. */
  readonly generators: readonly { readonly path: string; readonly line: number; readonly what: string }[];
}

/** One file of a configuration; the first one is the main one. */
export interface ConfFile {
  readonly path: string;
  readonly conf: KeepalivedConf;
}

/** The services of all files. An include that is not among the files, `unread`, is a generator. */
export function declaredInConf(files: readonly ConfFile[], unread: readonly string[] = []): ConfView {
  const groups = new Map<string, ConfStatement>();
  for (const { conf } of files)
    for (const statement of conf.statements)
      if (keyword(statement) === 'virtual_server_group') groups.set(word(statement, 1), statement);
  const services = files.flatMap(({ path, conf }) =>
    conf.statements
      .filter((statement) => keyword(statement) === 'virtual_server')
      .flatMap((statement) => servicesOf(path, statement, groups)),
  );
  const generators = files.flatMap(({ path, conf }) =>
    conf.statements
      .filter((statement) => !statement.definition)
      .flatMap((statement) => {
        const first = keyword(statement);
        const pattern = word(statement, 1);
        const making =
          /^(~SEQ|~LST|\$)/.test(first) ||
          (first === 'virtual_server' && statement.words.some(({ text }) => text.includes('$'))) ||
          (/^include[rmwbac]*$/.test(first) && unread.includes(pattern));
        return making ? [{ path, line: statement.line, what: statement.words.map(({ text }) => text).join(' ') }] : [];
      }),
  );
  return { services, generators };
}

/** Patterns of include statements, as they are written. */
export function includesOf(conf: KeepalivedConf): readonly string[] {
  const found: string[] = [];
  const look = (statements: readonly ConfStatement[]) => {
    for (const statement of statements) {
      if (/^include[rmwbac]*$/.test(keyword(statement)) && statement.words.length > 1) found.push(word(statement, 1));
      look(statement.block?.statements ?? []);
    }
  };
  look(conf.statements);
  return found;
}

export function keyword(statement: ConfStatement): string {
  return word(statement, 0);
}

/** The last of several counts, as for keepalived. */
export function lastOf(block: ConfBlock | undefined, ...keywords: readonly string[]): ConfStatement | undefined {
  return block?.statements.findLast((statement) => keywords.includes(keyword(statement)));
}

/** Flags of the schedulers sh and mh (lbflags_handler in check_parser.c), by the names that ipvsadm has for them. */
export function flagStatements(block: ConfBlock): readonly ConfStatement[] {
  return block.statements.filter((each) => /^(flag-[123]|[sm]h-(port|fallback))$/.test(keyword(each)));
}

function flagNames(flag: string, scheduler: string): readonly string[] {
  const own = { 'flag-1': `${scheduler}-fallback`, 'flag-2': `${scheduler}-port` }[flag] ?? flag;
  // One of another scheduler is ignored.
  return own === 'flag-3' || own.startsWith(`${scheduler}-`) ? [own] : [];
}

function word(statement: ConfStatement, index: number): string {
  return statement.words[index]?.text ?? '';
}

function servicesOf(
  path: string,
  statement: ConfStatement,
  groups: ReadonlyMap<string, ConfStatement>,
): readonly ConfService[] {
  const { block } = statement;
  if (block === undefined) return [];
  const kind = word(statement, 1);
  const protocol = protocolOf(lastOf(block, 'protocol'));
  const ipv6 = word(lastOf(block, 'ip_family') ?? statement, 1) === 'inet6';
  const common = { path, line: statement.line, statement, block };
  const unsure = unsureLine([statement]);
  const make = (key: string, port: number, group?: string): ConfService => {
    const forwarding = methodOf(lastOf(block, 'lb_kind', 'lvs_method')) ?? 'nat';
    const defaultWeight = numberOf(lastOf(block, 'weight'), 1);
    const sorry = lastOf(block, 'sorry_server');
    const scheduler = valueOf(lastOf(block, 'lb_algo', 'lvs_sched'), 'wlc');
    return {
      ...common,
      key,
      scheduler,
      persistenceS: persistenceOf(lastOf(block, 'persistence_timeout')),
      netmask: netmaskOf(valueOf(lastOf(block, 'persistence_granularity'), '255.255.255.255')),
      engine: valueOf(lastOf(block, 'persistence_engine'), 'none'),
      onePacket: lastOf(block, 'ops') !== undefined,
      flags: flagsOf(flagStatements(block).flatMap((each) => flagNames(keyword(each), scheduler ?? ''))),
      forwarding,
      defaultWeight,
      ...(group === undefined ? {} : { group }),
      ...(unsure === undefined ? {} : { unsure }),
      ...(sorry === undefined ? {} : { sorryServer: placeOf(sorry, port) }),
      realServers: block.statements
        .filter((each) => keyword(each) === 'real_server')
        .map((each) => realServerOf(each, { port, forwarding, defaultWeight, block })),
    };
  };
  if (kind === 'fwmark') {
    const fwmark = Number(word(statement, 2));
    const inner = block.statements.find((each) => keyword(each) === 'real_server');
    const isSix = ipv6 || (inner !== undefined && isIP(word(inner, 1)) === 6);
    return [make(markKey(fwmark, isSix), 0)];
  }
  if (kind !== 'group')
    return [make(serviceKey(protocol, kind, portOf(word(statement, 2))), portOf(word(statement, 2)))];
  const name = word(statement, 2);
  return (groups.get(name)?.block?.statements ?? []).flatMap((member) => {
    if (keyword(member) === 'fwmark') {
      const fwmark = Number(word(member, 1));
      return [make(markKey(fwmark, ipv6), 0, name)];
    }
    const port = portOf(word(member, 1));
    return addressesOf(keyword(member)).map((address) => make(serviceKey(protocol, address, port), port, name));
  });
}

interface Surroundings {
  readonly port: number;
  readonly forwarding: ForwardingMethod;
  readonly defaultWeight: number | undefined;
  readonly block: ConfBlock;
}

const dynamic = ['track_file', 'FILE_CHECK', 'BFD_CHECK', 'misc_dynamic'];

function realServerOf(statement: ConfStatement, outer: Surroundings): ConfRealServer {
  const { block } = statement;
  const checks = block?.statements.filter((each) => /^[A-Z]+_(CHECK|GET)$/.test(keyword(each))) ?? [];
  const says = (name: string) => lastOf(block, name) !== undefined || lastOf(outer.block, name) !== undefined;
  const inhibit = lastOf(block, 'inhibit_on_failure') ?? lastOf(outer.block, 'inhibit_on_failure');
  return {
    place: placeOf(statement, outer.port),
    line: statement.line,
    statement,
    block,
    forwarding: methodOf(lastOf(block, 'lvs_method', 'lb_kind')) ?? outer.forwarding,
    weight: numberOf(lastOf(block, 'weight'), outer.defaultWeight),
    upperThreshold: numberOf(lastOf(block, 'uthreshold'), 0),
    lowerThreshold: numberOf(lastOf(block, 'lthreshold'), 0),
    checks,
    inhibited: inhibit !== undefined && !/^(false|no|off)$/.test(valueOf(inhibit, 'true') ?? ''),
    alpha: says('alpha'),
    dynamicWeight: checks.some(
      (check) =>
        dynamic.includes(keyword(check)) ||
        check.block?.statements.some((each) => dynamic.includes(keyword(each))) === true,
    ),
  };
}

function placeOf(statement: ConfStatement, port: number): string {
  const own = word(statement, 2);
  return placeText(word(statement, 1), own === '' ? port : portOf(own));
}

function protocolOf(statement: ConfStatement | undefined): Protocol {
  const text = statement === undefined ? 'udp' : word(statement, 1).toLowerCase();
  return text === 'tcp' || text === 'sctp' ? text : 'udp';
}

const methods: Readonly<Record<string, ForwardingMethod>> = { NAT: 'nat', DR: 'dr', TUN: 'tun' };

function methodOf(statement: ConfStatement | undefined): ForwardingMethod | undefined {
  return statement === undefined ? undefined : methods[word(statement, 1)];
}

/** Undefined when a variable stands there. */
function valueOf(statement: ConfStatement | undefined, otherwise: string): string | undefined {
  const value = statement === undefined ? otherwise : word(statement, 1);
  return value.includes('$') ? undefined : value;
}

function numberOf(statement: ConfStatement | undefined, otherwise: number | undefined): number | undefined {
  if (statement === undefined) return otherwise;
  const value = word(statement, 1);
  return /^\d+$/.test(value) ? Number(value) : undefined;
}

function persistenceOf(statement: ConfStatement | undefined): number | undefined {
  return statement?.words.length === 1 ? 360 : numberOf(statement, 0);
}

/** Names of ports are for keepalived to look up: 0 stands for what is not a number. */
function portOf(text: string): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : 0;
}

/** `192.168.1.10-13` is four addresses; keepalived writes the last byte of IPv4, the last group of IPv6, of the end. */
function addressesOf(text: string): readonly string[] {
  const [, before = '', first = '', lastText] = /^(.*[.:])?([0-9a-fA-F]+)(?:-([0-9a-fA-F]+))?$/.exec(text) ?? [];
  if (lastText === undefined) return [text];
  const radix = before.includes(':') ? 16 : 10;
  const from = parseInt(first, radix);
  const count = Math.min(parseInt(lastText, radix) - from + 1, 256);
  return Array.from({ length: Math.max(count, 0) }, (_, index) => before + (from + index).toString(radix));
}

function unsureLine(statements: readonly ConfStatement[]): number | undefined {
  for (const { words, condition, definition, line, block } of statements) {
    const generated = condition !== undefined || definition || words.some(({ text }) => /^~(SEQ|LST)|\$/.test(text));
    const inner = generated ? line : unsureLine(block?.statements ?? []);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
