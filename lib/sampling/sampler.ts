/** Samples the director's connection table of one service while load is driven through it. */
import { IpvetError } from '../errors.ts';
import type { VirtualService } from '../model/cluster.ts';
import type { Sampling, TableSample } from '../model/observations.ts';
import type { Host } from '../ssh/host.ts';
import { counterDeltas, type CountersReading, readCounters } from './counters.ts';
import { tablePath } from './program.ts';
import { Series } from './series.ts';
import { TableReader } from './table-reader.ts';

export interface SamplerOptions {
  /** Time from one sample to the next; longer when the budget asks for it. Default 500. */
  readonly intervalMs?: number;
  /** CPU the sampling may take of the director, as a share of one CPU. Default 0.02. */
  readonly budgetShare?: number;
  /** Ends the sampling; `stop` then gives what there is. */
  readonly signal: AbortSignal;
  /** Called with each sample as it comes; its `atMs` is performance.now(). */
  readonly onSample?: (sample: TableSample) => void;
  /** Where the table is. */
  readonly table?: string;
}

interface StopOptions {
  /** performance.now() when the load began; `atMs` of the samples counts from here. */
  readonly zeroAtMs: number;
  /** How long to wait for the counters after the last connection: the kernel refreshes them every 2 s. Default 2300. */
  readonly settleMs?: number;
}

export interface Sampler {
  /** Never rejects: what was lost is a gap, or a `countersProblem`. Call it once. */
  stop(options: StopOptions): Promise<Sampling>;
}

/**
 * Starts the program on the director and reads the counters. Throws what `Host` throws, and EXEC_FAILED when the director
 * has no connection table.
 */
export async function startSampler(
  host: Host,
  service: VirtualService,
  { intervalMs = 500, budgetShare = 0.02, signal, onSample, table = tablePath }: SamplerOptions,
): Promise<Sampler> {
  const { name } = host.declaration;
  const [reader, before] = await Promise.all([
    TableReader.open(host, service, table, signal),
    readCounters(host, service, signal),
  ]);
  const first = await reader.read();
  if (first?.extent === 'absent') {
    await reader.close();
    throw new IpvetError('EXEC_FAILED', `${name} has no connection table: ${table} cannot be read`, {
      host: name,
      hint: 'IPVS is not there: modprobe ip_vs',
    });
  }
  const series = new Series(reader, { intervalMs, budgetShare, ...(onSample === undefined ? {} : { onSample }) });
  series.begin(first);
  return {
    stop: async ({ zeroAtMs, settleMs = 2300 }) => {
      await series.settle(settleMs, signal);
      const after = await lastCounters(host, service, signal);
      await series.end();
      return {
        service: service.name,
        host: name,
        intervalMs,
        ...series.record(zeroAtMs),
        ...(service.forwarding === 'nat' ? {} : { reused: series.reused }),
        ...counterDeltas(before, after, name),
      };
    },
  };
}

/** Whatever happens to the host, what was sampled is kept. */
async function lastCounters(host: Host, service: VirtualService, signal: AbortSignal): Promise<CountersReading> {
  try {
    return await readCounters(host, service, signal);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
