import type { CapacitySearch, LoadProfile, LoadStage, OpenLoop } from '../model/cluster.ts';
import type { LoadProfileEntry } from '../model/cluster-file.ts';
import { abortAfterFailures, capacitySearch, mostOpenByDefault, smoke } from './defaults.ts';
import { optional } from './optional.ts';
import { durationMs, limitValue } from './units.ts';

/** Call with an entry that has no problems. */
export function profileOf(name: string, entry: LoadProfileEntry): LoadProfile {
  const timeoutMs = duration(entry.timeout) ?? smoke.timeoutMs;
  const timeLimitMs = duration(entry.time_limit);
  const openLoop = openLoopOf(entry, timeLimitMs);
  const requests = entry.requests ?? (openLoop === undefined ? smoke.requests : arrivalsOf(openLoop));
  const peakRps =
    openLoop === undefined ? 0 : Math.max(...openLoop.stages.flatMap(({ fromRps, toRps }) => [fromRps, toRps]));
  const places = Math.max(smoke.concurrency, Math.min(mostOpenByDefault, Math.ceil((peakRps * timeoutMs) / 1000)));
  const concurrency = entry.concurrency ?? Math.min(places, requests);
  return {
    name,
    mode: entry.mode === 'keepalive' ? 'keepalive' : smoke.mode,
    ...optional('capacity', entry.mode === 'capacity' ? capacityOf(entry.capacity) : undefined),
    ...optional('control', entry.control === true ? true : undefined),
    requests,
    concurrency,
    ...optional('threads', entry.threads),
    ...optional('requestsPerConnection', entry.requests_per_connection),
    ...optional('openLoop', openLoop),
    timeoutMs,
    ...optional('timeLimitMs', timeLimitMs),
    abortAfterFailures:
      entry.abort_after_failures ?? abortAfterFailures(openLoop === undefined ? concurrency : Math.ceil(peakRps)),
  };
}

function capacityOf(entry: LoadProfileEntry['capacity'] = {}): CapacitySearch {
  const { start, ceiling, step, errors, late, latency } = entry;
  const share = (text: string | number | undefined) =>
    text === undefined ? undefined : limitValue('errors.rate', text);
  return {
    startRps: Math.min(start ?? capacitySearch.startRps, ceiling ?? Infinity),
    ceilingRps: Math.max(ceiling ?? capacitySearch.ceilingRps, start ?? 0),
    stepMs: duration(step) ?? capacitySearch.stepMs,
    errorsRate: share(errors) ?? capacitySearch.errorsRate,
    lateRate: share(late) ?? capacitySearch.lateRate,
    latencyMs: duration(latency) ?? capacitySearch.latencyMs,
  };
}

/** Undefined for a closed loop. A rate without stages is one stage, as long as the time limit or the requests last. */
function openLoopOf(entry: LoadProfileEntry, timeLimitMs: number | undefined): OpenLoop | undefined {
  const arrivals = entry.arrivals ?? 'constant';
  if (entry.stages !== undefined) {
    const stages = entry.stages.map((stage): LoadStage => ({
      fromRps: stage.from ?? stage.rate,
      toRps: stage.rate,
      durationMs: duration(stage.for) ?? 0,
    }));
    return { arrivals, stages };
  }
  if (entry.rate === undefined) return undefined;
  const wholeMs = Math.ceil(((entry.requests ?? smoke.requests) * 1000) / entry.rate);
  const durationMs = entry.requests === undefined ? (timeLimitMs ?? wholeMs) : wholeMs;
  return { arrivals, stages: [{ fromRps: entry.rate, toRps: entry.rate, durationMs }] };
}

/** Requests that a schedule has on average; at least 1. */
function arrivalsOf({ stages }: OpenLoop): number {
  const sum = stages.reduce(
    (all, { fromRps, toRps, durationMs: ms }) => all + ((fromRps + toRps) / 2) * (ms / 1000),
    0,
  );
  return Math.max(1, Math.floor(sum + 1e-6));
}

function duration(text: string | number | undefined): number | undefined {
  return text === undefined ? undefined : durationMs(text);
}
