/** The connection table of a director as it is now, reading after reading, for somebody who watches. */
import type { VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import type { TableTotals } from '../model/sampling.ts';
import type { Host } from '../ssh/host.ts';
import type { ReadingAbout, Readings, ReadingsListener, ReadingsOptions } from './readings.ts';
import { openReadings } from './sampler.ts';
import type { TableReading } from './table-reader.ts';

export interface LiveDestination {
  readonly destination: string;
  /** Of the cluster file; absent for one that it does not declare. */
  readonly realServer?: string;
  /** As the kernel has it now; absent where the destination is no longer in the service. */
  readonly weight?: number;
  readonly active?: number;
  readonly inactive?: number;
  /** Entries by state, of those read. */
  readonly states: Readonly<Record<string, number>>;
  /** SYN_RECV older than 3 s. */
  readonly stuck: number;
  /** Connections whose SYN came again, since the watching began. */
  readonly resent: number;
  /** Entries that a peer sent; in no state. */
  readonly synced: number;
}

export interface LiveTable {
  readonly host: string;
  /** ISO 8601, this machine's clock. */
  readonly at: string;
  /** `part`: the first `rows` of about `size` entries, because all would cost too much. `levels`: none. */
  readonly extent: 'whole' | 'part' | 'levels';
  readonly rows: number;
  readonly size: number;
  /** CPU of the director taken so far, as a share of one CPU. */
  readonly costShare: number;
  readonly services: readonly { readonly service: string; readonly destinations: readonly LiveDestination[] }[];
  /** Of all services, over the time since the reading before. */
  readonly perSecond?: TableTotals;
}

export interface LiveListener {
  /** With each reading of the table, whole or in part; when it is too large, with each of the kernel's own counters too. */
  table(table: LiveTable): void;
  /** No readings from now on. */
  lost(host: string, reason: string): void;
  restarted(host: string): void;
}

/** Watches until `end` of what it gives. Throws as `openReadings`. */
export async function watchTable(
  host: Host,
  services: readonly VirtualService[],
  options: Omit<ReadingsOptions, 'proc'> & { readonly proc?: string },
  listener: LiveListener,
): Promise<Readings> {
  return openReadings(host, services, { proc: '/proc', ...options }, new Live(host, services, listener));
}

class Live implements ReadingsListener {
  readonly #host: string;
  readonly #services: readonly VirtualService[];
  readonly #listener: LiveListener;
  readonly #startedMs = performance.now();
  #costMs = 0;
  #totals: { readonly atMs: number; readonly totals: TableTotals } | undefined;

  constructor(host: Host, services: readonly VirtualService[], listener: LiveListener) {
    this.#host = host.declaration.name;
    this.#services = services;
    this.#listener = listener;
  }

  reading(reading: TableReading, { size, tooLarge }: ReadingAbout): void {
    const { extent, rows, atMs, costMs } = reading;
    this.#costMs += costMs;
    if (extent === 'absent') {
      this.lost(`${this.#host} has no connection table`);
      return;
    }
    if (extent === 'ready' || (extent === 'levels' && !tooLarge)) return;
    const perSecond = this.#perSecond(atMs, reading.totals);
    this.#listener.table({
      host: this.#host,
      at: new Date().toISOString(),
      extent,
      rows,
      size: Math.round(extent === 'whole' ? rows : size),
      costShare: this.#costMs / Math.max(1, atMs - this.#startedMs),
      services: this.#services.map((service, number) => ({
        service: service.name,
        destinations: destinationsOf(service, number, reading),
      })),
      ...(perSecond === undefined ? {} : { perSecond }),
    });
  }

  lost(reason: string): void {
    this.#totals = undefined;
    this.#listener.lost(this.#host, reason);
  }

  restarted(): void {
    this.#listener.restarted(this.#host);
  }

  /** Undefined for the first, and where counters went back. */
  #perSecond(atMs: number, totals: TableTotals | undefined): TableTotals | undefined {
    const before = this.#totals;
    this.#totals = totals === undefined ? undefined : { atMs, totals };
    if (before === undefined || totals === undefined || totals.connections < before.totals.connections)
      return undefined;
    const rate = (name: keyof TableTotals) =>
      Math.round(((totals[name] - before.totals[name]) / Math.max(1, atMs - before.atMs)) * 1000);
    return {
      connections: rate('connections'),
      inPackets: rate('inPackets'),
      outPackets: rate('outPackets'),
      inBytes: rate('inBytes'),
      outBytes: rate('outBytes'),
    };
  }
}

function destinationsOf(service: VirtualService, number: number, reading: TableReading): readonly LiveDestination[] {
  const { levels, counts, resent, synced } = ofService(reading, number);
  const names = new Map(
    service.destinations.map(({ realServer, port }) => [endpoint(realServer.rip, port), realServer.name]),
  );
  const places = new Set([...names.keys(), ...[...levels, ...counts, ...synced].map(({ destination }) => destination)]);
  return [...places].map((destination) => {
    const level = levels.find((one) => one.destination === destination);
    const rows = counts.filter((one) => one.destination === destination);
    const realServer = names.get(destination);
    return {
      destination,
      ...(realServer === undefined ? {} : { realServer }),
      ...(level === undefined ? {} : { weight: level.weight, active: level.active, inactive: level.inactive }),
      states: Object.fromEntries(rows.map(({ state, entries }) => [state, entries])),
      stuck: rows.reduce((sum, { stuck }) => sum + stuck, 0),
      resent: resent.find((one) => one.destination === destination)?.connections ?? 0,
      synced: synced.filter((one) => one.destination === destination).reduce((sum, { entries }) => sum + entries, 0),
    };
  });
}

function ofService({ levels, counts, resent, synced }: TableReading, number: number) {
  const here = ({ service }: { readonly service: number }) => service === number;
  return {
    levels: levels.filter(here),
    counts: counts.filter(here),
    resent: resent.filter(here),
    synced: synced.filter(here),
  };
}
