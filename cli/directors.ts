/** Work on the directors of a cluster, outside a run: connections, consent, and what a signal does. */
import { IpvetError } from '../lib/errors.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import type { Host } from '../lib/ssh/host.ts';
import { canAsk, requireConsent } from './consent.ts';
import { type GlobalOptions, prompter } from './options.ts';
import { say } from './terminal.ts';

type Work = (hosts: readonly Host[], signal: AbortSignal) => Promise<void>;
/** Whether the question was put, after showing the text. */
export type Consenting = (show: () => Promise<string>) => Promise<boolean>;
const stopSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** As `withHosts`, for the directors of `--limit`. */
export async function withDirectors(cluster: Cluster, options: GlobalOptions, work: Work): Promise<void> {
  const wanted = cluster.directors.filter(({ name }) => options.limit.length === 0 || options.limit.includes(name));
  if (wanted.length === 0)
    throw new IpvetError('USAGE', '--limit names no director', {
      hint: `directors: ${cluster.directors.map(({ name }) => name).join(', ')}`,
    });
  await withHosts(
    cluster,
    wanted.map(({ name }) => name),
    options,
    work,
  );
}

/** Connects to these hosts. The first Ctrl-C stops the work, which restores; the second abandons it. */
export async function withHosts(
  cluster: Cluster,
  names: readonly string[],
  options: GlobalOptions,
  work: Work,
): Promise<void> {
  const abort = new AbortController();
  const stop = (signal: (typeof stopSignals)[number]) => {
    if (abort.signal.aborted) {
      say('given up; what was changed is taken back by the hosts themselves, within 30 s from now');
      process.exit(exitCodes.restoreFailed);
    }
    say(`stopping for ${signal}; putting everything back (once more to give up)`);
    abort.abort();
  };
  for (const signal of stopSignals) process.on(signal, stop);
  const prompt = prompter(options);
  // Taking back comes after an interruption, so the connections do not end with it.
  const fleet = connectFleet(cluster, {
    signal: new AbortController().signal,
    ...(prompt === undefined ? {} : { prompt }),
  });
  try {
    await work(await Promise.all(names.map((name) => fleet.host(name))), abort.signal);
  } finally {
    for (const signal of stopSignals) process.off(signal, stop);
    await fleet.close();
  }
}

/** Without consent, and with nobody to ask, no host is touched. A dry run needs none. */
export async function withConsent(
  cluster: Cluster,
  options: GlobalOptions,
  command: string,
  work: (hosts: readonly Host[], signal: AbortSignal, consent: Consenting) => Promise<void>,
): Promise<void> {
  const ask: Consenting = async (show) => {
    let put = false;
    const request = { command, tiers: ['change'] as const };
    await requireConsent(cluster, options, {
      ...request,
      show: () => {
        put = true;
        return show();
      },
    });
    return put;
  };
  if (!options.dryRun && !canAsk(options)) await ask(() => Promise.resolve(''));
  await withDirectors(cluster, options, (hosts, signal) => work(hosts, signal, ask));
}
