/** What was asked of the VIP and what came back: requests, failures by kind, latencies. */
import type { LatencySummary, LoadResult } from '../../../lib/model/load-result.ts';
import { words } from '../../language/index.ts';
import { count, duration, percent, rate } from '../../units.ts';
import { brief } from '../../visible.ts';
import { latencyChart } from '../charts/latencies.ts';
import { latencyTimeChart } from '../charts/latency-time.ts';
import { liveFigure, liveLatency, liveRate } from '../charts/live.ts';
import { timelineChart } from '../charts/timeline.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { View } from '../view.ts';
import { capacitySteps, controlRuns, generatorFigures, loadStages } from './load-figures.ts';

const mostRows = 200;

export function loadSection({ record }: View): Markup {
  if (record.load.length === 0) return nothing;
  return html`<section id="load" aria-labelledby="load-title">
    <h2 id="load-title">${words().load.title}</h2>
    <p class="note script-only screen-only">${words().page.zoom.short}</p>
    ${record.load.map(loadResult)}
  </section>`;
}

function loadResult(load: LoadResult): Markup {
  const { load: say } = words();
  const unsent = load.requested - load.sent;
  const kinds = Object.entries(load.errors.byKind);
  const servers = Object.entries(load.answersByRealServer);
  return html`<h3>
      ${brief(load.service, 255)}
      <span class="quiet"
        >${say.from(brief(load.profile, 60), brief(load.client, 255), brief(load.source, 60), brief(load.url, 300))}</span
      >
    </h3>
    ${load.stopped === undefined ? nothing : html`<p><b>${say.stopped}</b> ${say.endings[load.stopped]}; ${say.unsent(unsent)}</p>`}
    <dl class="tiles">
      ${tile(say.tiles.requested, count(load.requested))} ${tile(say.tiles.sent, count(load.sent))}
      ${tile(say.tiles.answered, count(load.answered))}
      ${tile(say.tiles.failed, count(load.failed), load.failed > 0 ? 'bad' : '', percent(load.errors.rate, 2))}
      ${load.openLoop === undefined ? nothing : [tile(say.tiles.offered, rate(load.openLoop.offeredRps)), tile(say.tiles.achieved, rate(load.openLoop.achievedRps))]}
      ${tile(say.tiles.rate, rate(load.rateRps))} ${tile(say.tiles.took, duration(load.durationMs))}
    </dl>
    ${kinds.length === 0 ? nothing : html`<p class="figures">${say.byKind} ${kinds.map(([kind, n]) => html`<span>${brief(kind, 60)} <b>${count(n)}</b></span>`)}</p>`}
    ${openLoop(load)}${lostSyns(load)}${latencies(load)} ${loadStages(load)} ${generatorFigures(load)}
    ${capacitySteps(load)} ${controlRuns(load)}
    <div class="charts">
      ${
        load.connect === undefined
          ? nothing
          : html`<figure>
              <figcaption><b>${say.connect}</b></figcaption>
              ${latencyChart(
                say.connect,
                load.connect,
                (load.synRetransmits?.handshakes ?? []).map(({ afterS }) => afterS),
              )}
            </figure>`
      }
      ${
        load.total === undefined
          ? nothing
          : html`<figure>
              <figcaption><b>${say.total}</b></figcaption>
              ${latencyChart(say.total, load.total)}
            </figure>`
      }
      ${overTime(load)}
    </div>
    <details>
      <summary>${load.errors.examples.length === 0 ? say.details : say.detailsWithExamples}</summary>
      <p class="figures">
        ${servers.slice(0, mostRows).map(([name, n]) => html`<span><span class="host">${brief(name, 255)}</span> <b>${count(n)}</b></span>`)}
        ${load.unattributed > 0 ? html`<span>${say.unattributed} <b>${count(load.unattributed)}</b></span>` : nothing}
      </p>
      ${load.errors.examples.length === 0 ? nothing : examples(load)}
    </details>`;
}

