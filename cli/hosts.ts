import { Command } from 'commander';

import type { IpvetError } from '../lib/errors.ts';
import { collectFacts, type HostReport, unreachableReport } from '../lib/facts/collect.ts';
import { questionsFor } from '../lib/facts/questions.ts';
import { asIpvetError } from '../lib/errors.ts';
import { type Cluster, type ClusterHost, hostsOf } from '../lib/model/cluster.ts';
import { jsonText } from '../lib/model/json-text.ts';
import { redactor } from '../lib/redaction.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import { clusterOf, type GlobalOptions, globalOptions, prompter } from './options.ts';
import { table } from './table.ts';

const asked = ['privilege', 'os', 'clock'] as const;

export function hostsCommand(): Command {
  return new Command('hosts')
    .description('reachability, ssh, privilege, clock offset, OS and kernel, one row a host')
    .action(async (_options: unknown, command: Command) => {
      const options = globalOptions(command);
      const cluster = await clusterOf(options);
      const rows = redactor.value(await contactAll(cluster, options));
      if (options.json) process.stdout.write(`${jsonText(rows, 2)}\n`);
      else
        process.stdout.write(table(['HOST', 'ROLE', 'SSH', 'USER', 'ROOT', 'CLOCK', 'OS', 'KERNEL'], rows.map(cells)));
      if (rows.some(({ error }) => error !== undefined)) process.exitCode = exitCodes.inconclusive;
    });
}

interface HostRow {
  readonly name: string;
  readonly role: string;
  readonly durationMs: number;
  readonly user?: string;
  readonly root?: boolean;
  readonly clock?: { readonly offsetMs: number; readonly errorMs: number };
  readonly os?: string;
  readonly kernel?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

async function contactAll(cluster: Cluster, options: GlobalOptions): Promise<HostRow[]> {
  const abort = new AbortController();
  const stop = () => {
    abort.abort();
  };
  process.once('SIGINT', stop);
  const prompt = prompter(options);
  const fleet = connectFleet(cluster, { signal: abort.signal, ...(prompt === undefined ? {} : { prompt }) });
  try {
    const wanted = hostsOf(cluster).filter(({ name }) => options.limit.length === 0 || options.limit.includes(name));
    return await Promise.all(
      wanted.map(async (host) => {
        const questions = questionsFor(cluster, host, asked);
        try {
          return row(host, await collectFacts(await fleet.host(host.name), questions, { signal: abort.signal }));
        } catch (error) {
          const failure = asIpvetError(error, 'INTERNAL', host.name);
          return row(host, unreachableReport(host.name, questions, failure), failure);
        }
      }),
    );
  } finally {
    process.off('SIGINT', stop);
    await fleet.close();
  }
}

function row(
  host: ClusterHost,
  { facts: { privilege, os, clock }, durationMs }: HostReport,
  error?: IpvetError,
): HostRow {
  return {
    name: host.name,
    role: host.role,
    durationMs: Math.round(durationMs),
    ...(privilege?.known ? { user: privilege.value.user, root: privilege.value.level === 'root' } : {}),
    ...(clock?.known ? { clock: { offsetMs: clock.value.offsetMs, errorMs: clock.value.errorMs } } : {}),
    ...(os?.known ? { os: os.value.prettyName, kernel: os.value.kernel } : {}),
    ...(error === undefined
      ? {}
      : {
          error: {
            code: error.code,
            message: error.message,
            ...(error.hint === undefined ? {} : { hint: error.hint }),
          },
        }),
  };
}

function cells({ name, role, durationMs, user, root, clock, os, kernel, error }: HostRow): string[] {
  if (error !== undefined) return [name, role, `${error.code}: ${error.message}`];
  return [
    name,
    role,
    `${durationMs} ms`,
    user ?? '?',
    root === undefined ? '?' : root ? 'yes' : 'no',
    clock === undefined
      ? '?'
      : `${clock.offsetMs >= 0 ? '+' : ''}${clock.offsetMs.toFixed(0)} ± ${clock.errorMs.toFixed(0)} ms`,
    os ?? '?',
    kernel ?? '?',
  ];
}
