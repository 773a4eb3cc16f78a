/** run.json → what people and CI servers read. Never touches a host. */
import { IpvetError } from '../lib/errors.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import type { FormatName } from './format-names.ts';
import { renderGithub } from './github.ts';
import { renderHtml, renderHtmlFiles } from './html/page.ts';
import type { HtmlLayout } from './html-layout.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import type { Language } from './language/names.ts';
import { renderMarkdown } from './markdown.ts';
import { writeFiles } from './storage.ts';
import { renderText } from './text.ts';
import { trendMarkdown, trendOf, type TrendPoint, trendText } from './trend.ts';

export { renderAb } from './ab.ts';
export { comparisonFormats } from './comparison/index.ts';
export { readBaseline, readRun, readRunOrBaseline, writeFiles } from './storage.ts';
export { trendOf, type TrendPoint, trendText };
export { renderHtml, renderJson, renderJunit, renderMarkdown, renderText };

export interface RenderOptions {
  readonly language?: Language;
  /** The last runs beside this one, where the format has room for them. */
  readonly trend?: readonly TrendPoint[];
}

export interface Format {
  readonly name: FormatName;
  /** Name of the file it is written to. */
  readonly file: string;
  /** Only where it is asked for by name. */
  readonly onRequest?: true;
  /** Ends with a newline; has no terminal colours. English but for the formats that have other languages. */
  readonly render: (record: RunRecord, options?: RenderOptions) => string;
}

export const formats: readonly Format[] = [
  {
    name: 'html',
    file: 'index.html',
    render: (record, options = {}) => renderHtml(record, options.language, options.trend),
  },
  { name: 'junit', file: 'junit.xml', render: renderJunit },
  { name: 'json', file: 'run.json', onRequest: true, render: renderJson },
  { name: 'markdown', file: 'summary.md', render: withTrend(renderMarkdown, trendMarkdown) },
  { name: 'github', file: 'annotations.txt', onRequest: true, render: renderGithub },
  {
    name: 'text',
    file: 'summary.txt',
    render: withTrend((record, { language = 'en' }) => renderText(record, { color: false, language }), trendText),
  },
];

function withTrend(
  render: (record: RunRecord, options: RenderOptions) => string,
  told: (trend: readonly TrendPoint[], language?: Language) => string,
): Format['render'] {
  return (record, options = {}) => {
    const { trend } = options;
    return trend === undefined
      ? render(record, options)
      : `${render(record, options)}\n${told(trend, options.language)}`;
  };
}

/** Throws USAGE for a name that is none. */
export function formatNamed(name: string): Format {
  const format = formats.find((one) => one.name === name);
  if (format !== undefined) return format;
  throw new IpvetError('USAGE', `there is no report format ${name}`, {
    hint: `formats: ${formats.map((one) => one.name).join(', ')}`,
  });
}

export interface ReportOptions extends RenderOptions {
  readonly htmlLayout?: HtmlLayout;
}

/** Writes the named formats into the directory, each whole or not at all, mode 0600; returns the paths. Throws USAGE, STORAGE. */
export async function writeReports(
  record: RunRecord,
  directory: string,
  names: readonly string[],
  { htmlLayout = 'file', ...options }: ReportOptions = {},
): Promise<string[]> {
  const files = names
    .map(formatNamed)
    .flatMap(({ name, file, render }) =>
      name === 'html'
        ? [...renderHtmlFiles(record, { ...options, layout: htmlLayout })]
        : [[file, render(record, options)] as const],
    );
  return writeFiles(directory, new Map(files));
}
