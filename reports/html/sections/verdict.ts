/** The top of the page: passed or not, why in one sentence, and whether the cluster is as it was found. */
import type { Problem, RunRecord } from '../../../lib/model/run-record.ts';
import type { Outcome } from '../../../lib/model/verdict.ts';
import {
  outcomeCounts,
  outcomes,
  outcomeWords,
  type PlanNote,
  planNotes,
  sentence,
  verdictWords,
} from '../../summary.ts';
import { count, duration, plural, utc } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge, symbol } from '../symbols.ts';
import type { View } from '../view.ts';

export function verdictSection({ record }: View): Markup {
  const outcome: Outcome = record.verdict === 'inconclusive' ? 'error' : record.verdict;
  const counts = outcomeCounts(record);
  const elapsedMs = Date.parse(record.endedAt) - Date.parse(record.startedAt);
  const left = record.changes.filter(({ undone }) => !undone);
  return html`<header class="verdict o-${outcome}">
    <p class="kicker">
      ipvet ${brief(record.command, 60)} <span class="host">${brief(record.cluster.name, 255)}</span>
    </p>
    <h1>${symbol(outcome)}${verdictWords[record.verdict]}</h1>
    <p class="why">${brief(sentence(record))}</p>
    <ul class="counts" aria-label="Checks by outcome">
      ${outcomes
        .filter((one) => counts[one] > 0)
        .map((one) => html`<li class="o-${one}">${symbol(one)}<b>${count(counts[one])}</b> ${outcomeWords[one]}</li>`)}
      ${record.verdicts.length === 0 ? html`<li>no check was planned</li>` : nothing}
    </ul>
    ${
      record.restored
        ? nothing
        : html`<div class="alarm">
            ${symbol('fail')}
            <div>
              <p><strong>The cluster is not as it was found.</strong> Take these back by hand:</p>
              <ul>
                ${left.map(
                  ({ host, what, undo }) =>
                    html`<li>
                      <span class="host">${brief(host, 255)}</span>: ${brief(what)}<br /><code
                        >${brief(undo, 1000)}</code
                      >
                    </li>`,
                )}
              </ul>
            </div>
          </div>`
    }
    <dl class="facts">
      <div>
        <dt>Cluster</dt>
        <dd>${brief(record.cluster.name, 255)} <span class="quiet">${record.cluster.environment}</span></dd>
      </div>
      <div>
        <dt>Restored</dt>
        <dd>${restored(record)}</dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd>${utc(record.startedAt)}</dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>${duration(elapsedMs)}</dd>
      </div>
      <div>
        <dt>Run</dt>
        <dd><code>${brief(record.id, 100)}</code></dd>
      </div>
      <div>
        <dt>Tool</dt>
        <dd>ipvet ${brief(record.tool.version, 40)}, exit code ${record.exitCode}</dd>
      </div>
    </dl>
    ${[...planNotes(record).map(noteBlock), ...record.problems.map(problemBlock)]}
  </header>`;
}

function restored({ restored: whole, changes }: RunRecord): Markup {
  const words =
    changes.length === 0 ? 'nothing was changed' : `${plural(changes.length, 'change')} made and taken back`;
  return whole
    ? html`${badge('pass', 'yes')}, ${words}`
    : html`${badge('fail', 'NO')}, ${plural(changes.filter(({ undone }) => !undone).length, 'change')} left`;
}

function noteBlock({ about, text }: PlanNote): Markup {
  return html`<div class="alarm quiet-alarm">
    ${symbol('warn')}
    <p><strong>${about}</strong> ${brief(text, 2000)}</p>
  </div>`;
}

function problemBlock({ code, message, hint }: Problem): Markup {
  return html`<div class="alarm quiet-alarm">
    ${symbol('error')}
    <p>
      <strong>${brief(code, 40)}</strong>
      ${brief(message)}${hint === undefined ? nothing : html`<br />${brief(hint)}`}
    </p>
  </div>`;
}
