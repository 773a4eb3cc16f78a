/**
 * A stored run, judged again with this version's parsers, checks and rules. No host is asked: what the run did not keep is
 * missing, and what needs it is an `error` or `not-run`. Makes a run folder of its own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { newRunId } from '../changes/holder.ts';
import { parseCluster } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { IpvetError } from '../errors.ts';
import type { Pair } from '../model/check.ts';
import type { Cluster } from '../model/cluster.ts';
import { jsonText } from '../model/json-text.ts';
import type { Probing } from '../model/ends.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { Verdict } from '../model/verdict.ts';
import { differencesOf } from './analysis-differences.ts';
import { diagnoseRun } from './diagnosis-stage.ts';
import type { PlannedVerdict, RunEvent, RunEventBody } from './events.ts';
import { Extent } from './extent.ts';
import { Journal, type Listener, storageError } from './journal.ts';
import { judge, plannedVerdict } from './judge.ts';
import { type AskedLine, KeptFacts } from './kept-facts.ts';
import { rawFileName } from './raw-file.ts';
import { rawFormat, type RawLine } from './raw-lines.ts';
import { pairKey, recordOf } from './record.ts';
import { changesRules, selection, stageOrder } from './selection.ts';
import { summaryOf } from './summary.ts';
import { timed } from './stages.ts';
import { WantedFacts } from './wanted-facts.ts';

export interface StoredRun {
  /** What errors call it. */
  readonly name: string;
  readonly events: readonly RunEvent[];
  readonly raw: readonly RawLine[];
}

export interface AnalysisOptions {
  readonly version: string;
  /** Folder that gets the new run's folder. */
  readonly outDirectory: string;
  /** Default: as the run was told. */
  readonly failOn?: 'fail' | 'warn';
  /** Every check of this version with every subject it has. */
  readonly pairsOf: (cluster: Cluster) => readonly Pair[];
  readonly onEvent?: Listener;
}

export interface Analysis {
  readonly directory: string;
  readonly record: RunRecord;
}

/** Throws CONFIG (nothing to judge by, of a format this version does not know), BUNDLE (what it holds makes no sense), STORAGE. */
export async function analyse(stored: StoredRun, options: AnalysisOptions): Promise<Analysis> {
  try {
    return await analysed(stored, options);
  } catch (error) {
    if (error instanceof IpvetError || error instanceof ConfigError) throw error;
    throw new IpvetError('BUNDLE', `${stored.name} cannot be judged: ${String(error)}`, {
      hint: 'what it holds is not what a run keeps; with -v it is told where',
      cause: error,
    });
  }
}

async function analysed(stored: StoredRun, options: AnalysisOptions): Promise<Analysis> {
  const asked = askedOf(stored);
  const before = recordOf(stored.events, asked.failOn);
  const cluster = parseCluster(JSON.stringify(asked.declared, undefined, 2), `cluster file of ${stored.name}`, {
    today: asked.today,
  });
  const id = newRunId();
  const journal = new Journal(join(options.outDirectory, id));
  try {
    const record = await judgedAgain(stored, { asked, before, cluster, id, journal }, options);
    if (journal.failure !== undefined) throw journal.failure;
    return { directory: journal.directory, record };
  } finally {
    journal.close();
  }
}

interface Judging {
  readonly asked: AskedLine;
  readonly before: RunRecord;
  readonly cluster: Cluster;
  readonly id: string;
  readonly journal: Journal;
}

async function judgedAgain(
  stored: StoredRun,
  { asked, before, cluster, id, journal }: Judging,
  options: AnalysisOptions,
): Promise<RunRecord> {
  writeNew(join(journal.directory, rawFileName), stored.raw.map((line) => `${jsonText(line)}\n`).join(''));
  if (options.onEvent !== undefined) journal.onEvent(options.onEvent);
  journal.append({
    type: 'run-started',
    id,
    command: 'analyze',
    version: options.version,
    cluster: summaryOf(cluster),
  });
  const { selected, planned, extent } = plan(cluster, asked, before, options.pairsOf(cluster));
  journal.append({ type: 'planned', verdicts: planned, ...extent.told() });
  for (const event of stored.events) if (staysTrue(event)) journal.append(event);
  const wanted = new WantedFacts(cluster, { changesRules: changesRules(asked.selection, cluster) });
  for (const { check, subject } of selected) wanted.add(check, subject);
  const facts = new KeptFacts({ cluster, asked, lines: stored.raw, probings: probingsOf(stored.events), wanted });
  const verdicts = await judged(selected, facts, cluster, journal);
  await timed(journal, 'diagnosis', () =>
    diagnoseRun(
      {
        cluster,
        verdicts,
        sees: new Map(selected.map(({ check }) => [check.id, check.sees])),
        facts,
        collected: stored.raw.some((line) => 'stage' in line && line.stage === 'pre'),
        traffic: facts,
      },
      journal,
      new AbortController().signal,
    ),
  );
  tellMissing(planned, verdicts, options.version, journal);
  endAs(before, stored.events, journal);
  const failOn = options.failOn ?? asked.failOn;
  const analysis = differencesOf(before, recordOf(journal.events, failOn), options.version);
  journal.append({ type: 'analysis', analysis });
  journal.append({ type: 'run-ended' });
  const record = recordOf(journal.events, failOn);
  writeNew(join(journal.directory, 'run.json'), `${jsonText(record, 2)}\n`);
  return record;
}

