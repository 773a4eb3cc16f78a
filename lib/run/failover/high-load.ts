/** Open-loop load besides the probes. What becomes of it is not counted. */
import { declaredEndpoints } from '../../load/declared-endpoints.ts';
import { driveLoad } from '../../load/drive.ts';
import type { Client, LoadProfile } from '../../model/cluster.ts';
import { loadPlan } from '../traffic-stage.ts';
import type { DrillScene } from './scenarios.ts';

const rateRps = 300;

/** Until aborted. */
export function startHighLoad(
  { cluster, service }: Pick<DrillScene, 'cluster' | 'service'>,
  { client, profile }: { readonly client: Client; readonly profile: LoadProfile },
): AbortController {
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
  void driveLoad(loadPlan(service, client, loaded), {
    endpoints: declaredEndpoints(cluster),
    signal: ended.signal,
  }).catch(() => undefined);
  return ended;
}
