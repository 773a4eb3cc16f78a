/** Hosts by checks, each cell leading to its detail. */
import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { words } from '../../language/index.ts';
import { folderOf, outcomeCounts, outcomes } from '../../summary.ts';
import { brief } from '../../visible.ts';
import { html, type Markup, nothing } from '../markup.ts';
import { badge, symbol } from '../symbols.ts';
import type { View } from '../view.ts';

interface Row {
  readonly check: string;
  readonly title: string;
  readonly byHost: ReadonlyMap<string, readonly Verdict[]>;
}

const cluster = '(cluster)';

/** Host a verdict is about; those about none have a column of their own. */
export const hostOf = (verdict: Verdict) => verdict.subject.host ?? cluster;

/** Shape and word for most; in a large matrix a sign will do for what needs no attention. */
const signs: Readonly<Partial<Record<Outcome, string>>> = { pass: '✓', 'not-applicable': '–' };

export function matrixSection(view: View): Markup {
  const { record } = view;
  if (record.verdicts.length === 0) return nothing;
  const { checks } = words();
  const judged = new Set(record.verdicts.map(hostOf));
  const declared = record.cluster.hosts.map(({ name }) => name);
  const hosts = [
    ...declared.filter((name) => judged.has(name)),
    ...[...judged].filter((name) => !declared.includes(name)),
  ];
  const roles = new Map(record.cluster.hosts.map(({ name, role }) => [name, words().summary.roles[role]]));
  const named = new Set(record.verdicts.flatMap(({ subject }) => subject.service ?? []));
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">${checks.title}</h2>
    <p class="quiet screen-only">${checks.intro} <span class="script-only">${checks.keys}</span></p>
    ${filters(view, hosts)}
    <div class="scroll" tabindex="0" role="group" aria-labelledby="checks-title">
      <table class="${view.compact || hosts.length > 12 ? 'matrix dense' : 'matrix'}">
        <thead>
          <tr>
            <td></td>
            ${hosts.map((host) => html`<th scope="col" data-host="${host}"><span class="host">${brief(host, 255)}</span><span class="role">${roles.get(host) ?? ''}</span></th>`)}
          </tr>
        </thead>
        ${[...byFolder(record.verdicts)].map(
          ([folder, verdicts]) =>
            html`<tbody>
              <tr class="folder">
                <th scope="rowgroup" colspan="${hosts.length + 1}">${folderName(folder)}</th>
              </tr>
              ${byCheck(verdicts).map((all) => matrixRow(view, rowOf(all), hosts, named.size > 1))}
            </tbody>`,
        )}
      </table>
    </div>
  </section>`;
}

/** Useless without a script, so a script shows it. */
function filters({ record }: View, hosts: readonly string[]): Markup {
  const counts = outcomeCounts(record);
  const { checks } = words();
  return html`<div
    class="filters"
    hidden
    data-one="${checks.shownTemplates.one}"
    data-many="${checks.shownTemplates.many}"
  >
    <fieldset>
      <legend>${checks.show}</legend>
      ${outcomes
        .filter((outcome) => counts[outcome] > 0)
        .map(
          (outcome) =>
            html`<label
              ><input type="checkbox" name="outcome" value="${outcome}" checked />${badge(outcome)}
              <span class="quiet">${counts[outcome]}</span></label
            >`,
        )}
    </fieldset>
    <label>${checks.search} <input type="search" /></label>
    <label
      >${checks.host}
      <select>
        <option value="">${checks.all}</option>
        ${hosts.map((host) => html`<option value="${host}">${brief(host, 60)}</option>`)}
      </select></label
    >
    <label><input type="checkbox" name="worst" />${checks.worstFirst}</label>
    <button type="button">${checks.trouble}</button>
    <span class="note" role="status"></span>
  </div>`;
}

export function folderName(folder: string): string {
  const { folders } = words().checks;
  return (Object.hasOwn(folders, folder) ? folders[folder] : undefined) ?? brief(folder, 60);
}

/** In the order in which folders first come. */
export function byFolder(verdicts: readonly Verdict[]): ReadonlyMap<string, readonly Verdict[]> {
  return grouped(verdicts, ({ check }) => folderOf(check));
}

/** Verdicts of one check after the other. */
export function byCheck(verdicts: readonly Verdict[]): readonly (readonly Verdict[])[] {
  return [...grouped(verdicts, ({ check }) => check).values()];
}

function rowOf(verdicts: readonly Verdict[]): Row {
  const [first] = verdicts;
  return { check: first?.check ?? '', title: first?.title ?? '', byHost: grouped(verdicts, hostOf) };
}

function grouped(verdicts: readonly Verdict[], keyOf: (verdict: Verdict) => string): ReadonlyMap<string, Verdict[]> {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const group = groups.get(keyOf(verdict));
    if (group === undefined) groups.set(keyOf(verdict), [verdict]);
    else group.push(verdict);
  }
  return groups;
}

function matrixRow(view: View, { check, title, byHost }: Row, hosts: readonly string[], nameService: boolean): Markup {
  return html`<tr>
    <th scope="row">${brief(title)}<span class="id">${brief(check, 120)}</span></th>
    ${hosts.map((host) => html`<td>${(byHost.get(host) ?? []).map((verdict) => cell(view, verdict, nameService))}</td>`)}
  </tr>`;
}

function cell(view: View, verdict: Verdict, nameService: boolean): Markup {
  const { outcome, subject } = verdict;
  const name =
    nameService && subject.service !== undefined
      ? html` <span class="id">${brief(subject.service, 60)}</span>`
      : nothing;
  const sign = (view.compact ? signs[outcome] : undefined) ?? [symbol(outcome), words().checks.cells[outcome]];
  return html`<a class="o-${outcome}" href="#${view.anchorOf(verdict)}">${sign}${name}</a>`;
}
