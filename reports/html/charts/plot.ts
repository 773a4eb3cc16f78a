/** The frame every chart has: axes with units, a title and a sentence for those who cannot see it. */
import { html, type Content, type Markup } from '../markup.ts';
import { at, type Scale } from './scale.ts';

export const area = { left: 48, right: 372, top: 24, bottom: 176, width: 380, height: 210 } as const;

export interface Plot {
  /** What a screen reader says: the chart in a sentence with its figures. */
  readonly summary: string;
  readonly x: { readonly scale: Scale; readonly label: (value: number) => string; readonly title: string };
  readonly y: { readonly scale: Scale; readonly label: (value: number) => string; readonly title: string };
  readonly marks: Content;
}

export function plot({ summary, x, y, marks }: Plot): Markup {
  const rows = y.scale.ticks.map((tick) => {
    const height = at(y.scale(tick));
    return html`<path d="M${area.left} ${height}H${area.right}" class="grid" /><text
        x="${area.left - 6}"
        y="${height}"
        dy=".32em"
        class="tick end"
        >${y.label(tick)}</text
      >`;
  });
  const columns = spaced(x.scale).map(
    (tick) =>
      html`<path d="M${at(x.scale(tick))} ${area.bottom}v4" class="axis" /><text
          x="${at(x.scale(tick))}"
          y="${area.bottom + 16}"
          class="tick middle"
          >${x.label(tick)}</text
        >`,
  );
  return html`<svg class="chart" viewBox="0 0 ${area.width} ${area.height}" role="img" aria-label="${summary}">
    <text x="2" y="10" class="tick">${y.title}</text>
    ${rows}
    <g>${marks}</g>
    <path d="M${area.left} ${area.bottom}H${area.right}" class="axis" />
    ${columns}
    <text x="${area.right}" y="${area.height - 4}" class="tick end">${x.title}</text>
  </svg>`;
}

/** Ticks whose labels do not run into each other. */
function spaced(scale: Scale): number[] {
  const kept: number[] = [];
  for (const tick of scale.ticks) {
    const last = kept.at(-1);
    if (last === undefined || scale(tick) - scale(last) >= 34) kept.push(tick);
  }
  return kept;
}
