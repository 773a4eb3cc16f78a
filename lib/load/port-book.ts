/** How long a director without the answers remembers a connection that has ended (FIN_WAIT, ip_vs_proto_tcp.c). */
const rememberedMs = 120_000;
const ports = 65_536;
/** 256 KiB for each source; of the ones beyond, no reuse is counted. */
const mostSources = 64;

/** When each source port was used last, in ms from the start of the load, plus 1; shared by all threads. */
export class PortBook {
  readonly shared: SharedArrayBuffer;
  readonly #lastMs: Int32Array;

  constructor(sources: number | SharedArrayBuffer) {
    this.shared =
      typeof sources === 'number' ? new SharedArrayBuffer(Math.min(sources, mostSources) * ports * 4) : sources;
    this.#lastMs = new Int32Array(this.shared);
  }

  /** Notes a use; true when the one before was so recent that a director may still have its entry. */
  used(atMs: number, port: number, source: number): boolean {
    const index = source * ports + port;
    const before = this.#lastMs[index];
    if (before === undefined) return false;
    this.#lastMs[index] = Math.round(atMs) + 1;
    return before !== 0 && atMs + 1 - before < rememberedMs;
  }
}
