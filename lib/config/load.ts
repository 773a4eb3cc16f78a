/** The cluster file, from path to `Cluster`. Everything that is wrong with it is told at once. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Cluster } from '../model/cluster.ts';
import type { ClusterFile } from '../model/cluster-file.ts';
import { declaredLines } from './declared-lines.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { resolveCluster } from './resolve.ts';
import { schemaProblems } from './schema.ts';
import type { LooseFile } from './rule.ts';
import { semanticProblems } from './semantics.ts';
import { parseSource, type Path } from './source.ts';

/** A cluster of a thousand hosts takes 100 KiB. */
const LARGEST_BYTES = 256 * 1024;
/** Most problems of form that are placed in the text; a file with more is not a cluster file. */
const MOST = 500;

export interface LoadOptions {
  /** Gives the ids of the checks that there are; asked only of a file with waivers, as it may take loading them. */
  readonly checkIds?: () => Promise<readonly string[]>;
}

/** Throws ConfigError and nothing else of its own. `file` may be relative; problems name it as given. */
export async function loadCluster(file: string, { checkIds }: LoadOptions = {}): Promise<Cluster> {
  const text = await readText(file);
  if (checkIds === undefined || !text.includes('waivers')) return parseCluster(text, file);
  return parseCluster(text, file, { checkIds: await checkIds() });
}

export interface ParseOptions {
  /** Day to judge waivers by, as YYYY-MM-DD in UTC. Default: today. */
  readonly today?: string;
  /** Checks that there are. Without it a waiver may name any. */
  readonly checkIds?: readonly string[];
}

/** As `loadCluster`, of text that was read from `file`. Throws ConfigError and nothing else. */
export function parseCluster(text: string, file: string, options: ParseOptions = {}): Cluster {
  const source = parseSource(text, file);
  const problems: ConfigProblem[] = [...source.problems];
  if (source.value === undefined) throw new ConfigError(problems);
  if (source.value === null)
    throw new ConfigError([source.problem([], 'value', 'the cluster file is empty', beginning)]);
  if (typeof source.value !== 'object' || Array.isArray(source.value))
    throw new ConfigError([source.problem([], 'value', 'a cluster file is a mapping of keys to values', beginning)]);

  const formal = schemaProblems(source.value);
  for (const { path, place, message, hint } of formal.slice(0, MOST))
    problems.push(source.problem(path, place, message, hint));
  const today = options.today ?? new Date().toISOString().slice(0, 10);
  const sound = without(
    source.value,
    new Set(formal.filter(({ lacking }) => lacking !== true).map(({ path }) => keyOf(path))),
    [],
  ) as LooseFile;
  semanticProblems(
    sound,
    (path, message, hint, place = 'value') => {
      problems.push(source.problem(path, place, message, hint));
    },
    today,
    options.checkIds,
  );
  if (problems.length > 0) throw new ConfigError(problems.sort((a, b) => a.line - b.line || a.column - b.column));
  const declared = source.value as ClusterFile;
  const path = resolve(file);
  return { ...resolveCluster(declared, path), declared, lines: declaredLines(declared, source, path) };
}

const beginning = 'it begins with `version: 1`; see docs/examples/nat.yaml';

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/** A copy without the values at the paths of `bad`; elements of lists become undefined, so that indices stay. */
function without(value: unknown, bad: ReadonlySet<string>, path: Path): unknown {
  if (bad.has(keyOf(path))) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => without(item, bad, [...path, String(index)]));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
      const sound = without(item, bad, [...path, key]);
      return sound === undefined ? [] : [[key, sound]];
    }),
  );
}

async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      // Read to a limit rather than trust the size: a pipe (`-i <(…)`) has none.
      const buffer = Buffer.alloc(LARGEST_BYTES + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > LARGEST_BYTES)
        throw unreadable(file, `it is larger than ${LARGEST_BYTES / 1024} KiB`, 'give the path of a cluster file');
      return buffer.toString('utf8', 0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const [why, hint] = reasons[code ?? ''] ?? [message];
    throw unreadable(file, why, hint);
  }
}

const reasons: Readonly<Record<string, readonly [why: string, hint?: string]>> = {
  ENOENT: ['there is no such file', 'name one with -i FILE or IPVET_INVENTORY; docs/examples/nat.yaml is a start'],
  ENOTDIR: ['there is no such file', 'name one with -i FILE or IPVET_INVENTORY'],
  EISDIR: ['it is a directory', 'give the path of the file in it'],
  EACCES: ['no permission to read it', 'see its owner and mode with ls -l'],
};

function unreadable(file: string, why: string, hint?: string): ConfigError {
  const problem = { file, line: 0, column: 0, length: 1, sourceLine: '' };
  return new ConfigError([
    { ...problem, message: `the cluster file cannot be read: ${why}`, ...(hint === undefined ? {} : { hint }) },
  ]);
}
