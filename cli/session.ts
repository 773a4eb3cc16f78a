/** Judges a cluster, from options to reports. Shared by every command that does. */
import { lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunRecord } from '../lib/model/run-record.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { Run } from '../lib/run/run.ts';
import type { RunOptions } from '../lib/run/run-options.ts';
import { version } from '../lib/version.ts';
import { pairsOf } from '../suites/catalogue.ts';
import { openEvents } from './events.ts';
import { mustBeFormats } from './formats.ts';
import { stealing } from './consent.ts';
import { type GlobalOptions, prompter } from './options.ts';
import { progressListener } from './progress.ts';
import { say } from './terminal.ts';
import { writeCommands } from './workflow-commands.ts';
import { jsonText } from '../lib/model/json-text.ts';

export type Wanted = Pick<RunOptions, 'cluster' | 'command' | 'allow' | 'stages'> &
  Partial<
    Pick<
      RunOptions,
      'checks' | 'profile' | 'suiteChecks' | 'rulesAsFound' | 'services' | 'reachTimeoutMs' | 'loadFirst' | 'connected'
    >
  > & {
    /** What goes to standard output before the summary of the run. */
    readonly prelude?: (record: RunRecord) => string;
  };

/** Judges, restores, writes the reports, prints the summary (or the record with --json). The exit code is the record's. */
export async function runSession(wanted: Wanted, options: GlobalOptions): Promise<RunRecord> {
  mustBeFormats(options.format);
  const prompt = prompter(options);
  const events = openEvents(options.events);
  const tell = progressListener(options);
  const { prelude, ...selected } = wanted;
  const run = new Run({
    ...selected,
    version,
    outDirectory: options.out,
    limit: options.limit,
    skip: options.skip,
    failOn: options.failOn,
    ...stealing(options),
    onEvent: (event) => {
      // By then we wait for the slowest host.
      if (event.type === 'facts-collected') reports().catch(() => undefined);
      tell(event);
      events.listener(event);
    },
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(prompt === undefined ? {} : { prompt }),
  });
  const release = onSignals(run);
  try {
    try {
      // Hosts that are logged in to already are asked at once: mocha takes as long to load and to run as the checks of
      // twenty hosts (docs/decisions/0008).
      if (wanted.connected === undefined) await (await import('./run-suites.ts')).runSuites(run);
      else await run.judgeAll(pairsOf(wanted.cluster, wanted.suiteChecks));
    } catch (error) {
      run.fail(error);
    }
    return await endSession(run, options, prelude);
  } finally {
    release();
    events.close();
  }
}

/** Loaded late: a run has its hosts to ask first. */
function reports() {
  return import('../reports/index.ts');
}

/** What a session needs of whatever it runs. */
interface Running {
  readonly directory: string;
  readonly outstanding: Run['outstanding'];
  interrupt(signal: StopSignal): void;
  finish(): Promise<RunRecord>;
}

/** Lets the run come to its end under signals, writes the reports, prints the summary. The exit code is the record's. */
export async function endSession(
  run: Running,
  options: GlobalOptions,
  prelude?: Wanted['prelude'],
): Promise<RunRecord> {
  const record = await run.finish();
  await publish(run, record, options, prelude?.(record) ?? '');
  process.exitCode = record.exitCode;
  return record;
}

async function publish(
  run: Pick<Running, 'directory'>,
  record: RunRecord,
  options: GlobalOptions,
  prelude: string,
): Promise<void> {
  const { formatNamed, renderText, writeReports } = await reports();
  let written: readonly string[] = [];
  try {
    written = await writeReports(record, run.directory, options.format, {
      language: options.lang,
      htmlLayout: options.htmlLayout,
    });
  } catch (error) {
    say(`the reports could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (record.exitCode === exitCodes.internal) await tellBundle(run.directory);
  await giveToCaller(run.directory);
  // GitHub reads both streams of a step.
  const annotations = options.format.includes('github') ? formatNamed('github').render(record) : '';
  writeCommands(options.json || options.events === '-' ? process.stderr : process.stdout, annotations);
  if (options.json) {
    process.stdout.write(`${jsonText(record, 2)}\n`);
    return;
  }
  // Events on standard output are to stay one JSON object a line.
  const out = options.events === '-' ? process.stderr : process.stdout;
  out.write(prelude);
  // A terminal that does not tell its width says 0.
  out.write(renderText(record, { color: options.color, width: out.columns || 100, language: options.lang }));
  for (const file of written) out.write(`${file}\n`);
}

/** What an internal error leaves to be sent. */
async function tellBundle(directory: string): Promise<void> {
  try {
    const { writeBundle } = await import('./bundle-file.ts');
    say(`internal error; please report it with this bundle: ${writeBundle(directory, [], directory).file}`);
  } catch (error) {
    say(`internal error; no bundle could be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Under sudo the run belongs to whoever called it: files that only their owner reads are of no use to him otherwise. */
async function giveToCaller(directory: string): Promise<void> {
  const [uid, gid] = [Number(process.env['SUDO_UID']), Number(process.env['SUDO_GID'])];
  if (process.getuid?.() !== 0 || !Number.isInteger(uid) || !Number.isInteger(gid)) return;
  for (const name of await readdir(directory)) await lchown(join(directory, name), uid, gid);
  await lchown(directory, uid, gid);
}

/**
 * First signal: stop and restore. Second: give up, and say what is left: the guards on the hosts undo it by themselves.
 */
export function onSignals(run: Omit<Running, 'finish'>): () => void {
  let signalled = false;
  const handle = (signal: StopSignal) => {
    if (signalled) process.exit(abandon(run, signal));
    signalled = true;
    process.stderr.write('\nstopping; putting everything back (once more to give up)\n');
    run.interrupt(signal);
  };
  for (const signal of stopSignals) process.on(signal, handle);
  return () => {
    for (const signal of stopSignals) process.off(signal, handle);
  };
}

type StopSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';
const stopSignals: readonly StopSignal[] = ['SIGHUP', 'SIGINT', 'SIGTERM'];

/** The exit code; says what the run leaves to others. */
function abandon(run: Pick<Running, 'outstanding'>, signal: StopSignal): number {
  const left = run.outstanding;
  if (left.length === 0) return exitCodes[signal];
  const hosts = [...new Set(left.map(({ host }) => host))].join(', ');
  process.stderr.write(
    `given up with changes in place; ${hosts} takes them back without us, within 30 s from now. Else, by hand:\n`,
  );
  for (const { host, undo } of left) say(`  on ${host}: ${undo}`);
  return exitCodes.restoreFailed;
}
