/** What hosts printed and what to type, as blocks. */
import type { Evidence, Remedy } from '../../lib/model/evidence.ts';
import { words } from '../language/index.ts';
import { brief, capped, valueText } from '../visible.ts';
import { type Content, html, type Markup, nothing } from './markup.ts';

export function evidenceBlock({ host, command, output, exitCode }: Evidence): Markup {
  const { text, note } = capped(output);
  const notes = [
    ...(exitCode === undefined || exitCode === 0 ? [] : [words().quotes.exitCode(exitCode)]),
    ...(note === undefined ? [] : [note]),
  ];
  return html`<figure class="evidence">
    <figcaption><span class="host">${brief(host, 255)}</span> <code>${brief(command, 1000)}</code></figcaption>
    <pre tabindex="0">${text === '' ? html`<i>${words().quotes.noOutput}</i>` : text}</pre>
    ${notes.length === 0 ? nothing : html`<p class="note">${notes.join('; ')}</p>`}
  </figure>`;
}

/** Lines to type, with a place for the copy button. */
export function commands(lines: readonly string[], label: string): Markup {
  return html`<div class="copy">
    <pre tabindex="0" aria-label="${label}"><code>${lines.map((line) => brief(line, 2000)).join('\n')}</code></pre>
  </div>`;
}

export function remedyBlock({ host, summary, commands: now, persistent = [], undo = [] }: Remedy): Markup {
  const { quotes } = words();
  return html`<div class="remedy">
    <p class="label">${quotes.remedy}</p>
    <p>${brief(summary)} <span class="where">${quotes.onAsRoot(brief(host, 255))}</span></p>
    ${now.length === 0 ? nothing : commands(now, quotes.now)}
    ${
      persistent.length === 0
        ? nothing
        : html`<details>
            <summary>${quotes.persistent}</summary>
            ${commands(persistent, quotes.persistentCommands)}
          </details>`
    }
    ${
      undo.length === 0
        ? nothing
        : html`<details>
            <summary>${quotes.undo}</summary>
            ${commands(undo, quotes.undoCommands)}
          </details>`
    }
  </div>`;
}

/** Found beside expected: a table where both are flat objects, else one below the other. */
export function comparison(found: unknown, expected: unknown): Content {
  const { quotes } = words();
  if (found === undefined && expected === undefined) return nothing;
  if (flat(found) && flat(expected)) {
    const keys = [...new Set([...Object.keys(found), ...Object.keys(expected)])];
    return html`<div class="scroll" tabindex="0" role="group" aria-label="${quotes.both}">
      <table class="compare">
        <thead>
          <tr>
            <td></td>
            <th scope="col">${quotes.found}</th>
            <th scope="col">${quotes.expected}</th>
          </tr>
        </thead>
        <tbody>
          ${keys.map((key) => {
            const [here, there] = [cell(found, key), cell(expected, key)];
            const differs = Object.hasOwn(expected, key) && here !== there;
            return html`<tr${differs ? html` class="differs"` : nothing}><th scope="row">${brief(key, 200)}</th><td>${here}${differs ? html` <span class="mark">≠</span>` : nothing}</td><td>${there}</td></tr>`;
          })}
        </tbody>
      </table>
    </div>`;
  }
  if (flat(found) && expected === undefined && Object.keys(found).length > 0) {
    return html`<div class="scroll" tabindex="0" role="group" aria-label="${quotes.found}">
      <table class="compare">
        <thead>
          <tr>
            <td></td>
            <th scope="col">${quotes.found}</th>
          </tr>
        </thead>
        <tbody>
          ${Object.keys(found).map(
            (key) =>
              html`<tr>
                <th scope="row">${brief(key, 200)}</th>
                <td>${cell(found, key)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
  return html`<dl class="values">
    ${
      found === undefined
        ? nothing
        : html`<dt>${quotes.found}</dt>
            <dd>${value(found)}</dd>`
    }
    ${
      expected === undefined
        ? nothing
        : html`<dt>${quotes.expected}</dt>
            <dd>${value(expected)}</dd>`
    }
  </dl>`;
}

function value(of: unknown): Markup {
  const { text, note } = capped(valueText(of), { lines: 60, lineLength: 500 });
  return html`<pre class="value">${text}</pre>
    ${note === undefined ? nothing : html`<p class="note">${note}</p>`}`;
}

type Flat = Readonly<Record<string, string | number | boolean | null>>;

function flat(of: unknown): of is Flat {
  return (
    typeof of === 'object' &&
    of !== null &&
    !Array.isArray(of) &&
    Object.keys(of).length <= 40 &&
    Object.values(of).every((one) => one === null || ['string', 'number', 'boolean'].includes(typeof one))
  );
}

function cell(of: Flat, key: string): string {
  const one = Object.hasOwn(of, key) ? of[key] : undefined;
  return one === undefined ? '–' : brief(String(one));
}
