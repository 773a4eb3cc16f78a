/** Drills: what each scenario cost, as measured and as predicted, and one picture of each over time. */
import type { Failover, TimelineEntry, Transition } from '../../../lib/model/failover.ts';
import {
  brokenOnTheWayBack,
  detection,
  type DrillRow,
  drillCells,
  drillGroups,
  drillOutcomes,
  errorsText,
  projection,
  rangeText,
  rowOf,
  worstOf,
} from '../../failover.ts';
import { words } from '../../language/index.ts';
import { count, duration, percent } from '../../units.ts';
import { brief } from '../../visible.ts';
import { lanesChart } from '../charts/lanes.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge } from '../symbols.ts';
import type { View } from '../view.ts';

const mostEvents = 60;
const mostCounts = 8;
const mostDrills = 50;

export function failoverSection({ record }: View): Markup {
  const { failovers } = record;
  if (failovers.length === 0) return nothing;
  const { failover: say } = words();
  const groups = drillGroups(failovers);
  const projected = projection(failovers);
  return html`<section id="failover" aria-labelledby="failover-title">
    <h2 id="failover-title">${say.title}</h2>
    <p>${say.intro}</p>
    ${overview(groups.map(rowOf))}
    ${projected === undefined ? nothing : html`<p><b>${say.projected}</b> ${words().summary.ended(projected)}</p>`}
    ${groups.map(scenario)}
  </section>`;
}

function result(outcome: Failover['outcome']): Markup {
  return badge(drillOutcomes[outcome], words().failover.outcomes[outcome]);
}

