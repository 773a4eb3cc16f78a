/** A comparison for a terminal: what got worse first, the outcome last. */
import type { Comparison } from '../../lib/model/comparison.ts';
import { Page, type TextOptions } from '../text-page.ts';
import { brief } from '../visible.ts';
import {
  figureChange,
  figureName,
  figureTone,
  figureValues,
  figureWords,
  outcomeText,
  runText,
  sectionsOf,
  toleranceText,
  type Tone,
} from './words.ts';

const shown = 20;

/** Ends with a newline. */
export function comparisonText(comparison: Comparison, options: TextOptions): string {
  const page = new Page(options);
  page.line(page.paint.bold(`ipvet diff · ${brief(comparison.cluster, 80)}`));
  page.sentence('Before    ', runText(comparison.before));
  page.sentence('After     ', runText(comparison.after));
  for (const note of comparison.notes) page.sentence('Note      ', note, page.paint.yellow);
  for (const { title, tone, rows } of sectionsOf(comparison)) {
    page.gap();
    page.line(painted(page, tone, `${title}: ${rows.length}`));
    for (const { name, text } of rows.slice(0, shown)) page.entry('  ', name, text);
    if (rows.length > shown)
      page.line(page.paint.dim(`  and ${rows.length - shown} more; --json and --format markdown have them all`));
  }
  figures(page, comparison);
  page.gap();
  for (const [index, reason] of comparison.because.entries())
    page.sentence(index === 0 ? 'Because   ' : '          ', reason);
  const tone = comparison.outcome === 'worse' ? 'bad' : comparison.outcome === 'not-worse' ? 'good' : 'doubtful';
  page.line(`${painted(page, tone, outcomeText[comparison.outcome])} (exit code ${comparison.exitCode})`);
  return page.text();
}

function figures(page: Page, comparison: Comparison): void {
  if (comparison.figures.length === 0) return;
  page.gap();
  page.line('Figures of the load');
  for (const figure of comparison.figures) {
    const change = figureChange(figure);
    page.line(
      `  ${brief(figureName(figure), 200)}  ${figureValues(figure)}${change === '' ? '' : `  ${change}`}  ${painted(page, figureTone[figure.outcome], figureWords[figure.outcome])}`,
    );
    if (figure.outcome === 'could-not-tell' && figure.reason !== undefined)
      page.sentence('      ', figure.reason, page.paint.dim);
  }
  page.sentence('  ', toleranceText(comparison), page.paint.dim);
}

function painted(page: Page, tone: Tone, text: string): string {
  const { paint } = page;
  switch (tone) {
    case 'bad':
      return paint.bold(paint.red(text));
    case 'doubtful':
      return paint.yellow(text);
    case 'good':
      return paint.green(text);
    case 'plain':
      return text;
  }
}
