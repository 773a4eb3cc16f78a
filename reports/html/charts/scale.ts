/** Numbers to coordinates. Whatever the numbers are, what comes out is finite and inside the range. */

export interface Scale {
  (value: number): number;
  /** Values worth a label. */
  readonly ticks: readonly number[];
}

/** From 0 to a round number at or above `most`. */
export function linear(most: number, from: number, to: number, wanted = 4): Scale {
  const top = bounded(most, 1);
  const step = roundStep(top / wanted);
  const end = step * Math.ceil(top / step - 1e-9);
  const ticks: number[] = [];
  for (let index = 0; index <= Math.min(20, Math.round(end / step)); index += 1) ticks.push(clean(index * step));
  return Object.assign((value: number) => place(value / end, from, to), { ticks });
}

/** From 0 to `most` itself: for time, which should fill the width. */
export function elapsed(most: number, from: number, to: number): Scale {
  const top = bounded(most, 1);
  const { ticks } = linear(top, from, to, 5);
  return Object.assign((value: number) => place(value / top, from, to), { ticks: ticks.filter((tick) => tick <= top) });
}

/** Between two moments, 0 among them or not: for time that has a moment of its own for 0. */
export function span(least: number, most: number, from: number, to: number, wanted = 10): Scale {
  const low = Number.isFinite(least) ? least : 0;
  const length = bounded(most - low, 1);
  const step = roundStep(length / wanted);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step - 1e-9); tick * step <= low + length && ticks.length < 40; tick += 1)
    ticks.push(clean(tick * step));
  return Object.assign((value: number) => place((value - low) / length, from, to), { ticks });
}

/** Logarithmic between two positive values; ticks at 1, 2, 5 of each decade, fewer when there are many decades. */
export function logarithmic(least: number, most: number, from: number, to: number): Scale {
  const low = Math.log10(bounded(least, 0.001));
  const high = Math.max(low + 0.3, Math.log10(bounded(most, 0.001)));
  const decades = high - low;
  const leads = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  const stride = Math.max(1, Math.ceil(decades / 8));
  for (let exponent = Math.floor(low); exponent <= high && ticks.length < 40; exponent += stride) {
    for (const lead of leads) {
      const tick = lead * 10 ** exponent;
      if (Math.log10(tick) >= low - 1e-9 && Math.log10(tick) <= high + 1e-9) ticks.push(clean(tick));
    }
  }
  return Object.assign((value: number) => place(value > 0 ? (Math.log10(value) - low) / decades : 0, from, to), {
    ticks,
  });
}

/** Coordinates need no more than two decimals. */
export function at(coordinate: number): string {
  return String(Math.round(coordinate * 100) / 100);
}

function place(share: number, from: number, to: number): number {
  const inside = Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
  return from + inside * (to - from);
}

/** A positive value that can be drawn with; `instead` where there is none. */
function bounded(value: number, instead: number): number {
  return Number.isFinite(value) && value > 0 ? Math.min(1e15, Math.max(1e-9, value)) : instead;
}

/** 1, 2 or 5 times a power of ten, at or above the value. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const lead = value / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

function clean(value: number): number {
  return Number(value.toPrecision(10));
}