/** Throws STORAGE. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw storageError(file, error);
  }
}

function askedOf({ name, raw }: StoredRun): AskedLine & { readonly declared: unknown } {
  const [first] = raw;
  const format = first !== undefined && 'format' in first ? first.format : undefined;
  if (first?.type !== 'asked' || first.declared === undefined) {
    throw new IpvetError('CONFIG', `${name} holds no raw facts, so there is nothing to judge again`, {
      hint: 'only runs of this version and later keep them; ipvet report shows what was judged then',
    });
  }
  if (format !== rawFormat) {
    throw new IpvetError(
      'CONFIG',
      `${name} has raw facts of the format ${String(format).slice(0, 40)}; this ipvet reads ${rawFormat}`,
      {
        hint: 'judge it with the version of ipvet that wrote it, or a newer one',
      },
    );
  }
  return { ...first, declared: first.declared };
}

/** What this version plans by the same options, and then what was planned then and is not now. */
function plan(cluster: Cluster, asked: AskedLine, before: RunRecord, pairs: readonly Pair[]) {
  const extent = new Extent(cluster);
  const selected: Pair[] = [];
  for (const stage of stageOrder) {
    for (const pair of pairs.filter(({ check }) => check.stage === stage)) {
      const taken = selection(asked.selection, pair.check, pair.subject);
      extent.offer(plannedVerdict(pair.check, pair.subject), taken);
      if (taken === true) selected.push(pair);
    }
  }
  const now = selected.map(({ check, subject }) => plannedVerdict(check, subject));
  const keys = new Set(now.map(({ check, subject }) => pairKey(check, subject)));
  const gone = before.verdicts
    .filter(({ check, subject }) => !keys.has(pairKey(check, subject)))
    .map(({ check, title, severity, stage, subject }): PlannedVerdict => ({ check, title, severity, stage, subject }));
  return { selected, planned: [...now, ...gone], extent };
}

async function judged(
  pairs: readonly Pair[],
  facts: KeptFacts,
  cluster: Cluster,
  journal: Journal,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { check, subject } of pairs) {
    const verdict = await judge(check, subject, facts.source(check, subject), cluster.waivers);
    verdicts.push(verdict);
    journal.append({ type: 'verdict', verdict });
  }
  return verdicts;
}

/** What was judged then and cannot be now is said to be so, and is never green. */
function tellMissing(
  planned: readonly PlannedVerdict[],
  verdicts: readonly Verdict[],
  version: string,
  journal: Journal,
): void {
  const keys = new Set(verdicts.map(({ check, subject }) => pairKey(check, subject)));
  for (const one of planned.filter(({ check, subject }) => !keys.has(pairKey(check, subject)))) {
    const reason = one.check.startsWith('suite/')
      ? "it is a check of the operator's own, whose code is not in what was kept"
      : `ipvet ${version} does not judge it on that subject`;
    const verdict: Verdict = { ...one, outcome: 'not-run', reason, evidence: [], durationMs: 0 };
    journal.append({ type: 'verdict', verdict });
  }
}

/** What follows from judging is made anew; the rest happened, and is not undone by looking again. */
const madeAnew: ReadonlySet<RunEventBody['type']> = new Set([
  'run-started',
  'planned',
  'verdict',
  'probing',
  'diagnosis',
  'interrupted',
  'analysis',
  'run-ended',
]);

function staysTrue(event: RunEvent): boolean {
  if (event.type === 'problem') return event.problem.code !== 'UNDIAGNOSED';
  if (event.type === 'stage-started' || event.type === 'stage-ended') return !/^(?:diagnosis$|probe )/.test(event.name);
  return !madeAnew.has(event.type);
}

function probingsOf(events: readonly RunEvent[]): ReadonlyMap<string, Probing> {
  return new Map(
    events.flatMap((event) => (event.type === 'probing' ? [[event.probing.service, event.probing] as const] : [])),
  );
}

/** A run that did not end by itself is not made whole by judging it again. */
function endAs({ interrupted }: RunRecord, events: readonly RunEvent[], journal: Journal): void {
  if (interrupted === undefined) return;
  const told = events.find((event) => event.type === 'interrupted');
  journal.append(told ?? { type: 'interrupted', by: interrupted });
}
