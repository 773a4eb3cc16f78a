/** A comparison for a merge request or a CI step. Nothing of a run becomes markup. */
import type { Comparison } from '../../lib/model/comparison.ts';
import { code, plain, table } from '../markdown-text.ts';
import {
  figureChange,
  figureName,
  figureValues,
  figureWords,
  outcomeText,
  runText,
  sectionsOf,
  toleranceText,
} from './words.ts';

/** Ends with a newline. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { because, figures } = comparison;
  const blocks = [
    `# ${outcomeText[comparison.outcome]}: ${plain(comparison.cluster)}`,
    ...(because.length === 0 ? [] : [because.map((reason) => `- ${plain(reason)}`).join('\n')]),
    table(
      ['', ''],
      [
        ['Before', plain(runText(comparison.before))],
        ['After', plain(runText(comparison.after))],
        ['Exit code', String(comparison.exitCode)],
      ],
    ),
    ...comparison.notes.map((note) => `> ${plain(note)}`),
    ...sectionsOf(comparison).flatMap(({ title, rows }) => [
      `## ${title}: ${rows.length}`,
      table(
        ['What', 'Why'],
        rows.map(({ name, text }) => [code(name), plain(text)]),
      ),
    ]),
    ...(figures.length === 0
      ? []
      : [
          '## Figures of the load',
          table(
            ['Figure', 'Before → after', 'Change', ''],
            figures.map((figure) => [
              code(figureName(figure)),
              figureValues(figure),
              figureChange(figure),
              [
                figureWords[figure.outcome],
                ...(figure.outcome === 'could-not-tell' && figure.reason !== undefined ? [plain(figure.reason)] : []),
              ].join(': '),
            ]),
          ),
          `${plain(toleranceText(comparison))}.`,
        ]),
  ];
  return `${blocks.join('\n\n')}\n`;
}
