/** run.json → what people and CI servers read. Never touches a host. */
import { IpvetError } from '../lib/errors.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { renderHtml, renderHtmlFiles } from './html/page.ts';
import type { HtmlLayout } from './html-layout.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import type { Language } from './language/index.ts';
import { renderMarkdown } from './markdown.ts';
import { writeFiles } from './storage.ts';
import { renderText } from './text.ts';

export { renderAb } from './ab.ts';
export { readRun } from './storage.ts';
export { renderHtml, renderJson, renderJunit, renderMarkdown, renderText };

export interface Format {
  /** As `--format` takes it. */
  readonly name: string;
  /** Name of the file it is written to. */
  readonly file: string;
  /** Ends with a newline; has no terminal colours. English but for the formats that have other languages. */
  readonly render: (record: RunRecord, language?: Language) => string;
}

export const formats: readonly Format[] = [
  { name: 'html', file: 'index.html', render: renderHtml },
  { name: 'junit', file: 'junit.xml', render: renderJunit },
  { name: 'json', file: 'run.json', render: renderJson },
  { name: 'markdown', file: 'summary.md', render: renderMarkdown },
  {
    name: 'text',
    file: 'summary.txt',
    render: (record, language = 'en') => renderText(record, { color: false, language }),
  },
];

/** Throws USAGE for a name that is none. */
export function formatNamed(name: string): Format {
  const format = formats.find((one) => one.name === name);
  if (format !== undefined) return format;
  throw new IpvetError('USAGE', `there is no report format ${name}`, {
    hint: `formats: ${formats.map((one) => one.name).join(', ')}`,
  });
}

export interface ReportOptions {
  readonly language?: Language;
  readonly htmlLayout?: HtmlLayout;
}

/** Writes the named formats into the directory, each whole or not at all, mode 0600; returns the paths. Throws USAGE, STORAGE. */
export async function writeReports(
  record: RunRecord,
  directory: string,
  names: readonly string[],
  { language = 'en', htmlLayout = 'file' }: ReportOptions = {},
): Promise<string[]> {
  const files = names
    .map(formatNamed)
    .flatMap(({ name, file, render }) =>
      name === 'html'
        ? [...renderHtmlFiles(record, { language, layout: htmlLayout })]
        : [[file, render(record, language)] as const],
    );
  return writeFiles(directory, new Map(files));
}
