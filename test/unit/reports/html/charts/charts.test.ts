import { expect } from 'chai';
import fc from 'fast-check';
import type { LatencySummary } from '../../../../../lib/model/load-result.ts';
import type { Sampling, TableSample } from '../../../../../lib/model/sampling.ts';
import { latencyTimeChart } from '../../../../../reports/html/charts/latency-time.ts';
import { liveFigure, liveLatency, liveRate } from '../../../../../reports/html/charts/live.ts';
import { latencyChart } from '../../../../../reports/html/charts/latencies.ts';
import { area } from '../../../../../reports/html/charts/plot.ts';
import { elapsed, linear, logarithmic } from '../../../../../reports/html/charts/scale.ts';
import { shareBar } from '../../../../../reports/html/charts/shares.ts';
import { endOf, highestOf, liveStates, statesChart, statesOf } from '../../../../../reports/html/charts/states.ts';
import { nothing } from '../../../../../reports/html/markup.ts';
import { timelineChart } from '../../../../../reports/html/charts/timeline.ts';

/** Templates break lines between attributes. */
const flat = (svg: { toString(): string }) => svg.toString().replace(/\s+/g, ' ').replace(/ \/?>/g, '/>');

/** Every coordinate is a number, inside the frame. */
function expectSound(svg: string): void {
  expect(svg).to.not.match(/NaN|Infinity|undefined|e[+-]\d/);
  for (const [, name, value] of svg.matchAll(/ (x|y|width|height)="(-?[\d.]+)"/g)) {
    expect(Number(value), name).to.be.within(0, area.width);
  }
  for (const [, path] of svg.matchAll(/ d="([^"]*)"/g)) expect(path).to.match(/^[MVHz\d. -]*v?4?$|^M[\d. ]+v\d+$/);
}

const latency = (over: Partial<LatencySummary> = {}): LatencySummary => ({
  count: 100,
  minMs: 0.4,
  meanMs: 1.2,
  p50Ms: 1,
  p90Ms: 2,
  p99Ms: 9,
  maxMs: 12,
  buckets: [
    [0.5, 10],
    [1, 50],
    [5, 39],
    [12, 1],
  ],
  ...over,
});

function sampling(samples: readonly TableSample[], gaps: Sampling['gaps'] = []): Sampling {
  return { service: 'web', host: 'director1', intervalMs: 500, samples, gaps, costShare: 0.01, counters: [] };
}

const sample = (
  atMs: number,
  entries: Readonly<Record<string, number>>,
  destination = '10.10.10.20:80',
): TableSample => ({
  atMs,
  counts: Object.entries(entries).map(([state, n]) => ({
    destination,
    state,
    entries: n,
    stuck: state === 'SYN_RECV' ? n : 0,
  })),
  entries: 0,
  costMs: 1,
});

function drawn(of: Sampling): string {
  const all = statesOf(of);
  return all
    .map((one) => statesChart(one, of.gaps, highestOf(all), endOf(of, all)).toString())
    .join('\n')
    .replace(/\s+/g, ' ');
}

describe('scales', () => {
  it('stay inside their range whatever the numbers are', () => {
    const numbers = fc.oneof(fc.double(), fc.constantFrom(0, -1, NaN, Infinity, 1e-300, 1e300, Number.MAX_VALUE));
    fc.assert(
      fc.property(numbers, numbers, numbers, (least, most, value) => {
        for (const scale of [linear(most, 10, 200), elapsed(most, 10, 200), logarithmic(least, most, 10, 200)]) {
          expect(scale(value)).to.be.within(10, 200);
          expect(scale.ticks.length).to.be.below(60);
          for (const tick of scale.ticks) expect(Number.isFinite(tick)).to.equal(true);
        }
      }),
    );
  });

  it('have round ticks', () => {
    expect(linear(873, 0, 1).ticks).to.deep.equal([0, 500, 1000]);
    expect(linear(666, 0, 1).ticks).to.deep.equal([0, 200, 400, 600, 800]);
    expect(linear(0, 0, 1).ticks).to.deep.equal([0, 0.5, 1]);
    expect(elapsed(16.9, 0, 1).ticks).to.deep.equal([0, 5, 10, 15]);
    expect(logarithmic(0.2, 30, 0, 1).ticks).to.deep.equal([0.3, 1, 3, 10, 30]);
  });
});

