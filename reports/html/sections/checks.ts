/** Hosts by checks, each cell leading to its detail, and the details. */
import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { folderOf, outcomeCounts, outcomes, outcomeWords, subjectText } from '../../summary.ts';
import { duration } from '../../units.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { comparison, evidenceBlock, remedyBlock } from '../quotes.ts';
import { badge, symbol } from '../symbols.ts';
import type { View } from '../view.ts';

/** Short enough for a cell; the shape beside it says the same. */
const cellWords: Readonly<Record<Outcome, string>> = {
  pass: 'pass',
  fail: 'FAIL',
  warn: 'warn',
  error: 'unknown',
  'not-run': 'not run',
  waived: 'waived',
  'not-applicable': 'n/a',
};

const folderWords: Readonly<Record<string, string>> = {
  director: 'Director',
  'real-server': 'Real servers',
  'virtual-service': 'Virtual services',
  client: 'Client',
  network: 'Network',
  traffic: 'Under load',
  ha: 'High availability',
  custom: 'Your own checks',
  suite: 'Your own suites',
};

interface Row {
  readonly check: string;
  readonly title: string;
  readonly byHost: ReadonlyMap<string, readonly Verdict[]>;
}

const cluster = '(cluster)';
const hostOf = (verdict: Verdict) => verdict.subject.host ?? cluster;

export function matrixSection(view: View): Markup {
  const { record } = view;
  if (record.verdicts.length === 0) return nothing;
  const judged = new Set(record.verdicts.map(hostOf));
  const declared = record.cluster.hosts.map(({ name }) => name);
  const hosts = [
    ...declared.filter((name) => judged.has(name)),
    ...[...judged].filter((name) => !declared.includes(name)),
  ];
  const named = new Set(record.verdicts.flatMap(({ subject }) => subject.service ?? []));
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Hosts and checks</h2>
    ${filters(view, hosts)}
    <div class="scroll" tabindex="0" role="group" aria-labelledby="checks-title">
      <table class="matrix">
        <thead>
          <tr>
            <td></td>
            ${hosts.map((host) => html`<th scope="col" data-host="${host}"><span class="host">${brief(host, 255)}</span><span class="role">${roleOf(view, host)}</span></th>`)}
          </tr>
        </thead>
        ${[...byFolder(record.verdicts)].map(
          ([folder, verdicts]) =>
            html`<tbody>
              <tr class="folder">
                <th scope="rowgroup" colspan="${hosts.length + 1}">${folderWords[folder] ?? brief(folder, 60)}</th>
              </tr>
              ${rowsOf(verdicts).map((row) => matrixRow(view, row, hosts, named.size > 1))}
            </tbody>`,
        )}
      </table>
    </div>
  </section>`;
}

/** Useless without a script, so a script shows it. */
function filters({ record }: View, hosts: readonly string[]): Markup {
  const counts = outcomeCounts(record);
  return html`<div class="filters" hidden>
    <fieldset>
      <legend>Show</legend>
      ${outcomes
        .filter((outcome) => counts[outcome] > 0)
        .map(
          (outcome) =>
            html`<label
              ><input type="checkbox" value="${outcome}" checked />${badge(outcome)}
              <span class="quiet">${counts[outcome]}</span></label
            >`,
        )}
    </fieldset>
    <label
      >Host
      <select>
        <option value="">all</option>
        ${hosts.map((host) => html`<option value="${host}">${brief(host, 60)}</option>`)}
      </select></label
    >
    <span class="note" role="status"></span>
  </div>`;
}

function roleOf({ record }: View, host: string): string {
  return record.cluster.hosts.find(({ name }) => name === host)?.role.replace('-', ' ') ?? '';
}

function byFolder(verdicts: readonly Verdict[]): ReadonlyMap<string, readonly Verdict[]> {
  const folders = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const folder = folderOf(verdict.check);
    const group = folders.get(folder);
    if (group === undefined) folders.set(folder, [verdict]);
    else group.push(verdict);
  }
  return folders;
}

function rowsOf(verdicts: readonly Verdict[]): Row[] {
  const rows = new Map<string, { title: string; byHost: Map<string, Verdict[]> }>();
  for (const verdict of verdicts) {
    const row = rows.get(verdict.check) ?? { title: verdict.title, byHost: new Map<string, Verdict[]>() };
    rows.set(verdict.check, row);
    row.byHost.set(hostOf(verdict), [...(row.byHost.get(hostOf(verdict)) ?? []), verdict]);
  }
  return [...rows].map(([check, row]) => ({ check, ...row }));
}

function matrixRow(view: View, { check, title, byHost }: Row, hosts: readonly string[], nameService: boolean): Markup {
  return html`<tr>
    <th scope="row">${brief(title)}<span class="id">${brief(check, 120)}</span></th>
    ${hosts.map((host) => {
      const cell = byHost.get(host) ?? [];
      return html`<td data-host="${host}">
        ${cell.map(
          (verdict) =>
            html`<a class="o-${verdict.outcome}" data-outcome="${verdict.outcome}" href="#${view.anchorOf(verdict)}"
              >${symbol(verdict.outcome)}${cellWords[verdict.outcome]}${nameService && verdict.subject.service !== undefined ? html` <span class="id">${brief(verdict.subject.service, 60)}</span>` : nothing}</a
            >`,
        )}
      </td>`;
    })}
  </tr>`;
}

export function detailsSection(view: View): Markup {
  const { record } = view;
  if (record.verdicts.length === 0) return nothing;
  return html`<section id="details" aria-labelledby="details-title">
    <h2 id="details-title">Every check</h2>
    <p class="quiet screen-only">What was found and expected, why, by which command, and how to mend it.</p>
    <p class="quiet print-only">
      Checks that passed or do not apply are listed in the matrix above; what they were judged by is in the HTML file.
    </p>
    ${[...byFolder(record.verdicts)].map(
      ([folder, verdicts]) =>
        html`<div class="group">
          <h3 class="list-title">${folderWords[folder] ?? brief(folder, 60)}</h3>
          ${verdicts.map((verdict) => detail(view, verdict))}
        </div>`,
    )}
  </section>`;
}

function detail(view: View, verdict: Verdict): Markup {
  const { outcome, subject, reason, hint, found, expected, evidence, remedy } = verdict;
  return html`<details
    class="detail"
    id="${view.anchorOf(verdict)}"
    data-outcome="${outcome}"
    data-host="${hostOf(verdict)}"
  >
    <summary>
      ${badge(outcome)}<span class="title">${brief(verdict.title)}</span>
      <span class="host">${brief(subjectText(subject), 300)}</span>
    </summary>
    <div class="body">
      ${reason === undefined ? nothing : html`<p class="why">${brief(reason, 2000)}</p>`}
      ${hint === undefined ? nothing : html`<p>${brief(hint, 2000)}</p>`} ${comparison(found, expected)}
      ${remedy === undefined ? nothing : remedyBlock(remedy)} ${evidence.map(evidenceBlock)}
      <p class="note">
        <code>${brief(verdict.check, 200)}</code>, ${verdict.severity}, stage ${verdict.stage}, took
        ${duration(verdict.durationMs)}${outcome === 'pass' || outcome === 'not-applicable' ? nothing : `, ${outcomeWords[outcome]}`}
      </p>
    </div>
  </details>`;
}
