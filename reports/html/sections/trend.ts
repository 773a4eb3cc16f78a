/** The last runs of the cluster, this one at the end. */
import { words } from '../../language/index.ts';
import { trendRows } from '../../trend.ts';
import { brief } from '../../visible.ts';
import { latenciesOf, trendChecks, trendLatency } from '../charts/trend.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge } from '../symbols.ts';
import type { View } from '../view.ts';

const mostLoads = 6;

export function trendSection({ trend }: View): Markup {
  if (trend === undefined || trend.length === 0) return nothing;
  const { trend: say } = words();
  return html`<section id="trend" aria-labelledby="trend-title">
    <h2 id="trend-title">${say.title}</h2>
    <p>${say.intro(trend.length)}</p>
    <div class="charts">
      <figure>
        <figcaption><b>${say.checks}</b> ${box('failed', say.failed)} ${box('gap', say.notEvaluated)}</figcaption>
        ${trendChecks(trend)}
      </figure>
      ${latenciesOf(trend)
        .slice(0, mostLoads)
        .map(
          (one) =>
            html`<figure>
              <figcaption>
                <b>${say.latency(brief(one.load, 200))}</b> ${line('line-p50', 'p50')} ${line('line-p99', 'p99')}
              </figcaption>
              ${trendLatency(one)}
            </figure>`,
        )}
    </div>
    <div class="scroll" tabindex="0" role="group" aria-label="${say.title}">
      <table class="numbers">
        <thead>
          <tr>
            ${say.columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${trendRows(trend).map(
            ({ verdict, cells: [run = '', began = '', word = '', ...figures] }) =>
              html`<tr>
                <th scope="row"><code>${brief(run, 80)}</code></th>
                <td>${brief(began, 40)}</td>
                <td>${badge(verdict === 'inconclusive' ? 'error' : verdict, word)}</td>
                ${figures.map((figure) => html`<td>${brief(figure, 300)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function box(kind: string, text: string): Markup {
  return html`<span class="swatch"
    ><svg width="14" height="10" aria-hidden="true"><rect width="14" height="10" class="${kind}" /></svg>${text}</span
  >`;
}

function line(kind: string, text: string): Markup {
  return html`<span class="swatch"
    ><svg width="18" height="10" aria-hidden="true"><path d="M0 5h18" class="${kind}" /></svg>${text}</span
  >`;
}
