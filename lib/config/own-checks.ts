/** `checks:` of the cluster file: the profile, checks of the operator's own, the folder of their suites. */
import { dirname, resolve } from 'node:path';
import type { ClusterFile, CustomCheckEntry } from '../model/cluster-file.ts';
import type { CheckSelection, CustomCheck, Expectation } from '../model/custom-check.ts';
import { entries, hostEntries, type LooseFile, mustBeWords, mustDiffer, mustExist, type Report } from './rule.ts';
import type { Path } from './source.ts';
import { durationMs } from './units.ts';

const defaultTimeoutMs = 10_000;
/** A run waits for each of them. */
const longestTimeoutMs = 10 * 60_000;

/** `path` is the absolute path of the cluster file. Call with a file that has no problems. */
export function checksOf(file: ClusterFile, path: string): CheckSelection {
  const { profile = 'standard', custom = [], suites } = file.checks ?? {};
  return {
    profile,
    custom: custom.map((entry) => customCheckOf(entry, file)),
    ...(suites === undefined ? {} : { suites: resolve(dirname(path), suites) }),
  };
}

function customCheckOf(entry: CustomCheckEntry, file: ClusterFile): CustomCheck {
  const { id, title, command, expect = {}, why, remedy } = entry;
  const { exit = 0, ...others } = expect;
  return {
    id: idOf(id),
    title,
    hosts: hostsOf(entry, file),
    stage: entry.stage ?? 'pre',
    severity: entry.severity ?? 'mandatory',
    command: {
      argv: typeof command === 'string' ? ['sh', '-c', command] : command,
      timeoutMs: (entry.timeout === undefined ? undefined : durationMs(entry.timeout)) ?? defaultTimeoutMs,
    },
    expect: { exit, ...others } satisfies Expectation,
    ...(why === undefined ? {} : { why }),
    ...(remedy === undefined
      ? {}
      : {
          remedy:
            typeof remedy === 'string'
              ? { summary: remedy, commands: [] }
              : { summary: remedy.summary, commands: remedy.commands ?? [] },
        }),
  };
}

const idOf = (id: string): string => `custom/${id}`;

function hostsOf({ hosts, roles }: CustomCheckEntry, file: ClusterFile): readonly string[] {
  const all = [
    ...file.directors.map(({ name }) => ({ name, role: 'director' as const })),
    ...file.real_servers.map(({ name }) => ({ name, role: 'real-server' as const })),
    ...(file.clients ?? []).map(({ name }) => ({ name, role: 'client' as const })),
  ];
  return all
    .filter(({ name, role }) => (roles === undefined ? true : roles.includes(role)) && (hosts?.includes(name) ?? true))
    .map(({ name }) => name);
}

/** Ids of the checks that the file itself declares. */
export function customIds(file: LooseFile): readonly string[] {
  return entries(file.checks?.custom, ['checks', 'custom']).flatMap(({ entry: { id } }) =>
    id === undefined ? [] : [idOf(id)],
  );
}

/** What a schema cannot say of them. */
export function ownCheckRules(file: LooseFile, report: Report): void {
  const names = hostEntries(file).map(({ entry }) => entry.name);
  const custom = entries(file.checks?.custom, ['checks', 'custom']);
  mustDiffer(
    custom.map(({ entry, path }) => ({ key: entry.id, path: [...path, 'id'] })),
    (path, _first, id) => {
      report(path, `there is a check \`${id}\` already`, 'give this one another id');
    },
  );
  for (const { entry, path } of custom) {
    if (entry.hosts !== undefined && entry.roles !== undefined)
      report([...path, 'roles'], 'a check has `hosts` or `roles`, not both', 'keep one of the two', 'key');
    for (const { entry: host, path: at } of entries<string>(entry.hosts, [...path, 'hosts']))
      mustExist(report, at, 'host', host, names);
    mustBeWords(report, [...path, 'command'], entry.command);
    expectationRules(report, [...path, 'expect'], entry.expect ?? {});
    if (entry.timeout === undefined) continue;
    const ms = durationMs(entry.timeout);
    if (ms === undefined || ms < 1 || ms > longestTimeoutMs)
      report([...path, 'timeout'], `${entry.timeout} is not between 1ms and ${longestTimeoutMs / 60_000}m`);
  }
}

type LooseExpectation = Partial<Record<'stdout' | 'stderr', string | undefined>> &
  Partial<Record<'max' | 'min', number | undefined>>;

function expectationRules(report: Report, path: Path, { stdout, stderr, max, min }: LooseExpectation): void {
  for (const [key, pattern] of Object.entries({ stdout, stderr })) {
    if (pattern === undefined) continue;
    try {
      new RegExp(pattern, 'm');
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
      report([...path, key], `this is no regular expression: ${why}`, 'they are those of JavaScript; quote it in YAML');
    }
  }
  if (min !== undefined && max !== undefined && min > max)
    report([...path, 'min'], '`min` is more than `max`: nothing can pass');
}
