/** A comparison of two runs → what people and programs read. */
import type { Comparison } from '../../lib/model/comparison.ts';
import { jsonText } from '../../lib/model/json-text.ts';
import type { TextOptions } from '../text-page.ts';
import { comparisonMarkdown } from './markdown.ts';
import { comparisonText } from './text.ts';

/** By the name that `--format` takes; each ends with a newline. */
export const comparisonFormats: Readonly<Record<string, (comparison: Comparison, options: TextOptions) => string>> = {
  text: comparisonText,
  markdown: comparisonMarkdown,
  json: (comparison) => `${jsonText(comparison, 2)}\n`,
};
