/** run.json → what people and CI servers read. Never touches a host. */
import { IpvetError } from '../lib/errors.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { renderGithub } from './github.ts';
import { renderHtml } from './html/page.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { writeFiles } from './storage.ts';
import { renderText } from './text.ts';
import { trendMarkdown, trendOf, type TrendPoint, trendText } from './trend.ts';

export { renderAb } from './ab.ts';
export { comparisonFormats } from './comparison/index.ts';
export { readBaseline, readRun, readRunOrBaseline, writeFiles } from './storage.ts';
export { trendOf, type TrendPoint, trendText };
export { renderHtml, renderJson, renderJunit, renderMarkdown, renderText };

export interface Format {
  /** As `--format` takes it. */
  readonly name: string;
  /** Name of the file it is written to. */
  readonly file: string;
  /** Only where it is asked for by name. */
  readonly onRequest?: true;
  /** Ends with a newline; has no terminal colours. */
  readonly render: (record: RunRecord, trend?: readonly TrendPoint[]) => string;
}

export const formats: readonly Format[] = [
  { name: 'html', file: 'index.html', render: (record) => renderHtml(record) },
  { name: 'junit', file: 'junit.xml', render: renderJunit },
  { name: 'json', file: 'run.json', onRequest: true, render: renderJson },
  { name: 'markdown', file: 'summary.md', render: withTrend(renderMarkdown, trendMarkdown) },
  { name: 'github', file: 'annotations.txt', onRequest: true, render: renderGithub },
  { name: 'text', file: 'summary.txt', render: withTrend((record) => renderText(record, { color: false }), trendText) },
];

function withTrend(
  render: (record: RunRecord) => string,
  told: (trend: readonly TrendPoint[]) => string,
): Format['render'] {
  return (record, trend) => (trend === undefined ? render(record) : `${render(record)}\n${told(trend)}`);
}

/** Throws USAGE for a name that is none. */
export function formatNamed(name: string): Format {
  const format = formats.find((one) => one.name === name);
  if (format !== undefined) return format;
  throw new IpvetError('USAGE', `there is no report format ${name}`, {
    hint: `formats: ${formats.map((one) => one.name).join(', ')}`,
  });
}

/** Writes the named formats into the directory, each whole or not at all, mode 0600; returns the paths. Throws USAGE, STORAGE. */
export async function writeReports(
  record: RunRecord,
  directory: string,
  names: readonly string[],
  trend?: readonly TrendPoint[],
): Promise<string[]> {
  const files = new Map(names.map(formatNamed).map(({ file, render }) => [file, render(record, trend)]));
  return writeFiles(directory, files);
}
