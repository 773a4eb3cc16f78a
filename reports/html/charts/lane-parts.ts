/** The strips of the picture of a drill. */
import type { Failover, Range, Transition } from '../../../lib/model/failover.ts';
import { words } from '../../language/index.ts';
import { count, duration } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { Director } from './holding.ts';
import { at, linear, type Scale } from './scale.ts';

/** Where time begins and ends in the picture. */
export const [left, right] = [176, 950];

/** About what a letter of 11 px takes. */
export const letter = 6.2;

/** One strip of the picture: what it is called, and what is in it from its top down. */
export interface Lane {
  readonly label: string;
  /** In front of the label of the first strip of a group. */
  readonly group?: string;
  readonly height: number;
  readonly draw: (top: number) => readonly Markup[];
}

export type Time = (ms: number) => number;

function bar(time: Time, fromMs: number, toMs: number, box: { y: number; height: number; of: string; said: string }) {
  const from = time(fromMs);
  return html`<rect
    x="${at(from)}"
    y="${box.y}"
    width="${at(Math.max(1.5, time(toMs) - from))}"
    height="${box.height}"
    class="${box.of}"
    ><title>${box.said}</title></rect
  >`;
}

/** Two ends with a line between them, and what is between is predicted. */
function bracket(time: Time, fromMs: number, range: Range, y: number): Markup {
  const [low, high] = [time(fromMs + range.minMs), time(fromMs + range.maxMs)];
  const { chart } = words().failover;
  return html`<path
    d="M${at(low)} ${y - 3}v6M${at(Math.max(low + 1, high))} ${y - 3}v6M${at(low)} ${y}H${at(high)}"
    class="bracket"
    ><title>${chart.predicted(duration(range.minMs), duration(range.maxMs))}</title></path
  >`;
}

/** When what was done took effect: the cluster's reaction and the outage are counted from there. */
const effectMs = ({ phases, beganMs }: Transition): number => phases[0]?.fromMs ?? beganMs;

export function phaseLane({ takeover, failback }: Failover, time: Time): Lane {
  const { chart, phases: names } = words().failover;
  const drawn = (top: number) =>
    [takeover, failback].flatMap(({ phases }) =>
      phases
        .filter(({ fromMs, toMs }) => toMs > fromMs)
        .map(({ name, fromMs, toMs }) => {
          const said = chart.each(names[name], seconds(fromMs), seconds(toMs));
          const room = time(toMs) - time(fromMs) > names[name].length * letter + 8;
          return [
            bar(time, fromMs, toMs, { y: top, height: 16, of: `phase-${name}`, said }),
            room
              ? html`<text x="${at(time(fromMs) + 4)}" y="${top + 12}" class="tick on halo">${names[name]}</text>`
              : nothing,
          ];
        })
        .flat(),
    );
  return {
    label: '',
    group: chart.phases,
    height: 24,
    draw: (top) => [
      ...drawn(top),
      ...[takeover, failback].flatMap((one) =>
        one.predicted === undefined || one.predicted.reaction.maxMs === 0
          ? []
          : [bracket(time, effectMs(one), one.predicted.reaction, top + 21)],
      ),
    ],
  };
}

export function outageLane({ takeover, failback }: Failover, time: Time): Lane {
  const { chart } = words().failover;
  return {
    label: '',
    group: chart.outage,
    height: 24,
    draw: (top) =>
      [takeover, failback].flatMap((one) => {
        const { firstFailureMs, steadyMs = one.endedMs, outageMs, predicted } = one;
        const measured =
          firstFailureMs === undefined
            ? []
            : [
                bar(time, firstFailureMs, steadyMs, {
                  y: top,
                  height: 16,
                  of: 'failed',
                  said: chart.each(chart.outage, seconds(firstFailureMs), seconds(steadyMs)),
                }),
                outageText(duration(outageMs), time(firstFailureMs), time(steadyMs), top),
              ];
        return [
          ...measured,
          ...(predicted === undefined
            ? []
            : [bracket(time, firstFailureMs ?? effectMs(one), predicted.outage, top + 21)]),
        ];
      }),
  };
}

/** In its bar where there is room, else after it. */
function outageText(text: string, from: number, to: number, top: number): Markup {
  const inside = to - from > text.length * letter + 16;
  const x = inside ? from + 8 : Math.min(to + 5, right - text.length * letter);
  return html`<text x="${at(x)}" y="${top + 12}" class="tick strong halo">${text}</text>`;
}

/** Most entries from a peer, of any director. */
export function highest(directors: readonly Director[]): number {
  return directors.reduce((most, { synced }) => synced.reduce((high, { entries }) => Math.max(high, entries), most), 0);
}

