/**
 * A drill over time, a lane for each who takes part: its phases and outage with what was predicted, each director with the
 * VIP, its table and the entries it has of its peer, and the client's probes. What was done is drawn across all lanes.
 */
import type { Failover, TimelineEntry } from '../../../lib/model/failover.ts';
import { errorsText, rangeText } from '../../failover.ts';
import { words } from '../../language/index.ts';
import { duration } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { directorsOf, ownersOf, spanOf } from './holding.ts';
import {
  clientLanes,
  directorLanes,
  highest,
  type Lane,
  left,
  letter,
  outageLane,
  phaseLane,
  right,
  type Time,
} from './lane-parts.ts';
import { at, span } from './scale.ts';

const width = 960;
const head = 34;
export function lanesChart(drill: Failover): Markup {
  const [fromMs, toMs] = spanOf(drill);
  const x = span(fromMs / 1000, toMs / 1000, left, right);
  const time = (ms: number) => x(ms / 1000);
  const lanes = [
    phaseLane(drill, time),
    outageLane(drill, time),
    ...directorsOf(drill).flatMap((director, _, all) => directorLanes(director, highest(all), time)),
    ...clientLanes(drill, time),
  ];
  let bottom = head;
  const strips = lanes.map((lane) => {
    const top = bottom + (lane.group === undefined ? 2 : 8);
    bottom = top + lane.height;
    return strip(lane, top);
  });
  bottom += 4;
  const ticks = x.ticks.map(
    (tick) =>
      html`<path d="M${at(x(tick))} ${head}V${bottom + 4}" class="grid" /><text
          x="${at(x(tick))}"
          y="${bottom + 16}"
          class="tick middle"
          >${String(tick)}</text
        >`,
  );
  const { chart } = words().failover;
  return html`<svg class="lanes" viewBox="0 0 ${width} ${bottom + 36}" role="img" aria-label="${summaryOf(drill)}">
    ${ticks}${strips}
    <path d="M${left} ${bottom}H${right}" class="axis" />
    ${doings(drill, time, bottom)}
    <text x="${right}" y="${bottom + 32}" class="tick end">${chart.seconds}</text>
  </svg>`;
}

function summaryOf(drill: Failover): string {
  const { chart } = words().failover;
  const { before, after } = ownersOf(drill);
  const owner =
    before === undefined || after === undefined
      ? chart.nobody
      : before === after
        ? chart.stayed(brief(before, 60))
        : chart.moved(brief(before, 60), brief(after, 60));
  const { takeover, scenario } = drill;
  return chart.summary(
    scenario,
    duration(takeover.outageMs),
    rangeText(takeover.predicted?.outage),
    owner,
    errorsText([drill]),
  );
}

function strip({ label, group, draw }: Lane, top: number): Markup {
  return html`${
      group === undefined
        ? nothing
        : html`<text x="2" y="${top + 12}" class="tick strong host"
            >${group.length > 14 ? `${group.slice(0, 13)}…` : group}<title>${group}</title></text
          >`
    }<text x="${left - 8}" y="${top + 12}" class="tick end">${label}</text> ${draw(top)}`;
}

/** What was done and taken back, across all lanes, with how far off it may be. The same thing on several hosts is one. */
function doings({ timeline }: Failover, time: Time, bottom: number): readonly Markup[] {
  const { events } = words().failover;
  return (['step', 'undo'] as const).flatMap((kind, row) => {
    const groups = new Map<string, TimelineEntry[]>();
    for (const entry of timeline.filter((one) => one.kind === kind)) {
      const key = `${entry.atMs} ${entry.value}`;
      groups.set(key, [...(groups.get(key) ?? []), entry]);
    }
    return [...groups.values()].flatMap((entries) => {
      const [first] = entries;
      if (first === undefined) return [];
      const place = time(first.atMs);
      const hosts = entries.map(({ host }) => brief(host, 40));
      const text = `${events[kind](brief(first.value, 70))} (${words().summary.and(hosts.slice(0, 4))}${hosts.length > 4 ? '…' : ''})`;
      // Bold letters are wider.
      const early = place + 5 + text.length * letter * 1.1 <= right;
      return [
        html`<path d="M${at(place)} ${row === 0 ? 6 : 20}V${bottom}" class="did ${kind}" />`,
        html`<text
          x="${at(place + (early ? 5 : -5))}"
          y="${row === 0 ? 13 : 28}"
          class="tick strong halo${early ? '' : ' end'}"
          >${text}<title>± ${duration(first.errorMs)}</title></text
        >`,
      ];
    });
  });
}
