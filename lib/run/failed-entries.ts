/** The director's entries of requests that failed, right after the load: which real server each was sent to. */
import type { VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import type { Evidence } from '../model/evidence.ts';
import type { FailedEntry } from '../model/ends.ts';
import type { LoadResult } from '../model/load-result.ts';
import type { ConnectionEntry } from '../model/sampling.ts';
import type { Host } from '../ssh/host.ts';
import { entriesByPort } from './entries-by-port.ts';

/** As many as a load keeps of its failures; enough to find the same connections in a capture on the real server. */
export const mostFailed = 100;
const mostTold = 20;

export interface FailedEntries {
  readonly failedEntries: readonly FailedEntry[];
  readonly entriesEvidence: Evidence;
}

/** A failure to read them is told in their place. */
export async function readFailedEntries(
  host: Host,
  service: VirtualService,
  { errors: { examples } }: LoadResult,
  signal: AbortSignal,
): Promise<FailedEntries> {
  const told = (output: string): Evidence => ({
    host: host.declaration.name,
    command: 'ipvsadm -Lnc   # entries of failed requests, by their source ports',
    output,
  });
  if (!examples.some(({ localPort }) => localPort > 0))
    return { failedEntries: [], entriesEvidence: told('no failed request had a port') };
  const { entries, problem } = await entriesByPort(host, service, examples, signal);
  const failedEntries = joined(examples, entries);
  return {
    failedEntries,
    entriesEvidence: told(problem === undefined ? described(failedEntries) : `could not be read: ${problem}`),
  };
}

/** The last failure of a port has its entry, unless several of the client's addresses have one there. */
function joined(
  examples: LoadResult['errors']['examples'],
  entries: readonly ConnectionEntry[],
): readonly FailedEntry[] {
  const kinds = new Map(examples.map(({ localPort, kind }) => [localPort, kind]));
  return [...kinds].flatMap(([port, kind]) => {
    const [entry, ...others] = entries.filter(({ clientPort }) => clientPort === port);
    return entry === undefined || others.length > 0 ? [] : [{ ...entry, kind }];
  });
}

function described(failed: readonly FailedEntry[]): string {
  if (failed.length === 0) return 'none';
  const lines = failed
    .slice(0, mostTold)
    .map(
      ({ state, expiresS, clientAddress, clientPort, destination, kind }) =>
        `${state} ${expiresS} s ${endpoint(clientAddress, clientPort)} -> ${destination}: ${kind}`,
    );
  return [...lines, ...(failed.length > mostTold ? [`and ${failed.length - mostTold} more`] : [])].join('\n');
}