export function directorLanes(
  { name, holdings, destinations, synced }: Director,
  most: number,
  time: Time,
): readonly Lane[] {
  const { chart, legend } = words().failover;
  const vip: Lane = {
    label: chart.vip,
    group: brief(name, 255),
    height: 16,
    draw: (top) =>
      holdings
        .filter(({ value }) => value !== false)
        .map(({ fromMs, toMs, errorMs, value }) =>
          bar(time, fromMs, toMs, {
            y: top,
            height: 16,
            of: value === undefined ? 'gap' : 'bar',
            said: chart.between(
              value === undefined ? chart.notKnown : legend.vip,
              seconds(fromMs),
              seconds(toMs),
              duration(errorMs),
            ),
          }),
        ),
  };
  const table: Lane = {
    label: chart.table,
    height: 16,
    draw: (top) =>
      destinations.flatMap(({ fromMs, toMs, errorMs, value }) => {
        const said = chart.between(chart.destinations(value.length), seconds(fromMs), seconds(toMs), duration(errorMs));
        const room = time(toMs) - time(fromMs);
        const long = chart.destinations(value.length);
        const text = room > long.length * letter + 8 ? long : room > 12 ? count(value.length) : '';
        return [
          bar(time, fromMs, toMs, { y: top, height: 16, of: value.length === 0 ? 'table none' : 'table', said }),
          text === ''
            ? nothing
            : html`<text x="${at(time(fromMs) + 4)}" y="${top + 12}" class="tick on halo">${text}</text>`,
        ];
      }),
  };
  if (synced.every(({ entries }) => entries === 0)) return destinations.length === 0 ? [vip] : [vip, table];
  const own = synced.reduce((high, { entries }) => Math.max(high, entries), 0);
  const line: Lane = {
    label: chart.synced(own),
    height: 18,
    draw: (top) => [syncedLine(synced, linear(most, top + 17, top + 2, 1), time)],
  };
  return [vip, table, line];
}

function syncedLine(synced: Director['synced'], y: Scale, time: Time): Markup {
  const path = synced.map(
    ({ atMs, entries }, index) => `${index === 0 ? `M${at(time(atMs))} ` : `H${at(time(atMs))}V`}${at(y(entries))}`,
  );
  return html`<path d="${path.join('')}H${right}" class="synced" />`;
}

/** A strip for answered probes and one for each way to fail, a mark for each tenth of a second; broken connections below. */
export function clientLanes({ client, connections, takeover, failback }: Failover, time: Time): readonly Lane[] {
  const { chart } = words().failover;
  const marks = (counts: readonly number[], of: string, all: readonly number[]) => (top: number) => {
    const path = counts.map((n, index) => {
      if (!(n > 0)) return '';
      const from = time(client.fromMs + index * 100);
      const tall = 3 + 11 * Math.min(1, n / Math.max(1, all[index] ?? n));
      return `M${at(from)} ${top + 15}v-${at(tall)}h${at(Math.max(1, time(client.fromMs + (index + 1) * 100) - from))}v${at(tall)}z`;
    });
    return [html`<path d="${path.join('')}" class="${of}" />`];
  };
  const all = client.answered.map((n, index) => n + (client.failed[index] ?? 0));
  const kinds = Object.entries(client.kinds ?? knownKind(client.failed, takeover, failback)).filter(([, counts]) =>
    counts.some((n) => n > 0),
  );
  return [
    { label: chart.answered, group: chart.client, height: 16, draw: marks(client.answered, 'answered', all) },
    ...kinds.map(([kind, counts]) => ({ label: brief(kind, 24), height: 16, draw: marks(counts, 'failed', all) })),
    ...(connections.endedMs.length === 0
      ? []
      : [
          {
            label: chart.kept,
            height: 16,
            draw: (top: number) =>
              connections.endedMs.map(
                (ms) =>
                  html`<path d="M${at(time(ms) - 4)} ${top + 4}l8 8m0 -8l-8 8" class="broke"
                    ><title>${chart.broke}, ${seconds(ms)}</title></path
                  >`,
              ),
          },
        ]),
  ];
}

/** Records before 0.2 have kinds for a whole transition only. */
function knownKind(
  failed: readonly number[],
  ...ways: readonly Transition[]
): Readonly<Record<string, readonly number[]>> {
  const kinds = [...new Set(ways.flatMap(({ errors }) => Object.keys(errors)))];
  const [only] = kinds;
  return { [kinds.length === 1 && only !== undefined ? only : words().failover.chart.failed]: failed };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
