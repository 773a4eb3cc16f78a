/**
 * What a director does while something is done to the cluster: addresses and links as they come and go, told by its kernel
 * (rtnetlink(7), `ip monitor`), and its table several times a second. Times are those of the host's clock, put on this
 * machine's by a reading of both.
 */
import type { TimelineEntry } from '../../model/failover.ts';
import { weighed } from './state.ts';
import { addressInTable } from '../../parse/table-address.ts';
import type { Host } from '../../ssh/host.ts';

/** Ends with its input. Also what a dry run shows. */
export const watchArgv: readonly string[] = [
  'sh',
  '-c',
  String.raw`LC_ALL=C; TZ=UTC; export LC_ALL TZ; PATH="$PATH:/usr/sbin:/sbin"
ip -tshort -o monitor address link & a=$!
while :; do
  printf '@table %s %s\n' "$(date +%s.%N)" "$(grep -c SYNC /proc/net/ip_vs_conn_sync 2>/dev/null)"
  cat /proc/net/ip_vs; printf '@end\n'; sleep 0.2
done & b=$!
cat >/dev/null; kill $a $b`,
  'ipvet-watch',
];

/** Host time less this machine's, and how far off that may be. */
interface ClockOffset {
  readonly offsetMs: number;
  readonly errorMs: number;
}

export const clockArgv: readonly string[] = ['date', '+%s.%N'];
const clockReadings = 4;

/** Of several readings the one that took least: the host's clock was read somewhere in it. Throws what `Host.exec` throws. */
export async function readClock(host: Host, signal: AbortSignal): Promise<ClockOffset> {
  let best: ClockOffset | undefined;
  for (let reading = 0; reading < clockReadings; reading++) {
    const { stdout, requestedAtMs, durationMs } = await host.exec(clockArgv, { signal });
    const middleMs = performance.timeOrigin + requestedAtMs + durationMs / 2;
    const now = { offsetMs: Number(stdout.trim()) * 1000 - middleMs, errorMs: durationMs / 2 };
    if (best === undefined || now.errorMs < best.errorMs) best = now;
  }
  return best ?? { offsetMs: 0, errorMs: Infinity };
}

export interface Watched {
  /** Grows. `atMs` is ms since 1970 by this machine's clock. */
  readonly entries: readonly TimelineEntry[];
  stop(): Promise<void>;
}

/** Never throws for what the host says; a connection that is lost ends it. Throws what `Host.spawn` throws. */
export async function startWatch(host: Host, vip: string, signal: AbortSignal): Promise<Watched> {
  const clock = await readClock(host, signal);
  const process = await host.spawn(watchArgv, { signal });
  const reader = new WatchReader(host.declaration.name, vip, clock);
  void (async () => {
    for await (const { text } of process.lines) reader.line(text);
  })().catch(() => undefined);
  return {
    entries: reader.entries,
    stop: () => process.close(),
  };
}

/** Lines of the program, in; what changed, out. */
export class WatchReader {
  readonly entries: TimelineEntry[] = [];
  readonly #host: string;
  readonly #vip: string;
  readonly #clock: ClockOffset;
  readonly #last = new Map<TimelineEntry['kind'], { readonly value: string; readonly atMs: number }>();
  readonly #down = new Set<string>();
  #table: { readonly atMs: number; readonly rows: string[] } | undefined;

  constructor(host: string, vip: string, clock: ClockOffset) {
    this.#host = host;
    this.#vip = addressInTable(vip);
    this.#clock = clock;
  }

  line(text: string): void {
    const head = /^@table (\d+(?:\.\d+)?) ?(\d*)$/.exec(text);
    if (head !== null) {
      const atMs = Number(head[1]) * 1000;
      this.#table = { atMs, rows: [] };
      this.#changed(atMs, 'synced-entries', head[2] ?? '');
    } else if (text === '@end') {
      if (this.#table !== undefined)
        this.#changed(this.#table.atMs, 'destinations', weighed(this.#table.rows.join('\n')).toSorted().join(' '));
      this.#table = undefined;
    } else if (text.startsWith('[')) {
      this.#address(text);
      this.#link(text);
    } else this.#table?.rows.push(text);
  }

  #address(text: string): void {
    const found = /^\[([^\]]+)\] *(Deleted )?\d+: (\S+)\s+inet6? ([0-9a-fA-F.:]+)/.exec(text);
    if (found === null) return;
    const [, time = '', deleted, name, address = ''] = found;
    if (name === 'lo' || addressInTable(address) !== this.#vip) return;
    this.#add(Date.parse(`${time}Z`), deleted === undefined ? 'vip-added' : 'vip-removed', address, 0);
  }

  /** Flags are told again and again; links are up when the watch begins, or nothing is said of them. */
  #link(text: string): void {
    const found = /^\[([^\]]+)\] *\d+: ([^\s:@]+)(?:@\S+)?: <([^>]*)>/.exec(text);
    if (found === null) return;
    const [, time = '', name = '', flags = ''] = found;
    const up = flags.split(',').includes('UP');
    if (up === !this.#down.has(name)) return;
    if (up) this.#down.delete(name);
    else this.#down.add(name);
    this.#add(Date.parse(`${time}Z`), up ? 'link-up' : 'link-down', name, 0);
  }

  /** The table is looked at now and then: a change came some time before. */
  #changed(atMs: number, kind: TimelineEntry['kind'], value: string): void {
    const last = this.#last.get(kind);
    if (last?.value === value) return;
    // The number of entries changes all the time.
    if (kind === 'synced-entries' && last !== undefined && atMs - last.atMs < 2000) return;
    this.#last.set(kind, { value, atMs });
    this.#add(atMs, kind, value, last === undefined ? 0 : 300);
  }

  #add(hostMs: number, kind: TimelineEntry['kind'], value: string, lookedMs: number): void {
    const { offsetMs, errorMs } = this.#clock;
    if (!Number.isFinite(hostMs)) return;
    this.entries.push({
      atMs: hostMs - offsetMs,
      errorMs: Math.ceil(errorMs + lookedMs),
      host: this.#host,
      kind,
      value,
    });
  }
}
