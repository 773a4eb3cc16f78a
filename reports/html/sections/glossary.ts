/** Words of the field that the page uses. */
import { words } from '../../language/index.ts';
import { html, type Markup } from '../markup.ts';

export function glossarySection(): Markup {
  const { glossary } = words();
  return html`<section id="glossary" aria-labelledby="glossary-title">
    <h2 id="glossary-title">${glossary.title}</h2>
    <dl class="glossary">
      ${glossary.entries.map(
        ([word, meaning]) =>
          html`<div>
            <dt>${word}</dt>
            <dd>${meaning}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
