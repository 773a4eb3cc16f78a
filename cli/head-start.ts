/** Connections of a run that are made while the program is still being loaded: logging in is work for the hosts. */
import { type Cluster, hostsOf } from '../lib/model/cluster.ts';
import { type Connected, connected } from '../lib/ssh/connected.ts';
import { type GlobalOptions, prompter } from './options.ts';

/**
 * Connects to the hosts that `--limit` leaves, where `ahead` says so, and closes what it made when `work` is done. A host
 * that cannot be reached is no error here: whoever asks it is told.
 */
export async function withHeadStart(
  ahead: boolean,
  cluster: Cluster,
  options: GlobalOptions,
  work: (connected: { readonly connected?: Connected }) => Promise<void>,
): Promise<void> {
  if (!ahead) {
    await work({});
    return;
  }
  const prompt = prompter(options);
  const made = connected(cluster, prompt === undefined ? {} : { prompt });
  try {
    for (const { name } of hostsOf(cluster))
      if (options.limit.length === 0 || options.limit.includes(name)) made.fleet.host(name).catch(() => undefined);
    await work({ connected: made });
  } finally {
    await made.fleet.close();
    made.lifetime.abort();
  }
}
