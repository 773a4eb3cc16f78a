/** `ipvet watch`: the directors' connection tables as they are, until Ctrl-C. Reads only, and as the login user. */
import { Command, InvalidArgumentError } from 'commander';

import { asIpvetError, IpvetError } from '../lib/errors.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { jsonText } from '../lib/model/json-text.ts';
import { visibleLine } from '../lib/model/visible-text.ts';
import { redactor } from '../lib/redaction.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { type LiveListener, type LiveTable, watchTable } from '../lib/sampling/live.ts';
import type { Readings } from '../lib/sampling/readings.ts';
import { defaultPace } from '../lib/sampling/sampler.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import type { Fleet } from '../lib/ssh/host.ts';
import { clusterOf, duration, type GlobalOptions, globalOptions, prompter } from './options.ts';
import { say } from './terminal.ts';
import { linesOf, screenOf } from './watch-text.ts';

interface WatchFlags {
  readonly for?: number;
  readonly interval: number;
  readonly budget: number;
}

export function watchCommand(): Command {
  return new Command('watch')
    .description('live connection table by real server and state, until Ctrl-C; NDJSON with --json')
    .option('--for <time>', 'end after this long (seconds, or with a unit)', duration)
    .option('--interval <time>', 'from one reading to the next, at least', duration, 1000)
    .option('--budget <percent>', 'CPU it may take of a director, in percent of one CPU', percent, 2)
    .action(async (flags: WatchFlags, command: Command) => {
      const options = globalOptions(command);
      const cluster = await clusterOf(options);
      process.exitCode = await watch(cluster, flags, options);
    });
}

/** The exit code: 0 also after Ctrl-C, which is how it ends. */
async function watch(cluster: Cluster, flags: WatchFlags, options: GlobalOptions): Promise<number> {
  const names = cluster.directors
    .map(({ name }) => name)
    .filter((name) => options.limit.length === 0 || options.limit.includes(name));
  if (names.length === 0)
    throw new IpvetError('USAGE', '--limit leaves no director to watch', {
      hint: `directors: ${cluster.directors.map(({ name }) => name).join(', ')}`,
    });
  const stop = new AbortController();
  const end = () => {
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  // Nobody reads any more: `| head`.
  process.stdout.once('error', end);
  let timer: NodeJS.Timeout | undefined;
  const prompt = prompter(options);
  const fleet = connectFleet(cluster, { signal: stop.signal, ...(prompt === undefined ? {} : { prompt }) });
  const output = outputOf(options);
  try {
    const watched = await Promise.all(
      names.map((name) => begin(fleet, name, cluster, { ...flags, signal: stop.signal }, output)),
    );
    // Counts from when there is something to see.
    if (flags.for !== undefined) timer = setTimeout(end, flags.for);
    const running = watched.filter((one): one is Readings => one !== undefined);
    if (running.length > 0 && !stop.signal.aborted)
      await new Promise<void>((resolve) => {
        stop.signal.addEventListener('abort', () => {
          resolve();
        });
      });
    await Promise.all(running.map((readings) => readings.end()));
    return running.length === names.length ? exitCodes.pass : exitCodes.inconclusive;
  } finally {
    clearTimeout(timer);
    output.close();
    await fleet.close();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, end);
  }
}

/** Undefined, and told, where a director cannot be watched. */
async function begin(
  fleet: Fleet,
  name: string,
  cluster: Cluster,
  { interval, budget, signal }: WatchFlags & { readonly signal: AbortSignal },
  output: LiveListener,
): Promise<Readings | undefined> {
  try {
    const host = await fleet.host(name);
    const pace = { ...defaultPace, intervalMs: interval, levelsIntervalMs: interval, budgetShare: budget / 100 };
    return await watchTable(host, cluster.virtualServices, { ...pace, signal }, output);
  } catch (error) {
    if (signal.aborted) return undefined;
    const { message, hint } = asIpvetError(error, 'INTERNAL', name);
    say(`ipvet: ${message}${hint === undefined ? '' : `\n  ${hint}`}`);
    return undefined;
  }
}

interface Output extends LiveListener {
  close(): void;
}

function outputOf(options: GlobalOptions): Output {
  if (options.json) return records();
  return process.stdout.isTTY ? screen() : lines();
}

/** One object a line: tables as they come, and the gaps between them. */
function records(): Output {
  const write = (value: object) => process.stdout.write(`${jsonText(redactor.value(value))}\n`);
  const at = () => new Date().toISOString();
  return {
    table: (table) => write({ type: 'table', ...table }),
    lost: (host, reason) => write({ type: 'lost', host, at: at(), reason }),
    restarted: (host) => write({ type: 'restarted', host, at: at() }),
    close: () => undefined,
  };
}

function lines(): Output {
  const gap = (host: string, what: string) =>
    process.stdout.write(`${new Date().toISOString()} ${host} ${visibleLine(what)}\n`);
  return {
    table: (table) => process.stdout.write(linesOf(table)),
    lost: (host, reason) => gap(host, `no samples from here on: ${reason}`),
    restarted: (host) => gap(host, 'was started anew'),
    close: () => undefined,
  };
}

/** Redrawn in place, on the terminal's other screen; what was last seen stays on the first one. */
function screen(): Output {
  const tables = new Map<string, LiveTable>();
  const lost = new Map<string, string>();
  const text = () => screenOf([...tables.values()], lost);
  const draw = () => {
    const rows = text()
      .split('\n')
      .slice(0, Math.max(1, (process.stdout.rows || 24) - 1));
    const width = process.stdout.columns || 100;
    process.stdout.write(`\u001B[H${rows.map((row) => `${row.slice(0, width)}\u001B[K`).join('\n')}\u001B[J`);
  };
  process.stdout.write('\u001B[?1049h\u001B[?25l');
  return {
    table: (table) => {
      tables.set(table.host, table);
      lost.delete(table.host);
      draw();
    },
    lost: (host, reason) => {
      lost.set(host, visibleLine(reason));
      draw();
    },
    restarted: (host) => {
      lost.set(host, 'was started anew');
      draw();
    },
    close: () => {
      process.stdout.write(`\u001B[?25h\u001B[?1049l${text()}`);
    },
  };
}

function percent(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 100)) throw new InvalidArgumentError('give a number above 0, at most 100');
  return number;
}
