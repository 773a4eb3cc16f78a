import { customIds } from './own-checks.ts';
import { entries, hostEntries, type LooseFile, mustExist, type Report } from './rule.ts';
import type { Path } from './source.ts';
import { suggestion } from './suggestion.ts';

export interface WaiverContext {
  /** As YYYY-MM-DD in UTC. */
  readonly today: string;
  /** Of the catalogue; absent where it is not known. */
  readonly checkIds: readonly string[] | undefined;
}

/** A waiver names a check and hosts that there are, and holds to the end of its last day. */
export function waiverRules(file: LooseFile, report: Report, { today, checkIds }: WaiverContext): void {
  const names = hostEntries(file).map(({ entry }) => entry.name);
  const known = checkIds === undefined ? undefined : [...checkIds, ...customIds(file)];
  for (const { entry, path } of entries(file.waivers, ['waivers'])) {
    if (entry.check !== undefined && known !== undefined)
      mustBeKnown(report, [...path, 'check'], entry.check, known, file.checks?.suites);
    for (const { entry: host, path: at } of entries<string>(entry.hosts, [...path, 'hosts']))
      mustExist(report, at, 'host', host, names);
    const { expires } = entry;
    if (expires === undefined) continue;
    if (!isDay(expires)) report([...path, 'expires'], `there is no day ${expires}`);
    else if (expires < today)
      report(
        [...path, 'expires'],
        `this waiver expired on ${expires}`,
        'mend what it waives and remove it, or decide again and give it a new day',
      );
  }
}

/** The checks of a folder are known once it is loaded, which reading a file does not do. */
function mustBeKnown(
  report: Report,
  path: Path,
  id: string,
  known: readonly string[],
  suites: string | undefined,
): void {
  if (known.includes(id) || (suites !== undefined && id.startsWith('suite/'))) return;
  // `vip` for `director/vip`: people remember the last part.
  const byName = known.filter((one) => one.endsWith(`/${id}`));
  const near = byName.length > 0 ? byName.join('` or `') : suggestion(id, known);
  const all = 'all of them: ipvet checks list';
  report(path, `there is no check \`${id}\``, near === undefined ? all : `did you mean \`${near}\`? ${all}`);
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
