import {
  canonical,
  hostEntries,
  type LooseFile,
  type LooseHost,
  entries,
  mustBeUsable,
  mustBeWords,
  mustDiffer,
  mustExist,
  nameAt,
  type Report,
} from './rule.ts';
import { poolRules } from './source-pool.ts';
import type { Path } from './source.ts';

/** Directors, real servers and clients against each other. */
export function hostRules(file: LooseFile, report: Report): void {
  const hosts = hostEntries(file);
  const names = hosts.map(({ entry }) => entry.name);
  mustDiffer(
    hosts.map(({ entry, path }) => ({ key: entry.name, path })),
    (path, first, name) => {
      report(
        [...path, 'name'],
        `two hosts are called \`${name}\``,
        `the other is in \`${first[0] ?? ''}\`; every host has a name of its own`,
      );
    },
  );
  for (const [key, what] of [
    ['rip', 'real servers'],
    ['dip', 'directors'],
  ] as const)
    mustDiffer(
      hosts.map(({ entry, path }) => ({ key: canonical(entry[key]), path })),
      (path, first, address) => {
        report(
          [...path, key],
          `two ${what} have the ${key.toUpperCase()} ${address}`,
          `the other is ${nameAt(file, first)}`,
        );
      },
    );
  for (const { entry, path } of hosts) {
    for (const key of ['dip', 'rip'] as const) mustBeUsable(report, [...path, key], key, entry[key]);
    mustExist(report, [...path, 'jump'], 'host', entry.jump, names);
    const local = (entry.host ?? entry.name) === 'localhost';
    if (entry.netns !== undefined && entry.name !== undefined && !local)
      report([...path, 'netns'], '`netns` is for clients on this machine', 'set `host: localhost`, or remove `netns`');
    if (entry.jump !== undefined && local)
      report([...path, 'jump'], 'this machine is not reached through another host', 'remove `jump`');
  }
  for (const { entry, path } of entries(file.directors, ['directors']))
    for (const key of ['off', 'on'] as const) mustBeWords(report, [...path, 'power', key], entry.power?.[key]);
  poolRules(file, report);
  jumpCycles(hosts, report);
}

/** One problem for each cycle, at the jump of its first host in the file. */
function jumpCycles(hosts: readonly { entry: LooseHost; path: Path }[], report: Report): void {
  const jumps = new Map(hosts.map(({ entry }) => [entry.name, entry.jump]));
  const told = new Set<string>();
  for (const { entry, path } of hosts) {
    const way: string[] = [];
    let at = entry.name;
    while (at !== undefined && !way.includes(at)) {
      way.push(at);
      at = jumps.get(at);
    }
    if (at === undefined || at !== entry.name || told.has(at)) continue;
    for (const name of way) told.add(name);
    report(
      [...path, 'jump'],
      `the jumps go round in a circle: ${[...way, at].join(' → ')}`,
      'one of them must be reached directly',
    );
  }
}
