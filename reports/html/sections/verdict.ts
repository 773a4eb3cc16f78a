/** The top of the page: passed or not, why in one sentence, and whether the cluster is as it was found. */
import type { Problem, RunRecord } from '../../../lib/model/run-record.ts';
import type { Outcome } from '../../../lib/model/verdict.ts';
import { drillOutcomes } from '../../failover.ts';
import { words } from '../../language/index.ts';
import { outcomeCounts, outcomes, type PlanNote, planNotes, restoredText, sentence } from '../../summary.ts';
import { count, duration, utc } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge, symbol } from '../symbols.ts';
import type { View } from '../view.ts';

export function verdictSection({ record }: View): Markup {
  const { summary, verdict } = words();
  const outcome: Outcome = record.verdict === 'inconclusive' ? 'error' : record.verdict;
  const counts = outcomeCounts(record);
  return html`<header class="verdict o-${outcome}">
    <p class="kicker">
      ipvet ${brief(record.command, 60)} <span class="host">${brief(record.cluster.name, 255)}</span>
    </p>
    <h1>${symbol(outcome)}${summary.verdicts[record.verdict]}</h1>
    <p class="why">${brief(sentence(record))}</p>
    <p class="restored"><b>${verdict.restored}:</b> ${restored(record)}</p>
    <ul class="counts" aria-label="${verdict.outcomes}">
      ${outcomes
        .filter((one) => counts[one] > 0)
        .map(
          (one) => html`<li class="o-${one}">${symbol(one)}<b>${count(counts[one])}</b> ${summary.outcomes[one]}</li>`,
        )}
      ${drills(record)}
      ${record.verdicts.length + record.failovers.length === 0 ? html`<li>${verdict.none}</li>` : nothing}
    </ul>
    ${record.restored ? nothing : leftChanged(record)} ${factsOf(record)}
    ${[...planNotes(record).map(noteBlock), ...record.problems.map(problemBlock)]}
  </header>`;
}

/** Drills by outcome, the worst first. */
function drills({ failovers }: RunRecord): readonly Markup[] {
  const { outcomes: names } = words().failover;
  return (['fail', 'inconclusive', 'warn', 'pass'] as const).flatMap((one) => {
    const n = failovers.filter(({ outcome }) => outcome === one).length;
    const as = drillOutcomes[one];
    return n === 0
      ? []
      : [html`<li class="o-${as}">${symbol(as)}<b>${words().failover.drills(n)}</b> ${names[one]}</li>`];
  });
}

function restored(record: RunRecord): Markup {
  const { yes, no } = words().verdict;
  const text = restoredText(record);
  return record.restored ? html`${badge('pass', yes)} ${text}` : html`${badge('fail', no)} ${text}`;
}

function leftChanged({ changes }: RunRecord): Markup {
  const { takeBack } = words().verdict;
  return html`<div class="alarm">
    ${symbol('fail')}
    <div>
      <p><strong>${takeBack.what}</strong> ${takeBack.how}</p>
      <ul>
        ${changes
          .filter(({ undone }) => !undone)
          .map(
            ({ host, what, undo }) =>
              html`<li>
                <span class="host">${brief(host, 255)}</span>: ${brief(what)}<br /><code>${brief(undo, 1000)}</code>
              </li>`,
          )}
      </ul>
    </div>
  </div>`;
}

function factsOf(record: RunRecord): Markup {
  const { facts, tool } = words().verdict;
  const elapsedMs = Date.parse(record.endedAt) - Date.parse(record.startedAt);
  const { name, environment } = record.cluster;
  const rows: readonly (readonly [string, Markup])[] = [
    [facts.cluster, html`${brief(name, 255)} <span class="quiet">${environment}</span>`],
    [facts.started, html`${utc(record.startedAt)}`],
    [facts.took, html`${duration(elapsedMs)}`],
    [facts.run, html`<code>${brief(record.id, 100)}</code>`],
    [facts.tool, html`${tool(brief(record.tool.version, 40), record.exitCode)}`],
  ];
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function noteBlock({ about, text }: PlanNote): Markup {
  return html`<div class="alarm quiet-alarm">
    ${symbol('warn')}
    <p><strong>${words().summary.planNoteTitles[about]}</strong> ${brief(text, 2000)}</p>
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
