/** What was asked of the VIP and what came back: requests, failures by kind, latencies. */
import type { LatencySummary, LoadResult } from '../../../lib/model/observations.ts';
import { count, duration, percent, rate } from '../../units.ts';
import { brief } from '../../visible.ts';
import { latencyChart } from '../charts/latencies.ts';
import { timelineChart } from '../charts/timeline.ts';
import { html, type Markup, nothing } from '../markup.ts';
import type { View } from '../view.ts';
import { capacitySteps, controlRuns, generatorFigures } from './load-figures.ts';

const mostRows = 200;

export function loadSection({ record }: View): Markup {
  if (record.load.length === 0) return nothing;
  return html`<section id="load" aria-labelledby="load-title">
    <h2 id="load-title">Load</h2>
    ${record.load.map(loadResult)}
  </section>`;
}

const endings: Readonly<Record<NonNullable<LoadResult['stopped']>, string>> = {
  'time-limit': 'the time limit was reached',
  failures: 'too many requests failed',
  interrupted: 'the run was stopped',
  threshold: 'a threshold that ends the load was crossed',
};

function loadResult(load: LoadResult): Markup {
  const unsent = load.requested - load.sent;
  const kinds = Object.entries(load.errors.byKind);
  const servers = Object.entries(load.answersByRealServer);
  return html`<h3>
      ${brief(load.service, 255)}
      <span class="quiet"
        >profile ${brief(load.profile, 60)}, from
        <span class="host">${brief(load.client, 255)}</span> (${brief(load.source, 60)}) to
        ${brief(load.url, 300)}</span
      >
    </h3>
    ${load.stopped === undefined ? nothing : html`<p><b>Stopped early:</b> ${endings[load.stopped]}; ${count(unsent)} requests were never sent.</p>`}
    <dl class="tiles">
      ${tile('Requested', count(load.requested))} ${tile('Sent', count(load.sent))}
      ${tile('Answered', count(load.answered))}
      ${tile('Failed', count(load.failed), load.failed > 0 ? 'bad' : '', percent(load.errors.rate, 2))}
      ${tile('Rate', rate(load.rateRps))} ${tile('Took', duration(load.durationMs))}
    </dl>
    ${kinds.length === 0 ? nothing : html`<p class="figures">Failed by kind: ${kinds.map(([kind, n]) => html`<span>${brief(kind, 60)} <b>${count(n)}</b></span>`)}</p>`}
    ${openLoop(load)}${lostSyns(load)}${latencies(load)} ${generatorFigures(load)} ${capacitySteps(load)}
    ${controlRuns(load)}
    <div class="charts">
      ${
        load.connect === undefined
          ? nothing
          : html`<figure>
              <figcaption><b>Time to connect</b></figcaption>
              ${latencyChart('Time to connect', load.connect)}
            </figure>`
      }
      ${
        load.total === undefined
          ? nothing
          : html`<figure>
              <figcaption><b>Time to the last byte</b></figcaption>
              ${latencyChart('Time to the last byte', load.total)}
            </figure>`
      }
      ${
        load.timeline.length === 0
          ? nothing
          : html`<figure>
              <figcaption>
                <b>Requests per second</b>${
                  load.failed > 0
                    ? html` <span class="swatch"
                        ><svg width="14" height="10" aria-hidden="true">
                          <rect width="14" height="10" class="failed" /></svg
                        >failed</span
                      >`
                    : nothing
                }
                <span class="swatch"
                  ><svg width="14" height="10" aria-hidden="true"><rect width="14" height="10" class="bar" /></svg
                  >answered</span
                >
              </figcaption>
              ${timelineChart(load.timeline)}
            </figure>`
      }
    </div>
    <details>
      <summary>
        Answers by real server${load.errors.examples.length === 0 ? nothing : ', examples of failed requests'}
      </summary>
      <p class="figures">
        ${servers.slice(0, mostRows).map(([name, n]) => html`<span><span class="host">${brief(name, 255)}</span> <b>${count(n)}</b></span>`)}
        ${load.unattributed > 0 ? html`<span>named no real server <b>${count(load.unattributed)}</b></span>` : nothing}
      </p>
      ${load.errors.examples.length === 0 ? nothing : examples(load)}
    </details>`;
}

function openLoop({ openLoop: open }: LoadResult): Markup {
  if (open === undefined) return nothing;
  return html`<p class="figures">
    Open loop, ${open.arrivals} arrivals: <span>offered <b>${rate(open.offeredRps)}</b></span>
    <span>begun <b>${rate(open.achievedRps)}</b></span>
    <span>begun over ${duration(open.lateAfterMs)} late <b>${count(open.lateSends)}</b></span>
  </p>`;
}

function lostSyns({ synRetransmits }: LoadResult): Markup {
  const handshakes = synRetransmits?.handshakes ?? [];
  if (handshakes.length === 0) return nothing;
  return html`<p class="figures">
    SYN or SYN-ACK lost, connected after:
    ${handshakes.map(({ afterS, connections }) => html`<span>${afterS} s <b>${count(connections)}</b></span>`)}
  </p>`;
}

function tile(name: string, value: string, kind = '', extra = ''): Markup {
  return html`<div class="${kind}">
    <dt>${name}</dt>
    <dd>${value}${extra === '' ? nothing : html` <small>${extra}</small>`}</dd>
  </div>`;
}

function latencies({ connect, secured, firstByte, total, corrected }: LoadResult): Markup {
  if (connect === undefined && total === undefined)
    return html`<p class="note">No request was answered, so there are no latencies.</p>`;
  const row = (name: string, latency: LatencySummary | undefined) =>
    latency === undefined
      ? nothing
      : html`<tr>
          <th scope="row">${name}</th>
          ${[latency.minMs, latency.meanMs, latency.p50Ms, latency.p90Ms, latency.p99Ms, latency.maxMs].map((ms) => html`<td>${duration(ms)}</td>`)}
          <td>${count(latency.count)}</td>
        </tr>`;
  const handshakes = [row('Time to connect', connect), row('Time to the end of the TLS handshake', secured)];
  const answers = [
    row('Time to the first byte', firstByte),
    row('Time to the last byte', total),
    row('From when it should have begun', corrected),
  ];
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Latencies">
    <table class="numbers">
      <thead>
        <tr>
          <td></td>
          ${['shortest', 'mean', 'p50', 'p90', 'p99', 'longest', 'values'].map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${handshakes} ${answers}
      </tbody>
    </table>
  </div>`;
}

function examples(load: LoadResult): Markup {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Examples of failed requests">
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">At</th>
          <th scope="col">Source port</th>
          <th scope="col" class="wide">Kind</th>
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
