/** What is wrong: causes first, each with its impact, what it rests on and how to mend it, then failures that no cause explains. */
import type { Diagnosis } from '../../../lib/model/diagnosis.ts';
import type { Verdict } from '../../../lib/model/verdict.ts';
import { words } from '../../language/index.ts';
import { byReason, placeOf, subjectText, unevaluated, unexplained } from '../../summary.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { commands, evidenceBlock, remedyBlock } from '../quotes.ts';
import { badge, certainty, symbol } from '../symbols.ts';
import type { View } from '../view.ts';

const shown = 100;
const mostImpacts = 4;

export function findingsSection(view: View): Markup {
  const { record } = view;
  const { findings } = words();
  const failed = unexplained(record, 'fail');
  const warned = unexplained(record, 'warn');
  const waived = record.verdicts.filter(({ outcome }) => outcome === 'waived');
  const none = record.diagnoses.length + failed.length + warned.length + waived.length === 0;
  if (none && record.verdict !== 'pass') return nothing;
  return html`<section id="findings" aria-labelledby="findings-title">
    <h2 id="findings-title">${findings.title}</h2>
    ${none ? html`<p>${findings.none}</p>` : nothing}
    ${record.diagnoses.map((diagnosis, index) => cause(view, diagnosis, index + 1))}
    ${list(view, record.diagnoses.length === 0 ? findings.failed : findings.failedUnexplained, failed)}
    ${list(view, findings.warnings, warned)} ${list(view, findings.waived, waived)}
  </section>`;
}

function cause(view: View, diagnosis: Diagnosis, number: number): Markup {
  const { because, evidence, remedy, ruledOut, explains } = diagnosis;
  const { findings } = words();
  return html`<article class="finding" id="cause-${number}">
    <h3><span class="number">${number}</span>${brief(diagnosis.summary)}</h3>
    <p class="tags">
      <code>${brief(diagnosis.cause, 120)}</code>
      <span>${findings.on} <span class="host">${brief(placeOf(diagnosis), 300)}</span></span>
      <span><span class="quiet">${findings.certainty}</span> ${certainty(diagnosis.certainty)}</span>
    </p>
    <div class="columns">
      <div>
        ${impact(view, explains)}
        ${
          because.length === 0
            ? nothing
            : html`<p class="label">${findings.because}</p>
                <ul class="because">
                  ${because.map((reason) => html`<li>${brief(reason)}</li>`)}
                </ul>`
        }
        ${
          ruledOut.length === 0
            ? nothing
            : html`<details>
                <summary>${findings.ruledOut(ruledOut.length)}</summary>
                <ul class="because">
                  ${ruledOut.map((other) => html`<li><code>${brief(other.cause, 120)}</code> ${brief(other.because)}</li>`)}
                </ul>
              </details>`
        }
        ${
          explains.length === 0
            ? nothing
            : html`<details>
                <summary>${findings.explains(explains.length)}</summary>
                <ul class="because">
                  ${explains.map((key) => html`<li>${link(view, key)}</li>`)}
                </ul>
              </details>`
        }
      </div>
      ${remedy === undefined ? nothing : remedyBlock(remedy)}
    </div>
    ${
      evidence.length === 0
        ? nothing
        : html`<div class="quotes">
            <p class="label">${findings.evidence}</p>
            ${evidence.map(evidenceBlock)}
          </div>`
    }
  </article>`;
}

/** What clients and counters had of it: the failures it explains, those under load first. */
function impact({ verdictNamed }: View, explains: readonly string[]): Markup {
  const { findings } = words();
  const failed = explains.flatMap((key) => verdictNamed(key) ?? []);
  const underLoad = failed.filter(({ stage }) => stage === 'traffic');
  const told = (underLoad.length > 0 ? underLoad : failed).filter(({ reason }) => reason !== undefined);
  if (told.length === 0) return nothing;
  const rest = told.length - mostImpacts;
  return html`<p class="label">${findings.impact}</p>
    <ul class="because">
      ${told.slice(0, mostImpacts).map(({ reason = '' }) => html`<li>${brief(reason)}</li>`)}
      ${rest > 0 ? html`<li>${findings.moreImpact(rest)}</li>` : nothing}
    </ul>`;
}

function link({ verdictNamed, anchorOf }: View, key: string): Markup {
  const verdict = verdictNamed(key);
  return verdict === undefined
    ? html`<code>${brief(key, 300)}</code>`
    : html`<a href="#${anchorOf(verdict)}"
        >${brief(verdict.title)} <span class="quiet">${brief(subjectText(verdict.subject), 300)}</span></a
      >`;
}

function list(view: View, title: string, verdicts: readonly Verdict[]): Markup {
  if (verdicts.length === 0) return nothing;
  const { findings, quotes } = words();
  return html`<h3 class="list-title">${title} <span class="quiet">${verdicts.length}</span></h3>
    <ul class="verdicts">
      ${verdicts.slice(0, shown).map(
        (verdict) =>
          html`<li class="o-${verdict.outcome}">
            ${symbol(verdict.outcome)}
            <div>
              <p>
                <a href="#${view.anchorOf(verdict)}">${brief(verdict.title)}</a>
                <span class="host">${brief(subjectText(verdict.subject), 300)}</span>
              </p>
              <p>${brief(verdict.reason ?? '')}</p>
              ${
                verdict.remedy === undefined || verdict.remedy.commands.length === 0 || verdict.outcome === 'waived'
                  ? nothing
                  : html`<p class="quiet">${findings.onHostAsRoot(brief(verdict.remedy.host, 255))}</p>
                      ${commands(verdict.remedy.commands, quotes.now)}`
              }
            </div>
          </li>`,
      )}
    </ul>
    ${verdicts.length > shown ? html`<p class="note">${findings.more(verdicts.length - shown)}</p>` : nothing}`;
}

/** Loud, because nothing of it is known to be well. */
export function unevaluatedSection(view: View): Markup {
  const open = unevaluated(view.record);
  if (open.length === 0) return nothing;
  const { findings, summary } = words();
  return html`<section id="not-evaluated" class="alarm-section" aria-labelledby="not-evaluated-title">
    <h2 id="not-evaluated-title">${symbol('error')}${findings.open.title(open.length, view.record.verdicts.length)}</h2>
    <p>${findings.open.why}</p>
    ${byReason(open)
      .slice(0, shown)
      .map(({ reason, verdicts }) => {
        const hint = verdicts.find((verdict) => verdict.hint !== undefined)?.hint;
        return html`<div class="unknown">
          <p class="why">${brief(reason)}</p>
          ${hint === undefined ? nothing : html`<p>${brief(hint)}</p>`}
          <details${verdicts.length <= 4 ? html` open` : nothing}>
            <summary>${summary.checks(verdicts.length)}</summary>
            <ul class="because">
              ${verdicts.map(
                (verdict) =>
                  html`<li>
                    ${badge(verdict.outcome)} <a href="#${view.anchorOf(verdict)}">${brief(verdict.title)}</a>
                    <span class="host">${brief(subjectText(verdict.subject), 300)}</span>
                  </li>`,
              )}
            </ul>
          </details>
        </div>`;
      })}
  </section>`;
}
