/** What the rules over a cluster file share. */
import type { ClusterFile } from '../model/cluster-file.ts';
import { canonicalAddress, unusable } from './address.ts';
import type { Path, Place } from './source.ts';
import { suggestion } from './suggestion.ts';

/** A part of the file in which anything may be missing: what was malformed has been taken out. */
export type Loose<T> = T extends readonly (infer E)[]
  ? readonly (Loose<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> | undefined }
    : T;

export type LooseFile = Loose<ClusterFile>;

/** Notes one problem at a path of the file. */
export type Report = (path: Path, message: string, hint?: string, place?: Place) => void;

/** Entries of a list that are there, each with its path. */
export function entries<T>(list: readonly (T | undefined)[] | undefined, path: Path): { entry: T; path: Path }[] {
  return (list ?? []).flatMap((entry, index) =>
    entry === undefined ? [] : [{ entry, path: [...path, String(index)] }],
  );
}

export type LooseHost = Loose<ClusterFile['directors'][number] & ClusterFile['real_servers'][number]> & {
  readonly cip?: string | readonly (string | undefined)[] | undefined;
  readonly netns?: string | undefined;
};

/** Every host of the file. */
export function hostEntries(file: LooseFile): { entry: LooseHost; path: Path }[] {
  return [
    ...entries<LooseHost>(file.directors, ['directors']),
    ...entries<LooseHost>(file.real_servers, ['real_servers']),
    ...entries<LooseHost>(file.clients, ['clients']),
  ];
}

/** Reports `name` unless it is one of `names`; undefined among `names` is one that was malformed, and may be the one meant. */
export function mustExist(
  report: Report,
  path: Path,
  what: string,
  name: string | undefined,
  names: readonly (string | undefined)[],
): void {
  if (name === undefined || names.includes(name) || names.includes(undefined)) return;
  const known = names.filter((other) => other !== undefined);
  const near = suggestion(name, known);
  const list = known.slice(0, 10).map((other) => `\`${other}\``);
  const rest = known.length > list.length ? ` and ${known.length - list.length} more` : '';
  const all = known.length === 0 ? 'the file has none' : `the file has ${list.join(', ')}${rest}`;
  report(path, `there is no ${what} \`${name}\``, near === undefined ? all : `did you mean \`${near}\`?`);
}

/** Reports the second and every later path whose key was there before. */
export function mustDiffer(
  items: readonly { readonly key: string | undefined; readonly path: Path }[],
  tell: (path: Path, first: Path, key: string) => void,
): void {
  const seen = new Map<string, Path>();
  for (const { key, path } of items) {
    if (key === undefined) continue;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, path);
    else tell(path, first, key);
  }
}

export function mustBeUsable(report: Report, path: Path, key: string, address: string | undefined): void {
  const why = address === undefined ? undefined : unusable(address);
  if (why !== undefined) report(path, `${address ?? ''} cannot be a ${key.toUpperCase()}: ${why}`);
}

export function canonical(address: string | undefined): string | undefined {
  return address === undefined ? undefined : canonicalAddress(address);
}

/** The name of the entry at `path`, for a message. */
export function nameAt(file: LooseFile, path: Path): string {
  const [section = '', index = ''] = path;
  const list = (file as Readonly<Record<string, unknown>>)[section];
  const entry = Array.isArray(list) ? (list as readonly unknown[])[Number(index)] : undefined;
  const name = (entry as { readonly name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? `\`${name}\`` : `entry ${Number(index) + 1} of \`${section}\``;
}

/** A command of the cluster file: a NUL ends a word on its way, and an empty program is none. */
export function mustBeWords(
  report: Report,
  path: Path,
  command: string | readonly (string | undefined)[] | undefined,
): void {
  const words = typeof command === 'string' ? [command] : (command ?? []);
  if (words.some((word) => word?.includes('\0') === true)) report(path, 'a command cannot hold a NUL character');
  if (words[0]?.trim() === '')
    report(path, 'the command is empty', 'give a line of sh, or a list: the program and its arguments');
}
