/** Outcomes as word, shape and colour together; any one of the three is enough to read them. */
import type { Certainty } from '../../lib/model/diagnosis.ts';
import type { Outcome } from '../../lib/model/verdict.ts';
import { words } from '../language/index.ts';
import { html, type Markup, trusted } from './markup.ts';

const shapes: Readonly<Record<Outcome, string>> = {
  pass: '<circle cx="8" cy="8" r="7" class="s"/><path d="M4.6 8.3l2.4 2.4 4.4-5" class="l"/>',
  fail: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" class="s"/><path d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4" class="l"/>',
  warn: '<path d="M8 1l7.4 13.6H.6z" class="s"/><path d="M8 6v4.2M8 12.2v.6" class="l"/>',
  error:
    '<rect x="1" y="1" width="14" height="14" rx="3.5" class="s"/><path d="M6 6.2c0-2.6 4-2.5 4 0 0 1.6-2 1.6-2 3.1M8 11.9v.3" class="l"/>',
  'not-run': '<circle cx="8" cy="8" r="6.6" class="h"/><path d="M4.8 8h.1M8 8h.1M11.1 8h.1" class="d"/>',
  waived: '<rect x="1" y="1" width="14" height="14" rx="3" class="h"/><path d="M4.6 8.3l2.4 2.4 4.4-5" class="d"/>',
  'not-applicable': '<path d="M3.5 8h9" class="d"/>',
};

/** Shapes and patterns that the rest of the page refers to; put once, at its top. */
export const definitions: Markup = trusted(
  `<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>` +
    Object.entries(shapes)
      .map(([outcome, shape]) => `<symbol id="i-${outcome}" viewBox="0 0 16 16">${shape}</symbol>`)
      .join('') +
    `<pattern id="p-stuck" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" class="stuck-ground"/><rect width="1.6" height="5" class="stuck-line"/></pattern>` +
    `<pattern id="p-gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="1" height="6" class="gap-line"/></pattern>` +
    `</defs></svg>`,
);

export function symbol(outcome: Outcome): Markup {
  return html`<svg class="i i-${outcome}" width="16" height="16" aria-hidden="true" focusable="false">
    <use href="#i-${outcome}" />
  </svg>`;
}

export function badge(outcome: Outcome, word: string = words().summary.outcomes[outcome]): Markup {
  return html`<span class="badge o-${outcome}">${symbol(outcome)}${word}</span>`;
}

const filled: Readonly<Record<Certainty, number>> = { certain: 3, likely: 2, possible: 1 };

export function certainty(value: Certainty): Markup {
  const dots = [1, 2, 3].map(
    (place) =>
      html`<circle cx="${place * 10 - 4}" cy="5" r="3.4" class="${place <= filled[value] ? 'full' : 'hollow'}" />`,
  );
  return html`<span class="certainty"
    ><svg width="32" height="10" aria-hidden="true" focusable="false">${dots}</svg
    >${words().summary.certainty[value]}</span
  >`;
}
