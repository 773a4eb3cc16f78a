/** Samples the director's connection table of one service while load is driven through it. */
import { IpvetError } from '../errors.ts';
import type { VirtualService } from '../model/cluster.ts';
import type { Sampling, TableSample } from '../model/sampling.ts';
import type { Host } from '../ssh/host.ts';
import { counterDeltas, type CountersReading, readCounters } from './counters.ts';
import { Readings, type ReadingsListener } from './readings.ts';
import { Recording } from './recording.ts';

export interface SamplerOptions {
  /** Time from one sample to the next; longer when the budget asks for it. Default 500. */
  readonly intervalMs?: number;
  /** The same for what the kernel tells at little cost. Default 200. */
  readonly levelsIntervalMs?: number;
  /** CPU the sampling may take of the director, as a share of one CPU. Default 0.02. */
  readonly budgetShare?: number;
  /** Ends the sampling; `stop` then gives what there is. */
  readonly signal: AbortSignal;
  /** Called with each sample as it comes; its `atMs` is performance.now(). */
  readonly onSample?: (sample: TableSample) => void;
  /** The counters are read once it is settled, the program is started meanwhile. It must not reject. */
  readonly countersAfter?: Promise<unknown>;
  /** Where /proc is. */
  readonly proc?: string;
}

interface StopOptions {
  /** performance.now() when the load began; `atMs` of the samples counts from here. */
  readonly zeroAtMs: number;
  /** How long to wait for the counters after the last connection: the kernel refreshes them every 2 s. Default 2300. */
  readonly settleMs?: number;
  /** performance.now() when the last connection was begun; default now. */
  readonly lastBegunMs?: number;
  /** Connections that the clients began: counters that tell of fewer are read again, as long as they rise. */
  readonly begun?: number;
  /** Young SYN_RECV entries are waited for only where none of their state is stuck yet, not until all are decided. */
  readonly soon?: boolean;
}

export interface Sampler {
  /** Never rejects: what was lost is a gap, or a `countersProblem`. Call it once. */
  stop(options: StopOptions): Promise<Sampling>;
}

/** The timer that refreshes the counters is late on a director that has no CPU time left. */
const mostRereads = 3;

export const defaultPace = { intervalMs: 500, levelsIntervalMs: 200, budgetShare: 0.02 } as const;
/** From the last SYN of a connection until its entry can be called stuck, and a sample later. */
const undecidedMs = 3800;

/**
 * Starts the program on the director and reads the counters. Throws what `Host` throws, and EXEC_FAILED when the director
 * has no connection table.
 */
export async function startSampler(
  host: Host,
  service: VirtualService,
  { signal, onSample, proc = '/proc', countersAfter, ...given }: SamplerOptions,
): Promise<Sampler> {
  const { name } = host.declaration;
  const pace = { ...defaultPace, ...given };
  const startedMs = performance.now();
  const recording = new Recording(0, name, {
    startedMs,
    budgetShare: pace.budgetShare,
    ...(onSample === undefined ? {} : { onSample }),
  });
  const [readings, before] = await Promise.all([
    openReadings(host, [service], { ...pace, signal, proc }, recording),
    Promise.resolve(countersAfter).then(() => readCounters(host, service, signal)),
  ]);
  return {
    stop: async ({ zeroAtMs, settleMs = 2300, lastBegunMs = Infinity, begun = 0, soon = false }) => {
      const read = async (lateMs: number) => {
        await settle(readings, recording, { settleMs: settleMs - lateMs, intervalMs: pace.intervalMs, soon, signal });
        return lastCounters(host, service, signal);
      };
      let after = await read(Math.max(0, performance.now() - lastBegunMs));
      for (let more = mostRereads, risen = true; more > 0 && risen && !signal.aborted; more--) {
        if (counted(before, after) + recording.reused >= begun) break;
        const again = await read(0);
        risen = counted(after, again) > 0;
        after = again;
      }
      await readings.end();
      const endedMs = performance.now();
      recording.end(endedMs);
      const elapsedMs = endedMs - readings.startedMs;
      return {
        service: service.name,
        host: name,
        intervalMs: pace.intervalMs,
        ...recording.record(zeroAtMs),
        costShare: elapsedMs > 0 ? readings.costMs / elapsedMs : 0,
        budgetShare: pace.budgetShare,
        ...(service.forwarding === 'nat' ? {} : { reused: recording.reused }),
        ...(recording.wasRestarted
          ? { counters: [], countersProblem: `${name} was started anew, and its counters from 0` }
          : counterDeltas(before, after, name)),
      };
    },
  };
}

/** As `Readings.open`, with the first reading made. Throws EXEC_FAILED when the director has no connection table. */
export async function openReadings(
  host: Host,
  services: readonly VirtualService[],
  options: Parameters<typeof Readings.open>[2],
  listener: ReadingsListener,
): Promise<Readings> {
  const readings = await Readings.open(host, services, options, listener);
  const first = await readings.begin();
  if (first?.extent !== 'absent') return readings;
  await readings.end();
  const { name } = host.declaration;
  throw new IpvetError('EXEC_FAILED', `${name} has no connection table: ${options.proc}/net/ip_vs cannot be read`, {
    host: name,
    hint: 'IPVS is not there: modprobe ip_vs',
  });
}

/**
 * Lets the counters settle, sampling on; longer while the newest sample has SYN_RECV entries that are too young to be
 * called stuck. Ends with a sample.
 */
async function settle(
  readings: Readings,
  recording: Recording,
  {
    settleMs,
    intervalMs,
    soon,
    signal,
  }: { readonly settleMs: number; readonly intervalMs: number; readonly soon: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const begunMs = performance.now();
  const elapsedMs = () => performance.now() - begunMs;
  const undecided = () =>
    !readings.over &&
    (recording.last?.counts.some(
      ({ state, entries, stuck }) => state === 'SYN_RECV' && (soon ? entries > 0 && stuck === 0 : entries > stuck),
    ) ??
      false);
  const stepMs = 100;
  let asked = false;
  while (!signal.aborted && (elapsedMs() < settleMs || (elapsedMs() < undecidedMs && undecided()))) {
    // What the newest sample leaves open may be decided long since.
    if (!asked && elapsedMs() >= settleMs && (recording.last?.atMs ?? 0) < begunMs) {
      asked = true;
      readings.hurry();
    }
    const leftMs = elapsedMs() < settleMs ? settleMs - elapsedMs() : stepMs;
    await new Promise((resolve) => setTimeout(resolve, Math.min(stepMs, Math.max(1, leftMs))));
  }
  const lastMs = recording.last?.atMs ?? readings.startedMs;
  if (!signal.aborted && performance.now() - lastMs > 2 * intervalMs) readings.hurry();
}

/** Connections from one reading to the other; endless where that is not known. */
function counted(before: CountersReading, after: CountersReading): number {
  if ('problem' in before || 'problem' in after || after.frozen) return Infinity;
  const sum = ({ counters }: typeof before) => counters.reduce((total, { connections }) => total + connections, 0);
  return sum(after) - sum(before);
}

/** Whatever happens to the host, what was sampled is kept. */
async function lastCounters(host: Host, service: VirtualService, signal: AbortSignal): Promise<CountersReading> {
  try {
    return await readCounters(host, service, signal);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