/** Latency and rate, second by second. */
function overTime({ timeline, failed }: LoadResult): Markup {
  if (timeline.length === 0) return nothing;
  const { load: say } = words();
  const timed = timeline.some(({ p50Ms }) => p50Ms !== undefined);
  return html`${
    timed
      ? liveFigure(
          liveLatency(timeline),
          html`<figcaption>
              <b>${say.overTime}</b> ${lineSwatch('line-p50', 'p50')} ${lineSwatch('line-p99', 'p99')}
            </figcaption>
            ${latencyTimeChart(timeline)}`,
        )
      : nothing
  }
  ${liveFigure(
    liveRate(timeline, say),
    html`<figcaption>
        <b>${say.perSecond}</b> ${failed > 0 ? boxSwatch('failed', say.failed) : nothing}
        ${boxSwatch('bar', say.answered)}
      </figcaption>
      ${timelineChart(timeline)}`,
  )}`;
}

function boxSwatch(kind: string, text: string): Markup {
  return html`<span class="swatch"
    ><svg width="14" height="10" aria-hidden="true"><rect width="14" height="10" class="${kind}" /></svg>${text}</span
  >`;
}

function lineSwatch(kind: string, text: string): Markup {
  return html`<span class="swatch"
    ><svg width="18" height="10" aria-hidden="true"><path d="M0 5h18" class="${kind}" /></svg>${text}</span
  >`;
}

function openLoop({ openLoop: open }: LoadResult): Markup {
  if (open === undefined) return nothing;
  const { load: say } = words();
  return html`<p class="figures">
    ${say.openLoop(open.arrivals)} <span>${say.offered} <b>${rate(open.offeredRps)}</b></span>
    <span>${say.begun} <b>${rate(open.achievedRps)}</b></span>
    <span>${say.late(duration(open.lateAfterMs))} <b>${count(open.lateSends)}</b></span>
  </p>`;
}

function lostSyns({ synRetransmits }: LoadResult): Markup {
  const handshakes = synRetransmits?.handshakes ?? [];
  if (handshakes.length === 0) return nothing;
  return html`<p class="figures">
    ${words().load.lostSyns}
    ${handshakes.map(({ afterS, connections }) => html`<span>${duration(afterS * 1000)} <b>${count(connections)}</b></span>`)}
  </p>`;
}

function tile(name: string, value: string, kind = '', extra = ''): Markup {
  return html`<div class="${kind}">
    <dt>${name}</dt>
    <dd>${value}${extra === '' ? nothing : html` <small>${extra}</small>`}</dd>
  </div>`;
}

function latencies({ connect, secured, firstByte, total, corrected }: LoadResult): Markup {
  const { load: say } = words();
  if (connect === undefined && total === undefined) return html`<p class="note">${say.noLatencies}</p>`;
  const row = (name: string, latency: LatencySummary | undefined) =>
    latency === undefined
      ? nothing
      : html`<tr>
          <th scope="row">${name}</th>
          ${[latency.minMs, latency.meanMs, latency.p50Ms, latency.p90Ms, latency.p99Ms, latency.maxMs].map((ms) => html`<td>${duration(ms)}</td>`)}
          <td>${count(latency.count)}</td>
        </tr>`;
  const handshakes = [row(say.connect, connect), row(say.secured, secured)];
  const answers = [row(say.firstByte, firstByte), row(say.total, total), row(say.corrected, corrected)];
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${say.latencies}">
    <table class="numbers">
      <thead>
        <tr>
          <td></td>
          ${say.latencyColumns.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${handshakes} ${answers}
      </tbody>
    </table>
  </div>`;
}

function examples(load: LoadResult): Markup {
  const { examples: label, exampleColumns } = words().load;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}">
    <table class="numbers">
      <thead>
        <tr>
          ${exampleColumns.map((column, index) => html`<th scope="col" ${index === 2 ? html` class="wide"` : nothing}>${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${load.errors.examples.slice(0, 20).map(
          ({ atMs, localPort, kind, message }) =>
            html`<tr>
              <td>${duration(atMs)}</td>
              <td>${localPort === 0 ? '–' : localPort}</td>
              <td class="wide">${kind}: ${brief(message, 200)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
