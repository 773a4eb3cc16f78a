/** Where a cluster file declares its hosts and services, so that a report can point at them. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

import type { DeclaredLines } from '../model/cluster.ts';
import type { ClusterFile } from '../model/cluster-file.ts';
import type { Source } from './source.ts';

/** `path` is the absolute path of the file. */
export function declaredLines(file: ClusterFile, source: Source, path: string): DeclaredLines {
  const linesIn = (key: 'directors' | 'real_servers' | 'clients' | 'virtual_services') =>
    (file[key] ?? []).map(
      ({ name }, index) => [name, source.problem([key, String(index), 'name'], 'value', '').line] as const,
    );
  return {
    file: pathInRepository(path),
    hosts: new Map([...linesIn('directors'), ...linesIn('real_servers'), ...linesIn('clients')]),
    services: new Map(linesIn('virtual_services')),
  };
}

/** What a code forge calls the file; its name alone where no folder above it has a `.git`. */
export function pathInRepository(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return relative(folder, path);
    if (folder === dirname(folder)) return basename(path);
  }
}
