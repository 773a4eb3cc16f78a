/** Which causes were considered, which of them stayed, and on what grounds. */
import type { Diagnosis } from '../../../lib/model/diagnosis.ts';
import { words } from '../../language/index.ts';
import { subjectText, unexplained } from '../../summary.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge } from '../symbols.ts';
import type { View } from '../view.ts';

const mostRows = 200;

export function traceSection(view: View): Markup {
  const { record } = view;
  if (record.verdicts.length === 0) return nothing;
  const { trace } = words();
  const failed = record.verdicts.filter(({ outcome }) => outcome === 'fail' || outcome === 'warn').length;
  const open = unexplained(record, 'fail');
  return html`<section id="trace" aria-labelledby="trace-title">
    <h2 id="trace-title">${trace.title}</h2>
    ${record.diagnoses.length > 0 ? causes(record.diagnoses, failed) : html`<p>${failed === 0 ? trace.nothing : trace.notLooked}</p>`}
    ${
      open.length === 0 || record.diagnoses.length === 0
        ? nothing
        : html`<p>${trace.unexplained(open.length)}</p>
            <ul class="because">
              ${open.slice(0, mostRows).map(
                (verdict) =>
                  html`<li>
                    <a href="#${view.anchorOf(verdict)}">${brief(verdict.title)}</a>
                    <span class="host">${brief(subjectText(verdict.subject), 300)}</span>
                  </li>`,
              )}
            </ul>`
    }
  </section>`;
}

function causes(diagnoses: readonly Diagnosis[], failed: number): Markup {
  const { trace, summary } = words();
  const kept = diagnoses.map(
    ({ cause, certainty, because }, index) =>
      html`<tr>
        <th scope="row">
          <a href="#cause-${index + 1}"><code>${brief(cause, 120)}</code></a>
        </th>
        <td>${badge('fail', trace.ruledIn(summary.certainty[certainty]))}</td>
        <td>
          <ul class="because">
            ${because.map((reason) => html`<li>${brief(reason)}</li>`)}
          </ul>
        </td>
      </tr>`,
  );
  return html`<p>${trace.failed(failed)}</p>
    <div class="scroll" tabindex="0" role="group" aria-label="${trace.label}">
      <table class="rows">
        <thead>
          <tr>
            ${trace.columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${kept}
          ${ruledOut(diagnoses).map(
            ([cause, because]) =>
              html`<tr>
                <th scope="row"><code>${brief(cause, 120)}</code></th>
                <td>${badge('not-applicable', trace.ruledOut)}</td>
                <td>${brief(because)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** Each once, though several causes exclude it. */
function ruledOut(diagnoses: readonly Diagnosis[]): readonly (readonly [string, string])[] {
  const rows = new Map<string, readonly [string, string]>();
  for (const { cause, because } of diagnoses.flatMap((diagnosis) => diagnosis.ruledOut)) {
    rows.set(`${cause} ${because}`, [cause, because]);
  }
  return [...rows.values()].slice(0, mostRows);
}
