/** What every load engine takes and gives. Linux and macOS; `source` and `netns` are Linux only. */
import type { Identification, LoadProfile } from '../model/cluster.ts';
import type { LoadResult, RequestOutcome } from '../model/load-result.ts';

export interface LoadPlan {
  /** Name of the virtual service. */
  readonly service: string;
  readonly profile: LoadProfile;
  /** `http://VIP:PORT/path`, or `https:`; `tcp://VIP:PORT`, or `tls:` or `udp:`. An IPv6 address in brackets. */
  readonly url: string;
  readonly expectStatus: number;
  /** Besides those of the engine, which they replace where they have the same name; HTTP only. */
  readonly headers?: readonly (readonly [string, string])[];
  /** As in `Exchange`. */
  readonly send?: string;
  readonly expectBody?: string;
  readonly serverName?: string;
  readonly identifyBy: Identification;
  /** Name of the client host in the cluster file. */
  readonly client: string;
  /** Addresses to bind; connections take them in turn. Never empty. */
  readonly sources: readonly string[];
  /** Network namespace of this machine to send from. */
  readonly netns?: string;
  /** Tells how each request ended (`LoadOutcome.each`): for a few. */
  readonly tellEach?: true;
  /** What random arrivals are made from; one is chosen when absent. */
  readonly seed?: number;
}

export interface LoadProgress {
  readonly atMs: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly requested: number;
}

export interface LoadOptions {
  /** `declaredEndpoints` of the cluster; a plan for any other address is REFUSED. */
  readonly endpoints: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** The load begins once it is settled; its process is started at once. Where it rejects, so does the load. */
  readonly after?: Promise<unknown>;
  /** What makes connections; absent is system calls of our own where they are in reach, and Node's sockets elsewhere. */
  readonly sockets?: 'node';
}

/** What the run record has of a load, and what only who asked for it gets. */
export interface LoadOutcome extends LoadResult {
  /** In the order they ended; with `LoadPlan.tellEach`, by the connection engine. */
  readonly each?: readonly RequestOutcome[];
}

/** Resolves also when everything failed or the signal fired (`stopped: 'interrupted'`); rejects with LOAD when the generator itself broke. */
export type DriveLoad = (plan: LoadPlan, options: LoadOptions) => Promise<LoadOutcome>;
