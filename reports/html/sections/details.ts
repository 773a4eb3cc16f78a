/** Every check on every subject: found, expected, why, the command and its output, remedy and undo. */
import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { words } from '../../language/index.ts';
import { subjectText } from '../../summary.ts';
import { duration } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { comparison, evidenceBlock, remedyBlock } from '../quotes.ts';
import { badge } from '../symbols.ts';
import type { View } from '../view.ts';
import { byCheck, byFolder, folderName, hostOf } from './checks.ts';

export function detailsSection(view: View): Markup {
  const { record, compact } = view;
  if (record.verdicts.length === 0) return nothing;
  const { details } = words().checks;
  return html`<section id="details" aria-labelledby="details-title">
    <h2 id="details-title">${details.title}</h2>
    <p class="quiet screen-only">${details.intro} ${compact ? details.compact(record.verdicts.length) : nothing}</p>
    <p class="quiet print-only">${details.printed}</p>
    ${[...byFolder(record.verdicts)].map(
      ([folder, verdicts]) =>
        html`<div class="group">
          <h3 class="list-title">${folderName(folder)}</h3>
          ${compact ? byCheck(verdicts).map((all) => inShort(view, all)) : verdicts.map((verdict) => detail(view, verdict))}
        </div>`,
    )}
  </section>`;
}

function detail(view: View, verdict: Verdict): Markup {
  const { outcome, subject, reason, hint, found, expected, evidence, remedy } = verdict;
  const { details } = words().checks;
  const anchor = view.anchorOf(verdict);
  return html`<details class="detail" id="${anchor}" data-outcome="${outcome}" data-host="${hostOf(verdict)}">
    <summary>
      ${badge(outcome)}<span class="title">${brief(verdict.title)}</span>
      <span class="host">${brief(subjectText(subject), 300)}</span>
    </summary>
    <div class="body">
      ${reason === undefined ? nothing : html`<p class="why">${brief(reason, 2000)}</p>`}
      ${hint === undefined ? nothing : html`<p>${brief(hint, 2000)}</p>`} ${comparison(found, expected)}
      ${remedy === undefined ? nothing : remedyBlock(remedy)} ${evidence.map(evidenceBlock)}
      <p class="note">
        <code>${brief(verdict.check, 200)}</code>,
        ${details.facts(verdict.severity, verdict.stage, duration(verdict.durationMs))},
        <a href="#${anchor}">${details.link}</a>
      </p>
    </div>
  </details>`;
}

/** One check of a large run: what is to be looked at as a block, what passed or does not apply as a row each. */
function inShort(view: View, verdicts: readonly Verdict[]): Markup {
  const { details } = words().checks;
  const of = (outcome: Outcome) => verdicts.filter((verdict) => verdict.outcome === outcome);
  const [passed, without] = [of('pass'), of('not-applicable')];
  const open = verdicts.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'not-applicable');
  return html`${open.map((verdict) => detail(view, verdict))}
  ${rows(view, 'pass', passed, details.passed(passed.length))}
  ${rows(view, 'not-applicable', without, details.notApplicable(without.length))}`;
}

function rows(view: View, outcome: Outcome, verdicts: readonly Verdict[], sum: string): Markup {
  const [first] = verdicts;
  if (first === undefined) return nothing;
  return html`<details class="detail" data-outcome="${outcome}">
    <summary>
      ${badge(outcome)}<span class="title">${brief(first.title)}</span> <span class="quiet">${sum}</span>
    </summary>
    <table class="compare">
      <tbody>
        ${[...alike(verdicts)].map(
          ([found, hosts]) =>
            html`<tr>
              <th>
                ${hosts.map((verdict) => html`<span id="${view.anchorOf(verdict)}">${brief(subjectText(verdict.subject), 300)}</span> `)}
              </th>
              <td>${found}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

/** What was found → where. */
function alike(verdicts: readonly Verdict[]): ReadonlyMap<string, readonly Verdict[]> {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const found = foundText(verdict);
    const group = groups.get(found);
    if (group === undefined) groups.set(found, [verdict]);
    else group.push(verdict);
  }
  return groups;
}

/** On one line; a flat object without the quotes of JSON, which take more room than what they quote. */
function foundText({ found, reason }: Verdict): string {
  return brief(reason ?? oneLine(found), 80);
}

function oneLine(found: unknown): string {
  if (typeof found === 'string') return found;
  if (found === undefined) return '–';
  return JSON.stringify(found)
    .replace(/["{}]/g, '')
    .replace(/([:,])(?=\S)/g, '$1 ');
}