describe('latency chart', () => {
  const cases: [string, LatencySummary][] = [
    ['ordinary', latency()],
    ['one value', latency({ count: 1, minMs: 1, p50Ms: 1, p90Ms: 1, p99Ms: 1, maxMs: 1, buckets: [[1, 1]] })],
    ['no bucket', latency({ count: 0, minMs: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0, buckets: [] })],
    [
      'huge',
      latency({
        maxMs: 1e12,
        p99Ms: 1e11,
        buckets: [
          [1e-6, 1e15],
          [1e12, 1],
        ],
      }),
    ],
    [
      'not finite',
      latency({
        minMs: NaN,
        p50Ms: NaN,
        maxMs: Infinity,
        buckets: [
          [NaN, 1],
          [Infinity, 2],
          [1, NaN],
        ],
      }),
    ],
  ];
  for (const [name, summary] of cases) {
    it(`is sound: ${name}`, () => {
      expectSound(flat(latencyChart('Time to connect', summary)));
    });
  }

  it('says its figures in words', () => {
    expect(latencyChart('Time to connect', latency()).toString()).to.contain(
      'aria-label="Time to connect, 100 values: p50 1.00 ms, p90 2.00 ms, p99 9.00 ms, longest 12.0 ms"',
    );
  });

  it('leaves no hole where a bucket spans several bars', () => {
    const svg = flat(
      latencyChart(
        'x',
        latency({
          minMs: 1,
          maxMs: 100,
          buckets: [
            [1, 0],
            [10, 100],
            [100, 100],
          ],
        }),
      ),
    );
    const bars = [...svg.matchAll(/<rect x="([\d.]+)"[^>]*class="bar"/g)].map(([, x]) => Number(x));
    const steps = bars.slice(1).map((x, index) => Math.round(x - (bars[index] ?? 0)));
    expect(bars.length).to.be.above(30);
    expect(new Set(steps)).to.deep.equal(new Set([9]));
  });
});

describe('connection state chart', () => {
  it('puts SYN_RECV at the bottom and keeps its peak', () => {
    const [one] = statesOf(
      sampling([sample(0, { ESTABLISHED: 3, SYN_RECV: 5 }), sample(500, { SYN_RECV: 9, UDP: 1 })]),
    );
    expect(one?.states).to.deep.equal(['SYN_RECV', 'ESTABLISHED', 'UDP']);
    expect(one?.peaks.get('SYN_RECV')).to.equal(9);
    expect(one?.stuckPeak).to.equal(9);
  });

  it('holds a value until the next sample and never into a gap', () => {
    const of = sampling(
      [sample(0, { SYN_RECV: 1 }), sample(500, { SYN_RECV: 1 }), sample(3000, { SYN_RECV: 1 })],
      [{ fromMs: 800, toMs: 3000, reason: 'slow' }],
    );
    const [one] = statesOf(of);
    expect(one?.steps.map(({ fromMs, toMs }) => [fromMs, toMs])).to.deep.equal([
      [0, 500],
      [500, 800],
      [3000, 3500],
    ]);
    expect(drawn(of)).to.contain('class="gap"').and.to.contain('no samples for 2.20 s: slow');
  });

  it('shows the highest of several samples where there are more than can be drawn', () => {
    const many = Array.from({ length: 3600 }, (_, index) =>
      sample(index * 1000, { SYN_RECV: index === 1801 ? 77 : 1 }),
    );
    const [one] = statesOf(sampling(many));
    expect(one?.steps.length).to.be.at.most(200);
    expect(Math.max(...(one?.steps ?? []).map(({ entries }) => entries.get('SYN_RECV') ?? 0))).to.equal(77);
  });

  const cases: [string, Sampling][] = [
    ['no entry at all', sampling([sample(0, { SYN_RECV: 0 })])],
    ['one sample', sampling([sample(0, { ESTABLISHED: 4 })])],
    ['huge', sampling([sample(0, { ESTABLISHED: 1e15 }), sample(1e9, { SYN_RECV: 1 })])],
    ['not finite', sampling([sample(0, { ESTABLISHED: NaN }), sample(NaN, { SYN_RECV: 2 })])],
    ['gap only at the end', sampling([sample(0, { ESTABLISHED: 4 })], [{ fromMs: 100, toMs: 9000, reason: 'x' }])],
  ];
  for (const [name, of] of cases) {
    it(`is sound: ${name}`, () => {
      expectSound(drawn(of));
    });
  }

  it('draws nothing of a sampling without samples', () => {
    expect(statesOf(sampling([]))).to.deep.equal([]);
  });
});

describe('timeline', () => {
  const row = (answered: number, failed: number) => ({ atMs: 0, answered, failed });
  for (const [name, rows] of [
    ['one second', [row(5, 0)]],
    ['nothing', [row(0, 0)]],
    ['an hour', Array.from({ length: 3600 }, () => row(1000, 1))],
    ['huge', [row(1e18, 1), row(1, 1e18)]],
    ['not finite', [row(NaN, Infinity), row(1, 1)]],
  ] as const) {
    it(`is sound: ${name}`, () => {
      expectSound(flat(timelineChart(rows)));
    });
  }

  it('shows a single failure among many answers', () => {
    expect(flat(timelineChart([row(100_000, 1)]))).to.match(/height="1" class="failed"/);
  });
});

