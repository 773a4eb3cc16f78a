/** Latencies of one second: counts by steps of 2 %, so that a second costs as much room as its latencies are spread. */
const stepsAnE = 50;

export class SecondLatencies {
  /** Step of the logarithm of the latency in µs → answers. */
  readonly counts = new Map<number, number>();
  #total = 0;

  record(ms: number): void {
    this.#count(Math.ceil(Math.log(Math.max(1, ms * 1000)) * stepsAnE), 1);
  }

  add(counts: ReadonlyMap<number, number>): void {
    for (const [step, n] of counts) this.#count(step, n);
  }

  /** Ms, to 2 %; of a second without answers undefined. */
  percentile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let left = Math.max(1, Math.ceil(this.#total * share));
    const steps = [...this.counts.keys()].sort((one, other) => one - other);
    for (const step of steps) {
      left -= this.counts.get(step) ?? 0;
      if (left <= 0) return Number((Math.exp(step / stepsAnE) / 1000).toPrecision(3));
    }
    return undefined;
  }

  #count(step: number, n: number): void {
    this.counts.set(step, (this.counts.get(step) ?? 0) + n);
    this.#total += n;
  }
}
