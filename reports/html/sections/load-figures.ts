/** Beside the latencies of a load: the generator itself, the search for the capacity, the control run. */
import type { ControlRun, LoadResult } from '../../../lib/model/observations.ts';
import { count, duration, percent, rate } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';

export function generatorFigures({ generator }: LoadResult): Markup {
  const { cpuShare, eventLoopDelayP99Ms, descriptors, ports } = generator;
  return html`<p class="figures">
    Generator: <span>CPU <b>${percent(cpuShare, 0)}</b> of a core</span>
    <span>timers late <b>${duration(eventLoopDelayP99Ms)}</b> (p99)</span>
    ${descriptors === undefined ? nothing : html`<span>open at once <b>${count(descriptors.mostOpen)}</b> of ${count(descriptors.limit)} descriptors</span>`}
    ${ports === undefined ? nothing : html`<span>TIME_WAIT <b>${count(ports.timeWaitMost)}</b> of ${count(ports.perSource * ports.sources)} source ports</span>`}
  </p>`;
}

export function capacitySteps({ capacity }: LoadResult): Markup {
  if (capacity === undefined) return nothing;
  return html`<h4>Capacity: ${capacity.rateRps === undefined ? 'no rate held' : rate(capacity.rateRps)}</h4>
    <p>Limited by ${brief(capacity.realServer ?? capacity.limitedBy, 255)}: ${brief(capacity.reason, 500)}</p>
    <div class="scroll" tabindex="0" role="group" aria-label="Rates that were tried">
      <table class="numbers">
        <thead>
          <tr>
            ${['Rate', 'Begun', 'Answered', 'Failed', 'Late', 'p99'].map((name) => html`<th scope="col">${name}</th>`)}
            <th scope="col" class="wide">Held</th>
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
                <td class="wide">${step.held ? 'yes' : brief(step.crossed.join(', '), 300)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

export function controlRuns({ control }: LoadResult): Markup {
  if (control === undefined) return nothing;
  const through = control.runs.find(({ realServer }) => realServer === undefined)?.total?.p50Ms;
  return html`<h4>Around the director</h4>
    <p class="note">
      ${count(control.requests)} requests, ${control.concurrency} at a time: what the VIP takes longer than a real
      server is the way through the director.
    </p>
    <div class="scroll" tabindex="0" role="group" aria-label="The VIP beside the real servers">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">To</th>
            ${['Answered', 'Failed', 'connect p50', 'total p50', 'total p99', 'VIP longer by'].map((name) => html`<th scope="col">${name}</th>`)}
            <th scope="col" class="wide"></th>
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
      ${realServer === undefined ? 'the VIP' : html`<span class="host">${brief(realServer, 255)}</span>`}
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
