/**
 * The page: one self-contained file, or a file with its style and script beside it. Fetches nothing else, runs nothing but
 * its own script: the policy names both.
 */
import { createHash } from 'node:crypto';
import type { RunRecord } from '../../lib/model/run-record.ts';
import type { HtmlLayout } from '../html-layout.ts';
import { inLanguage, words } from '../language/index.ts';
import type { Language } from '../language/names.ts';
import type { TrendPoint } from '../trend.ts';
import { brief } from '../visible.ts';
import { html, type Markup, nothing, trusted } from './markup.ts';
import { liveScript } from './live-script.ts';
import { script } from './script.ts';
import { changesSection, inventorySection, methodSection, signOffSection } from './sections/appendix.ts';
import { matrixSection } from './sections/checks.ts';
import { detailsSection } from './sections/details.ts';
import { failoverSection } from './sections/failover.ts';
import { findingsSection, unevaluatedSection } from './sections/findings.ts';
import { gatesSection } from './sections/gates.ts';
import { glossarySection } from './sections/glossary.ts';
import { loadSection } from './sections/load.ts';
import { topologySection } from './sections/topology.ts';
import { traceSection } from './sections/trace.ts';
import { trendSection } from './sections/trend.ts';
import { connectionsSection, distributionSection } from './sections/traffic.ts';
import { verdictSection } from './sections/verdict.ts';
import { style } from './style.ts';
import { definitions } from './symbols.ts';
import { uplot } from './uplot.ts';
import { type View, viewOf } from './view.ts';

export interface HtmlOptions {
  readonly language?: Language;
  readonly layout?: HtmlLayout;
  readonly trend?: readonly TrendPoint[];
}

type SectionId = keyof ReturnType<typeof words>['page']['nav'];

/** In the order of the page. */
const sections: readonly { readonly id: SectionId; readonly render: (view: View) => Markup }[] = [
  { id: 'findings', render: findingsSection },
  { id: 'not-evaluated', render: unevaluatedSection },
  { id: 'topology', render: topologySection },
  { id: 'gates', render: gatesSection },
  { id: 'failover', render: failoverSection },
  { id: 'checks', render: matrixSection },
  { id: 'load', render: loadSection },
  { id: 'distribution', render: distributionSection },
  { id: 'connections', render: connectionsSection },
  { id: 'trend', render: trendSection },
  { id: 'trace', render: traceSection },
  { id: 'changes', render: changesSection },
  { id: 'details', render: detailsSection },
  { id: 'inventory', render: inventorySection },
  { id: 'method', render: methodSection },
  { id: 'glossary', render: glossarySection },
  { id: 'sign-off', render: signOffSection },
];

const beside = { style: 'report.css', script: 'report.js' } as const;

interface Source {
  readonly style: string;
  readonly script: string;
}

/** The charting library comes along only where there is a chart for it. */
const plain: Source = { style, script };
let withCharts: Source | undefined;

function sourceOf(charts: boolean): Source {
  if (!charts) return plain;
  return (withCharts ??= {
    style: `${uplot().style}${style}`,
    script: `${script}${uplot().script}${liveScript}`,
  });
}

/** Name of file → content; index.html is the page. */
export function renderHtmlFiles(record: RunRecord, options: HtmlOptions = {}): ReadonlyMap<string, string> {
  const { language = 'en', layout = 'file', trend } = options;
  const { page, source } = inLanguage(language, () => pageOf(viewOf(record, trend), layout));
  return layout === 'file'
    ? new Map([['index.html', page]])
    : new Map([
        ['index.html', page],
        [beside.style, source.style],
        [beside.script, source.script],
      ]);
}

/** The whole report in one file; ends with a newline. */
export function renderHtml(record: RunRecord, language: Language = 'en', trend?: readonly TrendPoint[]): string {
  return inLanguage(language, () => pageOf(viewOf(record, trend), 'file')).page;
}

function pageOf(view: View, layout: HtmlLayout): { readonly page: string; readonly source: Source } {
  const { record } = view;
  const { page, summary } = words();
  const rendered = sections
    .map(({ id, render }) => ({ id, body: render(view) }))
    .filter(({ body }) => body !== nothing);
  // What a run says is escaped, so the attribute is ours.
  const source = sourceOf(rendered.some(({ body }) => body.toString().includes('\ndata-live="')));
  const whole = layout === 'file';
  const text = html`<html lang="${page.code}">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policyOf(layout, source)}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="generator" content="ipvet ${brief(record.tool.version, 40)}" />
      <title>${summary.verdicts[record.verdict]}: ${brief(record.cluster.name, 255)}</title>
      ${whole ? trusted(`<style>${source.style}</style>`) : html`<link rel="stylesheet" href="${beside.style}" />`}
    </head>
    <body>
      <a class="skip" href="#main">${page.skip}</a>
      ${definitions} ${themeSwitch()} ${verdictSection(view)}
      <nav aria-label="${page.parts}">${rendered.map(({ id }) => html`<a href="#${id}">${page.nav[id]}</a> `)}</nav>
      <main
        id="main"
        data-copy="${page.copy.copy}"
        data-copied="${page.copy.copied}"
        data-by-hand="${page.copy.byHand}"
        data-zoom-out="${page.zoom.out}"
        data-zoom-keys="${page.zoom.keys}"
      >
        ${rendered.map(({ body }) => body)}
      </main>
      ${whole ? trusted(`<script>${source.script}</script>`) : html`<script src="${beside.script}"></script>`}
    </body>
  </html>`;
  return { page: `<!doctype html>\n${text.toString()}\n`, source };
}

/** Useless without a script, so a script shows it. */
function themeSwitch(): Markup {
  const { theme } = words().page;
  const choices = ['auto', 'light', 'dark'] as const;
  return html`<aside class="theme" aria-label="${theme.label}" hidden>
    <label
      >${theme.label}
      <select>
        ${choices.map((choice) => html`<option value="${choice}">${theme[choice]}</option>`)}
      </select></label
    >
  </aside>`;
}

function policyOf(layout: HtmlLayout, { style: ownStyle, script: ownScript }: Source): string {
  const from = (text: string) => (layout === 'dir' ? "'self'" : `'${hash(text)}'`);
  return [
    "default-src 'none'",
    `style-src ${from(ownStyle)}`,
    `script-src ${from(ownScript)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
