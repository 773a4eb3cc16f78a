/**
 * What of keepalived.conf settles how soon a takeover comes, and how soon a silent real server is taken out
 * (keepalived.conf(5), "VRRP instance(s)" and "Virtual server(s)"). Definitions and includes are not followed.
 */
import type { CheckSettings, VrrpSettings } from '../model/failover.ts';
import { type ConfStatement, parseKeepalivedConf } from './keepalived-conf.ts';

export interface KeepalivedTimers {
  readonly instances: readonly {
    readonly name: string;
    readonly addresses: readonly string[];
    readonly vrrp: VrrpSettings;
  }[];
  /** By `ADDRESS PORT` of the real server: the check that finds out first that it is silent. */
  readonly checks: ReadonlyMap<string, CheckSettings>;
}

/** Throws ParseError for braces or quotes that do not close. */
export function parseKeepalivedTimers(text: string): KeepalivedTimers {
  const { statements } = parseKeepalivedConf(text);
  const globalVersion = numberOf(blocks(statements, 'global_defs'), 'vrrp_version');
  return {
    instances: statements
      .filter((one) => word(one, 0) === 'vrrp_instance')
      .map((one) => instanceOf(one, globalVersion)),
    checks: new Map(statements.filter((one) => word(one, 0) === 'virtual_server').flatMap(checksOf)),
  };
}

function instanceOf(instance: ConfStatement, globalVersion: number | undefined) {
  const inner = instance.block?.statements ?? [];
  const version = numberOf(inner, 'version') ?? globalVersion;
  // keepalived clears both with `state MASTER`, and says so when it starts.
  const waits = inner.findLast((one) => word(one, 0) === 'state')?.words[1]?.text !== 'MASTER';
  return {
    name: word(instance, 1),
    addresses: blocks(inner, 'virtual_ipaddress').map((one) => word(one, 0).split('/')[0] ?? ''),
    vrrp: {
      priority: numberOf(inner, 'priority') ?? 100,
      advertIntMs: seconds(numberOf(inner, 'advert_int') ?? 1),
      version: version === 3 ? (3 as const) : (2 as const),
      nopreempt: waits && inner.some((one) => word(one, 0) === 'nopreempt'),
      preemptDelayMs: waits ? seconds(numberOf(inner, 'preempt_delay') ?? 0) : 0,
    },
  };
}

const checkers = ['TCP_CHECK', 'HTTP_GET', 'SSL_GET'];

function checksOf(service: ConfStatement): readonly (readonly [string, CheckSettings])[] {
  const inner = service.block?.statements ?? [];
  return inner
    .filter((one) => word(one, 0) === 'real_server')
    .flatMap((server) => {
      const own = server.block?.statements ?? [];
      const found = own
        .filter((one) => checkers.includes(word(one, 0)))
        .map((checker) => settingsOf([checker.block?.statements ?? [], own, inner]))
        .toSorted((one, other) => longest(one) - longest(other))[0];
      return found === undefined ? [] : [[`${word(server, 1)} ${word(server, 2)}`, found] as const];
    });
}

/** A checker's own words come before those of its real server, and these before those of the service. */
function settingsOf(levels: readonly (readonly ConfStatement[])[]): CheckSettings {
  const value = (name: string): number | undefined =>
    levels.map((level) => numberOf(level, name)).find((one) => one !== undefined);
  const delayLoopMs = seconds(value('delay_loop') ?? 60);
  return {
    delayLoopMs,
    connectTimeoutMs: seconds(value('connect_timeout') ?? 5),
    // The older word is still taken.
    retries: value('retry') ?? value('nb_get_retry') ?? 1,
    delayBeforeRetryMs: seconds(value('delay_before_retry') ?? 1),
  };
}

const longest = ({ delayLoopMs, connectTimeoutMs, retries, delayBeforeRetryMs }: CheckSettings): number =>
  delayLoopMs + (retries + 1) * connectTimeoutMs + retries * delayBeforeRetryMs;

const word = ({ words }: ConfStatement, index: number): string => words[index]?.text ?? '';

const blocks = (statements: readonly ConfStatement[], name: string): readonly ConfStatement[] =>
  statements.filter((one) => word(one, 0) === name).flatMap(({ block }) => block?.statements ?? []);

/** Of the last statement of that name, as keepalived takes it. */
function numberOf(statements: readonly ConfStatement[], name: string): number | undefined {
  const found = statements.findLast((one) => word(one, 0) === name);
  const value = found === undefined ? NaN : Number.parseFloat(word(found, 1));
  return Number.isFinite(value) ? value : undefined;
}

const seconds = (value: number): number => Math.round(value * 1000);
