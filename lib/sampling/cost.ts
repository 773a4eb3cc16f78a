/**
 * What reading so many rows of the table costs the director, from what readings cost so far. Before Linux 6.14 each
 * read(2), which gives a page of rows, walks the table from its start (ip_vs_conn_array() in ip_vs_conn.c), so rows cost
 * `a` each and `b` times their number besides; later kernels have b = 0. Found by least squares of the cost per row,
 * newer readings counting more. Pure.
 */

/** Weight that is left of a reading after the next one. */
const fading = 0.7;
/** Below so many rows the cost is that of opening files. */
const fewestRows = 500;

export class CostModel {
  #weight = 0;
  #rows = 0;
  #squares = 0;
  #costs = 0;
  #products = 0;

  get known(): boolean {
    return this.#weight > 0;
  }

  learn(rows: number, costMs: number): void {
    if (rows < fewestRows) return;
    const perRowMs = Math.max(0, costMs) / rows;
    this.#weight = this.#weight * fading + 1;
    this.#rows = this.#rows * fading + rows;
    this.#squares = this.#squares * fading + rows * rows;
    this.#costs = this.#costs * fading + perRowMs;
    this.#products = this.#products * fading + rows * perRowMs;
  }

  costMs(rows: number): number {
    const [a, b] = this.#line();
    return a * rows + b * rows * rows;
  }

  /** The most rows that cost no more. */
  rowsFor(costMs: number): number {
    const [a, b] = this.#line();
    if (b > 0) return Math.floor((Math.sqrt(a * a + 4 * b * costMs) - a) / (2 * b));
    return a > 0 ? Math.floor(costMs / a) : Number.MAX_SAFE_INTEGER;
  }

  /** Rows that were nearly always as many tell nothing of the slope: then half of the cost is taken to be quadratic. */
  #line(): readonly [a: number, b: number] {
    if (this.#weight === 0) return [0, 0];
    const [rows, perRowMs] = [this.#rows / this.#weight, this.#costs / this.#weight];
    const spread = this.#squares / this.#weight - rows * rows;
    if (spread < (0.2 * rows) ** 2) return [perRowMs / 2, perRowMs / (2 * rows)];
    const slope = (this.#products / this.#weight - rows * perRowMs) / spread;
    const b = Math.max(0, slope);
    const a = perRowMs - b * rows;
    return a >= 0 ? [a, b] : [0, this.#products / this.#squares];
  }
}
