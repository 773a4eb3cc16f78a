/** What the director showed under load: shares of the real servers, and connection states over time. */
import type { Distribution } from '../../../lib/model/distribution.ts';
import type { EndCounts, EndReading } from '../../../lib/model/ends.ts';
import type { Sampling } from '../../../lib/model/sampling.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { effectOf, methodOf, range, sampleOf } from '../../distribution-words.ts';
import { words } from '../../language/index.ts';
import { count, percent, probability, significant } from '../../units.ts';
import { brief } from '../../visible.ts';
import { shareBar } from '../charts/shares.ts';
import { liveFigure } from '../charts/live.ts';
import { endOf, highestOf, stateClass, liveStates, type States, statesChart, statesOf } from '../charts/states.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { resolutionText, samplingNotes } from '../../sampling.ts';
import { badge } from '../symbols.ts';
import type { View } from '../view.ts';

const mostCharts = 10;
const mostRows = 200;

export function distributionSection({ record }: View): Markup {
  if (record.distribution.length === 0) return nothing;
  return html`<section id="distribution" aria-labelledby="distribution-title">
    <h2 id="distribution-title">${words().distribution.title}</h2>
    ${record.distribution.map(shares)}
  </section>`;
}

function shares(one: Distribution): Markup {
  const { distribution: say } = words();
  const names = [...new Set([...Object.keys(one.expected), ...Object.keys(one.observed)])];
  const most = Math.max(0, ...Object.values(one.expected), ...Object.values(one.observed));
  return html`<h3>
      ${brief(one.service, 255)} <span class="quiet">${brief(one.scheduler, 20)}</span> ${badge(one.outcome)}
    </h3>
    <p>${brief(one.reason)}</p>
    <p class="figures">
      <span>n = <b>${count(one.n)}</b></span>
      <span>p = <b>${one.pValue === undefined ? say.notComputed : probability(one.pValue)}</b></span>
      ${one.chiSquare === undefined ? nothing : html`<span>χ² = <b>${significant(one.chiSquare)}</b></span>`}
      <span>${say.largest} <b>${percent(one.largestDeviation, 2)}</b></span>
      ${figure(say.method, methodOf(one))} ${figure(say.judgedBy, sampleOf(one))} ${figure(say.effect, effectOf(one))}
      <span class="quiet">${say.bases[one.basis]}</span>
    </p>
    ${limitsOf(one)}
    <div class="scroll" tabindex="0" role="group" aria-label="${say.label(brief(one.service, 255))}">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">${say.realServer}</th>
            <th scope="col">${say.expected}</th>
            ${one.bounds === undefined ? nothing : html`<th scope="col">${say.allowed}</th>`}
            <th scope="col">${say.observed}</th>
            ${one.confidence === undefined ? nothing : html`<th scope="col">${say.confidence}</th>`}
            <th scope="col">${say.connections}</th>
            <th scope="col" class="wide">
              <span class="swatch"
                ><svg width="14" height="10" aria-hidden="true"><rect width="14" height="10" class="bar" /></svg
                >${say.keyObserved}</span
              >
              <span class="swatch"
                ><svg width="6" height="14" aria-hidden="true"><path d="M3 0v14" class="expected" /></svg
                >${say.keyExpected}</span
              >
              ${
                one.confidence === undefined && one.bounds === undefined
                  ? nothing
                  : html`<span class="swatch"
                      ><svg width="18" height="10" aria-hidden="true">
                        <path d="M1 1v8M17 1v8M1 5H17" class="bracket" /></svg
                      >${say.keyRange}</span
                    >`
              }
            </th>
          </tr>
        </thead>
        <tbody>
          ${names.slice(0, mostRows).map((name) => {
            const [expected, observed] = [one.expected[name] ?? 0, one.observed[name] ?? 0];
            return html`<tr>
              <th scope="row"><span class="host">${brief(name, 255)}</span></th>
              <td>${percent(expected)}</td>
              ${rangeCell(one.bounds, name)}
              <td>${percent(observed)}</td>
              ${rangeCell(one.confidence, name)}
              <td>${count(one.counts[name] ?? 0)}</td>
              <td class="wide">${shareBar(expected, observed, most, (one.confidence ?? one.bounds)?.[name])}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    ${names.length > mostRows ? html`<p class="note">${say.more(names.length - mostRows)}</p>` : nothing}`;
}

function figure(what: string, value: string | undefined): Markup {
  return value === undefined ? nothing : html`<span>${what} <b>${value}</b></span>`;
}

function rangeCell(ranges: Distribution['bounds'], name: string): Markup {
  if (ranges === undefined) return nothing;
  const one = ranges[name];
  return html`<td>${one === undefined ? '' : range(one)}</td>`;
}

function limitsOf({ limits = [] }: Distribution): Markup {
  return limits.length === 0 ? nothing : html`<p class="note">${limits.map((limit) => brief(limit)).join('; ')}</p>`;
}

export function connectionsSection({ record }: View): Markup {
  const sampled = Object.values(record.samples).filter(
    ({ samples, levels }) => samples.length > 0 || (levels?.rows.length ?? 0) > 0,
  );
  if (sampled.length === 0) return nothing;
  return html`<section id="connections" aria-labelledby="connections-title">
    <h2 id="connections-title">${words().connections.title}</h2>
    <p class="note script-only screen-only">${words().page.zoom.short}</p>
    ${sampled.map((sampling) => connections(record, sampling))}
  </section>`;
}

function connections(record: RunRecord, sampling: Sampling): Markup {
  const { connections: say } = words();
  const all = statesOf(sampling);
  const [highest, endMs] = [highestOf(all), endOf(sampling, all)];
  const states = [...new Set(all.flatMap((one) => one.states))];
  // Trouble first when not all can be drawn.
  const drawn = [...all].sort((a, b) => b.stuckPeak - a.stuckPeak).slice(0, mostCharts);
  const charts = all.filter((one) => drawn.includes(one));
  return html`<h3>
      ${brief(sampling.service, 255)}
      <span class="quiet">${say.on(brief(sampling.host, 255), resolutionText(sampling))}</span>
    </h3>
    ${samplingNotes(sampling).map((note) => html`<p class="note">${note}</p>`)}
    <p class="legend">
      ${states.map(
        (state) =>
          html`<span class="swatch"
            ><svg width="14" height="10" aria-hidden="true">
              <rect width="14" height="10" class="${stateClass(state)}" /></svg
            >${brief(state, 40)}</span
          >`,
      )}
      ${
        sampling.levels === undefined
          ? nothing
          : html`<span class="swatch"
              ><svg width="14" height="10" aria-hidden="true"><path d="M0 5h14" class="level" /></svg>${say.level}</span
            >`
      }
      ${
        sampling.gaps.length === 0
          ? nothing
          : html`<span class="swatch"
              ><svg width="14" height="10" aria-hidden="true"><rect width="14" height="10" class="gap" /></svg
              >${say.gap}</span
            >`
      }
    </p>
    <div class="charts">
      ${charts.map((one) =>
        liveFigure(
          liveStates(one),
          html`<figcaption>
              <b>${nameOf(record, one.destination)}</b>
              <span class="quiet">${brief(one.destination, 100)}</span
              >${one.stuckPeak > 0 ? html` <span class="stuck">${say.stuck(one.stuckPeak)}</span>` : nothing}
            </figcaption>
            ${statesChart(one, sampling.gaps, highest, endMs)}`,
          brief(sampling.service, 255),
        ),
      )}
    </div>
    ${all.length > charts.length ? html`<p class="note">${say.more(all.length - charts.length)}</p>` : nothing}
    ${ends(record.ends?.[sampling.service] ?? [])}
    <details>
      <summary>${say.peaks}</summary>
      ${peaks(record, all, states)}
    </details>`;
}

function peaks(record: RunRecord, all: readonly States[], states: readonly string[]): Markup {
  const { connections: say } = words();
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${say.peaks}">
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">${say.realServer}</th>
          ${states.map((state) => html`<th scope="col">${brief(state, 40)}</th>`)}
          <th scope="col">${say.stuckColumn}</th>
        </tr>
      </thead>
      <tbody>
        ${all.slice(0, mostRows).map(
          (one) =>
            html`<tr>
              <th scope="row">
                ${nameOf(record, one.destination)} <span class="quiet">${brief(one.destination, 100)}</span>
              </th>
              ${states.map((state) => html`<td>${count(one.peaks.get(state) ?? 0)}</td>`)}
              <td>${count(one.stuckPeak)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What the client and the real servers counted of themselves, beside the director. */
function ends(readings: readonly EndReading[]): Markup {
  if (readings.length === 0) return nothing;
  const { connections: say } = words();
  const figure = (value: number | undefined) => (value === undefined ? '–' : count(value));
  const columns: readonly (keyof EndCounts)[] = [
    'begun',
    'accepted',
    'synRetransmits',
    'listenDrops',
    'resetsSent',
    'packetsIn',
    'packetsDelivered',
  ];
  return html`<details>
    <summary>${say.ends}</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="${say.ends}">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">${say.host}</th>
            ${say.endColumns.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${readings.slice(0, mostRows).map(
            ({ host, counts, problem }) =>
              html`<tr>
                <th scope="row"><span class="host">${brief(host, 255)}</span></th>
                ${counts === undefined ? html`<td class="wide" colspan="7">${brief(problem ?? say.notRead, 300)}</td>` : columns.map((name) => html`<td>${figure(counts[name])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">${say.wholeHost}</p>
  </details>`;
}

/** Name of the real server whose RIP the destination has. */
function nameOf(record: RunRecord, destination: string): string {
  const servers = record.cluster.services.flatMap(({ realServers }) => realServers);
  const address = destination.replace(/:\d+$/, '');
  const server = servers.find((one) => one.address === destination || one.address.replace(/:\d+$/, '') === address);
  return brief(server?.name ?? destination, 255);
}
