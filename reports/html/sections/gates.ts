/** What has to hold for the run to pass, and whether it does. */
import type { RunRecord } from '../../../lib/model/run-record.ts';
import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { drillOutcomes } from '../../failover.ts';
import { metricText } from '../../metric-text.ts';
import { words } from '../../language/index.ts';
import { restoredText } from '../../summary.ts';
import { count } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge } from '../symbols.ts';
import type { View } from '../view.ts';

export function gatesSection({ record }: View): Markup {
  const { gates } = words();
  const drillsOnly = record.verdicts.length === 0 && record.failovers.length > 0;
  const stage = (name: Verdict['stage']) =>
    record.verdicts.filter((verdict) => verdict.severity === 'mandatory' && verdict.stage === name);
  const rows: readonly (readonly [string, readonly Verdict[]])[] = [
    [gates.pre, stage('pre')],
    [gates.post, stage('post')],
    [gates.traffic, stage('traffic')],
    [gates.recommended, record.verdicts.filter(({ severity }) => severity === 'recommended')],
  ];
  return html`<section id="gates" aria-labelledby="gates-title">
    <h2 id="gates-title">${gates.title}</h2>
    <div class="scroll" tabindex="0" role="group" aria-label="${gates.label}">
      <table class="numbers gates">
        <thead>
          <tr>
            ${gates.columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${drillsOnly ? nothing : rows.map(([name, verdicts]) => gate(name, verdicts))}
          ${
            record.failovers.length === 0
              ? nothing
              : gate(
                  gates.drills,
                  record.failovers.map(({ outcome }) => ({ outcome: drillOutcomes[outcome] })),
                )
          }
          <tr>
            <th scope="row">${gates.restored}</th>
            <td>${badge(record.restored ? 'pass' : 'fail')}</td>
            <td class="wide" colspan="5">${brief(restoredText(record))}</td>
          </tr>
        </tbody>
      </table>
    </div>
    ${thresholds(record)}
  </section>`;
}

function gate(name: string, verdicts: readonly Pick<Verdict, 'outcome'>[]): Markup {
  const { gates } = words();
  const n = (...outcomes: readonly Outcome[]) => verdicts.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const open = n('error', 'not-run');
  const judged = n('pass', 'warn', 'fail', 'waived');
  const result =
    n('fail') > 0
      ? badge('fail')
      : open > 0
        ? badge('error', gates.open)
        : n('warn') > 0
          ? badge('warn')
          : judged > 0
            ? badge('pass')
            : badge('not-applicable', gates.none);
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${result}</td>
    ${[n('pass'), n('fail', 'warn'), n('waived'), open, n('not-applicable')].map((figure) => html`<td>${count(figure)}</td>`)}
  </tr>`;
}

/** One limit of the cluster file and what was measured, as the check `traffic/thresholds` found it. */
interface Limit {
  readonly metric: string;
  readonly value: number | null;
  readonly min?: number;
  readonly max?: number;
  readonly outcome: string;
}

function thresholds({ verdicts }: RunRecord): Markup {
  const { gates } = words();
  const judged = verdicts.filter(({ check }) => check === 'traffic/thresholds');
  if (judged.length === 0) return nothing;
  const rows = judged.flatMap((verdict) => rowsOf(verdict));
  return html`<h3>${gates.thresholds}</h3>
    ${
      rows.length === 0
        ? html`<p>${gates.noThresholds}</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-label="${gates.thresholds}">
            <table class="numbers">
              <thead>
                <tr>
                  ${gates.thresholdColumns.map((column) => html`<th scope="col">${column}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${rows}
              </tbody>
            </table>
          </div>`
    }`;
}

function rowsOf({ subject, outcome, found, reason }: Verdict): readonly Markup[] {
  const { gates } = words();
  const service = html`<th scope="row">${brief(subject.service ?? '', 255)}</th>`;
  const limits = Array.isArray(found) ? found.filter(isLimit) : [];
  if (limits.length === 0) {
    return outcome === 'not-applicable'
      ? []
      : [
          html`<tr>
            ${service}
            <td class="wide" colspan="3">${brief(reason ?? '')}</td>
            <td>${badge(outcome)}</td>
          </tr>`,
        ];
  }
  return limits.map(
    (limit) =>
      html`<tr>
        ${service}
        <td><code>${brief(limit.metric, 60)}</code></td>
        <td>${limit.value === null ? gates.noSample : metricText(limit.metric, limit.value)}</td>
        <td>
          ${[
            limit.max === undefined ? undefined : gates.atMost(metricText(limit.metric, limit.max)),
            limit.min === undefined ? undefined : gates.atLeast(metricText(limit.metric, limit.min)),
          ]
            .filter((text) => text !== undefined)
            .join(', ')}
        </td>
        <td>
          ${badge(limit.outcome === 'pass' ? 'pass' : limit.outcome !== 'fail' ? 'error' : outcome === 'waived' ? 'waived' : 'fail')}
        </td>
      </tr>`,
  );
}

function isLimit(value: unknown): value is Limit {
  if (typeof value !== 'object' || value === null) return false;
  const { metric, value: measured, outcome, min, max } = value as Partial<Record<keyof Limit, unknown>>;
  const figure = (one: unknown) => one === undefined || typeof one === 'number';
  return (
    typeof metric === 'string' &&
    (measured === null || typeof measured === 'number') &&
    typeof outcome === 'string' &&
    figure(min) &&
    figure(max)
  );
}
