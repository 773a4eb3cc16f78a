/** Beside the latencies of a load: the generator itself, the search for the capacity, the control run. */
import type { ControlRun, LoadResult } from '../../../lib/model/load-result.ts';
import { words } from '../../language/index.ts';
import { count, duration, percent, rate } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';

const mostStages = 100;

export function generatorFigures({ generator }: LoadResult): Markup {
  const { cpuShare, eventLoopDelayP99Ms, descriptors, ports } = generator;
  const say = words().load.generator;
  return html`<p class="figures">
    ${say.label} <span>${say.cpu(percent(cpuShare, 0))}</span> <span>${say.late(duration(eventLoopDelayP99Ms))}</span>
    ${descriptors === undefined ? nothing : html`<span>${say.open(descriptors.mostOpen, descriptors.limit)}</span>`}
    ${ports === undefined ? nothing : html`<span>${say.ports(ports.timeWaitMost, ports.perSource * ports.sources)}</span>`}
  </p>`;
}

/** Of an open loop whose rate changed: how each stretch of it went. */
export function loadStages({ openLoop }: LoadResult): Markup {
  if (openLoop === undefined || openLoop.stages.length < 2) return nothing;
  const say = words().load.stages;
  const time = (ms: number | undefined) => (ms === undefined ? '–' : duration(ms));
  return html`<h4>${say.title}</h4>
    <div class="scroll" tabindex="0" role="group" aria-label="${say.title}">
      <table class="numbers">
        <thead>
          <tr>
            ${say.columns.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${openLoop.stages.slice(0, mostStages).map(
            ({ atMs, fromRps, toRps, offered, answered, failed, lateSends, total, corrected }) =>
              html`<tr>
                <th scope="row">${duration(atMs)}</th>
                <td>${fromRps === toRps ? rate(toRps) : say.ramp(rate(fromRps), rate(toRps))}</td>
                ${[offered, answered, failed, lateSends].map((n) => html`<td>${count(n)}</td>`)}
                ${[total?.p50Ms, total?.p99Ms, corrected?.p99Ms].map((ms) => html`<td>${time(ms)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

export function capacitySteps({ capacity }: LoadResult): Markup {
  if (capacity === undefined) return nothing;
  const say = words().load.capacity;
  return html`<h4>${say.title(capacity.rateRps === undefined ? say.none : rate(capacity.rateRps))}</h4>
    <p>${say.limitedBy(brief(capacity.realServer ?? capacity.limitedBy, 255), brief(capacity.reason, 500))}</p>
    <div class="scroll" tabindex="0" role="group" aria-label="${say.label}">
      <table class="numbers">
        <thead>
          <tr>
            ${say.columns.map((name) => html`<th scope="col">${name}</th>`)}
            <th scope="col" class="wide">${say.held}</th>
          </tr>
        </thead>
        <tbody>
          ${capacity.steps.map(
            (step) =>
              html`<tr>
                <th scope="row">${rate(step.rateRps)}</th>
                <td>${rate(step.achievedRps)}</td>
                <td>${count(step.answered)}</td>
                <td>${count(step.failed)}</td>
                <td>${percent(step.lateRate)}</td>
                <td>${step.p99Ms === undefined ? '–' : duration(step.p99Ms)}</td>
                <td class="wide">${step.held ? say.yes : brief(step.crossed.join(', '), 300)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

export function controlRuns({ control }: LoadResult): Markup {
  if (control === undefined) return nothing;
  const say = words().load.control;
  const through = control.runs.find(({ realServer }) => realServer === undefined)?.total?.p50Ms;
  return html`<h4>${say.title}</h4>
    <p class="note">${say.note(control.requests, control.concurrency)}</p>
    <div class="scroll" tabindex="0" role="group" aria-label="${say.label}">
      <table class="numbers">
        <thead>
          <tr>
            ${say.columns.map((name) => html`<th scope="col">${name}</th>`)}
            <td class="wide"></td>
          </tr>
        </thead>
        <tbody>
          ${control.runs.map((run) => controlRow(run, through))}
        </tbody>
      </table>
    </div>`;
}

function controlRow(
  { realServer, url, answered, failed, connect, total, problem }: ControlRun,
  through: number | undefined,
): Markup {
  const time = (ms: number | undefined) => (ms === undefined ? '–' : duration(ms));
  const longer =
    through === undefined || total === undefined || realServer === undefined ? undefined : through - total.p50Ms;
  return html`<tr>
    <th scope="row">
      ${realServer === undefined ? words().load.control.vip : html`<span class="host">${brief(realServer, 255)}</span>`}
      <span class="quiet">${brief(url, 100)}</span>
    </th>
    <td>${count(answered)}</td>
    <td>${count(failed)}</td>
    <td>${time(connect?.p50Ms)}</td>
    <td>${time(total?.p50Ms)}</td>
    <td>${time(total?.p99Ms)}</td>
    <td>${longer === undefined ? '–' : `${longer < 0 ? '−' : ''}${duration(Math.abs(longer))}`}</td>
    <td class="wide">${brief(problem ?? '', 200)}</td>
  </tr>`;
}