describe('share bar', () => {
  for (const [expected, observed, most] of [
    [0.5, 0.25, 0.5],
    [0, 0, 0],
    [NaN, NaN, NaN],
    [1, 1, 1],
  ] as const) {
    it(`is sound: ${expected} ${observed} ${most}`, () => {
      const svg = flat(shareBar(expected, observed, most));
      expect(svg).to.not.match(/NaN|Infinity/);
    });
  }
});

describe('latency over time', () => {
  const timeline = [
    { atMs: 0, answered: 5, failed: 0, p50Ms: 2, p99Ms: 9 },
    { atMs: 1000, answered: 5, failed: 0, p50Ms: 4, p99Ms: 12 },
    { atMs: 2000, answered: 0, failed: 3 },
    { atMs: 3000, answered: 5, failed: 0, p50Ms: 1, p99Ms: 40 },
  ];

  it('is a line for the median and one for the 99th percentile, broken where nothing was answered', () => {
    const svg = flat(latencyTimeChart(timeline));
    expect(svg).to.contain(
      'aria-label="Latency of each second over 4 seconds: p50 at most 4.00 ms, p99 at most 40.0 ms"',
    );
    for (const kind of ['line-p50', 'line-p99']) {
      const path = new RegExp(`d="([^"]*)" class="${kind}"`).exec(svg)?.[1];
      expect(path?.match(/[ML]/g)?.join('')).to.equal('MLM');
    }
  });

  it('keeps the highest of the seconds that share a point', () => {
    const hour = Array.from({ length: 3600 }, (_, second) => ({
      atMs: second * 1000,
      answered: 1,
      failed: 0,
      p50Ms: 1,
      p99Ms: second === 1234 ? 900 : 5,
    }));
    const svg = flat(latencyTimeChart(hour));
    expect(svg.length).to.be.below(8000);
    expect(svg).to.match(new RegExp(`L[\\d.]+ ${area.top + 15}[\\d.]*L[\\d.]+ 17\\d`));
  });
});

describe('what a chart is zoomed from', () => {
  const read = (markup: { toString(): string }): Partial<Record<string, string>> =>
    Object.fromEntries(
      [...markup.toString().matchAll(/data-(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value] as const),
    );

  it('is every second of the load, whole', () => {
    const rate = read(
      liveFigure(
        liveRate(
          [
            { atMs: 0, answered: 7, failed: 0 },
            { atMs: 1000, answered: 5, failed: 2 },
          ],
          { failed: 'failed', answered: 'answered' },
        ),
        nothing,
      ),
    );
    expect(rate).to.deep.equal({
      live: 'stacked',
      unit: '',
      names: '[&quot;failed&quot;,&quot;answered&quot;]',
      kinds: 'failed bar',
      at: '0+1000x2',
      values: '0,2,2;7,5,5',
      own: '',
      sync: '',
    });
    const latency = read(
      liveFigure(
        liveLatency([
          { atMs: 0, answered: 1, failed: 0, p50Ms: 1, p99Ms: 2 },
          { atMs: 1000, answered: 0, failed: 1 },
        ]),
        nothing,
      ),
    );
    expect(latency).to.include({ at: '0+1000x1', values: '2,;1,', kinds: 'line-p99 line-p50', unit: 'ms' });
  });

  it('has no values in a gap, and the counts of the kernel at moments of their own', () => {
    const count = (state: string, entries: number) => ({ destination: 'a', state, entries, stuck: 0 });
    const [states] = statesOf({
      ...sampling(
        [0, 1000, 9000].map((atMs) => ({
          atMs,
          counts: [count('ESTABLISHED', 3 + atMs / 1000)],
          entries: 1,
          costMs: 1,
        })),
        [{ fromMs: 1500, toMs: 8800, reason: 'busy' }],
      ),
      levels: {
        intervalMs: 250,
        destinations: ['a'],
        rows: [
          [10, 1, 2],
          [260, 2, 2],
          [400, 3, 3],
        ],
        totals: [],
      },
    });
    if (states === undefined) throw new RangeError('one destination was sampled');
    const { values, at, own } = read(liveFigure(liveStates(states), nothing));
    expect(values?.split(';')).to.deep.equal(['3,4,,12,', '3,4,6']);
    expect(own).to.equal('10,250,140');
    expect(at?.startsWith('0,1000,500,')).to.equal(true);
  });

  it('cannot break out of its attributes', () => {
    const markup = liveFigure(
      {
        shape: 'stacked',
        unit: '',
        atMs: [0],
        series: [{ name: '" onx="1"><script>', kind: 's-other', values: [1] }],
      },
      nothing,
      '" onx="2"',
    ).toString();
    expect(markup).to.not.match(/<script|" onx/);
  });
});