function overview(rows: readonly DrillRow[]): Markup {
  const { failover: say } = words();
  const [scenarioHead = '', ...heads] = say.columns;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${say.label}">
    <table class="numbers drills">
      <thead>
        <tr>
          ${[scenarioHead, say.result, ...heads].map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => {
          const [name = '', , ...cells] = drillCells(row);
          return html`<tr>
            <th scope="row"><code>${brief(name, 60)}</code></th>
            <td>${result(row.outcome)}</td>
            <td>${say.loads[row.load]}</td>
            ${cells.map((cell) => html`<td>${cell}</td>`)}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

function scenario(drills: readonly Failover[]): Markup {
  const { failover: say } = words();
  const drill = worstOf(drills);
  if (drill === undefined) return nothing;
  const reasons = rowOf(drills).reasons;
  return html`<h3>
      <code>${brief(drill.scenario, 60)}</code>
      <span class="quiet"
        >${words().summary.and([say.scenarios[drill.scenario], say.loads[drill.load], brief(drill.service, 255)])}</span
      >
      ${result(rowOf(drills).outcome)}
    </h3>
    ${reasons.slice(0, 5).map((reason) => html`<p>${brief(reason)}</p>`)}
    ${drills.length > 1 ? html`<p class="note">${say.drawn(drill.repeat, drill.of)}</p>` : nothing}
    <figure class="drill">
      <div class="scroll" tabindex="0" role="group" aria-label="${brief(drill.scenario, 60)}">${lanesChart(drill)}</div>
      ${legend(drill)}
    </figure>
    ${ways(drill)} ${notes(drill)} ${inOrder(drill)} ${drills.length > 1 ? each(drills) : nothing}`;
}

/** Of what the picture has; a shape for each, drawn as it is there. */
function legend({ takeover, failback, connections, timeline, client }: Failover): Markup {
  const { legend: say, phases } = words().failover;
  const named = new Set(
    [...takeover.phases, ...failback.phases].flatMap(({ name, fromMs, toMs }) => (toMs > fromMs ? [name] : [])),
  );
  const swatch = (kind: string, text: string) =>
    html`<span class="swatch"
      ><svg width="18" height="12" aria-hidden="true"><rect x="1" y="1" width="16" height="10" class="${kind}" /></svg
      >${text}</span
    >`;
  const line = (kind: string, path: string, text: string) =>
    html`<span class="swatch"
      ><svg width="18" height="12" aria-hidden="true"><path d="${path}" class="${kind}" /></svg>${text}</span
    >`;
  return html`<figcaption class="legend">
    ${line('did step', 'M9 0v12', say.step)} ${line('did undo', 'M9 0v12', say.undo)}
    ${(['detect', 'converge', 'settle'] as const).filter((name) => named.has(name)).map((name) => swatch(`phase-${name}`, phases[name]))}
    ${line('bracket', 'M1 2v8M17 2v8M1 6H17', say.predicted)} ${swatch('bar', say.vip)} ${swatch('table', say.table)}
    ${timeline.some(({ kind, value }) => kind === 'synced-entries' && value !== '0') ? line('synced', 'M0 10H6V6H12V2H18', say.synced) : nothing}
    ${swatch('answered', say.answered)} ${client.failed.some((n) => n > 0) ? swatch('failed', say.failed) : nothing}
    ${connections.endedMs.length > 0 ? line('broke', 'M5 2l8 8m0 -8l-8 8', say.broke) : nothing}
  </figcaption>`;
}

/** Until it was taken back, and the way back: measured beside predicted. */
function ways(drill: Failover): Markup {
  const { failover: say } = words();
  const row = (name: string, way: Transition) => {
    const [noticed] = detection(way);
    return html`<tr>
      <th scope="row">${name}</th>
      <td>${noticed === undefined ? '–' : duration(noticed)}</td>
      <td>${rangeText(way.predicted?.reaction)}</td>
      <td><b>${duration(way.outageMs)}</b>${way.endless ? html` ${say.endless}` : nothing}</td>
      <td>${rangeText(way.predicted?.outage)}</td>
      <td>${duration(way.longestGapMs)}</td>
      <td>${count(way.probes)}</td>
      <td>${count(way.failed)}</td>
      <td>${way.owner === undefined ? '–' : html`<span class="host">${brief(way.owner, 255)}</span>`}</td>
    </tr>`;
  };
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${say.measuredLabel}">
    <table class="numbers">
      <thead>
        <tr>
          ${say.wayColumns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${row(say.ways.takeover, drill.takeover)} ${row(say.ways.failback, drill.failback)}
      </tbody>
    </table>
  </div>`;
}

function notes(drill: Failover): Markup {
  const { failover: say } = words();
  const { survived, reset, hung } = drill.connections;
  const because = [drill.takeover, drill.failback].flatMap(({ predicted }) => predicted?.because ?? []);
  return html`<p class="figures">
      <span>${say.connections} <b>${say.kept(survived, reset, hung, brokenOnTheWayBack(drill))}</b></span>
      <span>${errorsText([drill])}</span>
      ${drill.sorry > 0 ? html`<span>${say.sorry(count(drill.sorry))}</span>` : nothing}
      <span>${say.availability} <b>${percent(drill.availability, 2)}</b></span>
    </p>
    ${
      because.length === 0
        ? nothing
        : html`<p class="label">${say.because}</p>
            <ul class="because">
              ${because.slice(0, 12).map((clause) => html`<li>${brief(clause)}</li>`)}
            </ul>`
    }
    <p class="note">${say.loadAverage(drill.loadAverage.toFixed(2))}</p>`;
}

/** The picture in words. Of the peer's entries, which change all the time, the first counts. */
function inOrder({ timeline }: Failover): Markup {
  const { failover: say } = words();
  const counts = timeline.filter(({ kind }) => kind === 'synced-entries');
  const kept = new Set<TimelineEntry>(counts.slice(0, mostCounts));
  const events = timeline.filter((entry) => entry.kind !== 'synced-entries' || kept.has(entry));
  if (events.length === 0) return nothing;
  return html`<details>
    <summary>${say.inOrder}</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="${say.inOrder}">
      <table class="numbers">
        <thead>
          <tr>
            ${say.eventColumns.map((column, index) => html`<th scope="col" ${index > 1 ? html` class="wide"` : nothing}>${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${events.slice(0, mostEvents).map(
            ({ atMs, errorMs, host, kind, value }) =>
              html`<tr>
                <td>${seconds(atMs)}</td>
                <td>± ${duration(errorMs)}</td>
                <td class="wide"><span class="host">${brief(host, 255)}</span></td>
                <td class="wide">${say.events[kind](brief(value, 300))}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${counts.length > kept.size ? html`<p class="note">${say.countsLeftOut(counts.length - kept.size)}</p>` : nothing}
    ${events.length > mostEvents ? html`<p class="note">${say.moreEvents(events.length - mostEvents)}</p>` : nothing}
  </details>`;
}

function each(drills: readonly Failover[]): Markup {
  const { failover: say } = words();
  return html`<details>
    <summary>${say.each}</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="${say.each}">
      <table class="numbers">
        <thead>
          <tr>
            ${say.eachColumns.map((column, index) => html`<th scope="col" ${index === say.eachColumns.length - 1 ? html` class="wide"` : nothing}>${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${drills.slice(0, mostDrills).map((drill) => {
            const [noticed] = detection(drill.takeover);
            const { survived, reset, hung } = drill.connections;
            return html`<tr>
              <th scope="row">${say.which(drill.repeat, drill.of)}</th>
              <td>${result(drill.outcome)}</td>
              <td>${duration(drill.takeover.outageMs)}</td>
              <td>${noticed === undefined ? '–' : duration(noticed)}</td>
              <td>${duration(drill.failback.outageMs)}</td>
              <td>${say.kept(survived, reset, hung, brokenOnTheWayBack(drill))}</td>
              <td class="wide">${brief(drill.reason ?? '')}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </details>`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
