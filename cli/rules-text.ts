/** What `ipvet rules` says to people. */
import type { FieldDrift, RealServerDrift, ServiceDrift } from '../lib/ipvs/drift.ts';
import { deeds } from '../lib/ipvs/file-changes.ts';
import type { DirectorPlan } from '../lib/ipvs/installation.ts';
import { type KeepalivedPlan, needsChange } from '../lib/ipvs/keepalived.ts';
import { savesAnything, type SavePlan } from '../lib/ipvs/save.ts';

export function rulesText({ host, plan }: DirectorPlan, owner?: string): string {
  const { operations, untouched } = plan;
  const count = operations.length === 0 ? 'as declared' : counted(operations.length);
  const others = untouched.length === 0 ? '' : `; not declared and not touched: ${untouched.join(', ')}`;
  return lines([
    `${host.declaration.name}: ${count}${others}`,
    ...(owner === undefined ? [] : [`  not ipvet's to change: ${owner}`]),
    ...operations.flatMap(({ description, argv, undo }) => [
      `  ${description}`,
      `    ${argv.join(' ')}`,
      `    undo: ${undo.join(' ')}`,
    ]),
  ]);
}

export function keepalivedText(plan: KeepalivedPlan, owner?: string): string {
  const { host, files, edited, obstacle, diff, drift } = plan;
  const changes = edited?.changes ?? [];
  const state =
    obstacle !== undefined
      ? 'cannot be edited'
      : changes.length > 0
        ? counted(changes.length)
        : needsChange(plan)
          ? `${files.path} is as declared, the kernel is not; keepalived is to be reloaded`
          : 'as declared';
  return lines([
    `${host.declaration.name}: ${state}`,
    ...(owner === undefined ? [] : [`  not ipvet's to change: ${owner}`]),
    ...(obstacle === undefined ? [] : [`  ${obstacle.message}`, `  ${obstacle.hint ?? ''}`]),
    ...drift.flatMap(driftLines),
    ...changes.map(({ description, line }) => `  ${description}${line === undefined ? '' : ` (line ${line})`}`),
    ...(diff === '' ? [] : ['', ...diff.trimEnd().split('\n'), '']),
  ]);
}

export function saveText(plan: SavePlan): string {
  const { host, persistence, job, diff, absent, notes } = plan;
  return lines([
    `${host.declaration.name}: ${persistence.because}; ${savesAnything(plan) ? 'to be written' : 'has the rules as they are'}`,
    ...absent.map((key) => `  not in the kernel, so not kept: ${key}`),
    ...deeds(job).map((deed) => `  ${deed}`),
    ...notes.map((note) => `  ${note}`),
    ...(diff === '' ? [] : ['', ...diff.trimEnd().split('\n'), '']),
  ]);
}

const words = {
  same: 'declared = keepalived.conf = kernel',
  drift: 'differs',
  health: 'as declared, but for its health checks',
  unknown: 'cannot be told',
  undeclared: 'not declared',
} as const;

function driftLines({ key, name, state, in: places, conf, note, differences, realServers }: ServiceDrift): string[] {
  const at = conf === undefined ? '' : `, ${conf.path} line ${conf.line}`;
  const where = state === 'undeclared' ? ` (in ${placesText(places)})` : '';
  return [
    `  ${name === undefined ? '' : `${name} `}(${key}${at}): ${words[state]}${where}${note === undefined ? '' : `: ${note}`}`,
    ...differences.map((each) => `    ${fieldText(each)}`),
    ...(state === 'undeclared' ? [] : realServers.flatMap(serverLines)),
  ];
}

function serverLines({ place, name, state, in: places, differences, note }: RealServerDrift): string[] {
  if (state === 'same' && note === undefined) return [];
  const missing = places.length === 3 ? [] : [`only in ${placesText(places)}`];
  const facts = [note, ...(note === undefined ? missing : []), ...differences.map(fieldText)].filter(Boolean);
  return [`    ${name === undefined ? place : `${name} (${place})`}: ${facts.join('; ') || words[state]}`];
}

const placeNames = { declared: 'cluster file', conf: 'keepalived.conf', kernel: 'kernel' } as const;

function fieldText({ field, values }: FieldDrift): string {
  const said = (['declared', 'conf', 'kernel'] as const).flatMap((place) =>
    values[place] === undefined ? [] : [`${placeNames[place]} ${String(values[place])}`],
  );
  return `${field}: ${said.join(', ')}`;
}

function placesText(places: readonly (keyof typeof placeNames)[]): string {
  return places.map((place) => placeNames[place]).join(' and ');
}

function counted(count: number): string {
  return `${count} ${count === 1 ? 'change' : 'changes'}`;
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
