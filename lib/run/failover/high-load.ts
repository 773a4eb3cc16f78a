/** Open-loop load besides the probes. What becomes of its requests is not counted. */
import { asIpvetError, type IpvetError } from '../../errors.ts';
import { declaredEndpoints } from '../../load/declared-endpoints.ts';
import { driveLoad } from '../../load/drive.ts';
import type { Client, LoadProfile } from '../../model/cluster.ts';
import { loadPlan } from '../load-plan.ts';
import type { DrillScene } from './scenarios.ts';

const rateRps = 300;

export interface HighLoad {
  /** Throws what `driveLoad` threw: a drill that is told as one under high load had it to its end. */
  mustRun(): void;
  stop(): void;
}

/** Until stopped. */
export function startHighLoad(
  { cluster, service }: Pick<DrillScene, 'cluster' | 'service'>,
  { client, profile }: { readonly client: Client; readonly profile: LoadProfile },
): HighLoad {
  const ended = new AbortController();
  const stage = { fromRps: rateRps, toRps: rateRps, durationMs: 240_000 };
  const loaded: LoadProfile = {
    name: profile.name,
    mode: 'ab',
    requests: 1_000_000,
    concurrency: 500,
    timeoutMs: 3000,
    abortAfterFailures: 1_000_000,
    openLoop: { arrivals: 'constant', stages: [stage] },
  };
  let failure: IpvetError | undefined;
  void driveLoad(loadPlan(service, client, loaded), {
    endpoints: declaredEndpoints(cluster),
    signal: ended.signal,
  }).catch((error: unknown) => {
    if (!ended.signal.aborted) failure = asIpvetError(error, 'LOAD', 'the high load of the drill');
  });
  return {
    mustRun: () => {
      if (failure !== undefined) throw failure;
    },
    stop: () => {
      ended.abort();
    },
  };
}
