/** One self-contained file. Fetches nothing, runs nothing but its own script: the policy names both by their hash. */
import { createHash } from 'node:crypto';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { verdictWords } from '../summary.ts';
import { brief } from '../visible.ts';
import { html, type Markup, nothing, trusted } from './markup.ts';
import { script } from './script.ts';
import { changesSection, inventorySection, methodSection, signOffSection } from './sections/appendix.ts';
import { detailsSection, matrixSection } from './sections/checks.ts';
import { findingsSection, unevaluatedSection } from './sections/findings.ts';
import { loadSection } from './sections/load.ts';
import { topologySection } from './sections/topology.ts';
import { connectionsSection, distributionSection } from './sections/traffic.ts';
import { verdictSection } from './sections/verdict.ts';
import { style } from './style.ts';
import { definitions } from './symbols.ts';
import { type View, viewOf } from './view.ts';

/** In the order of the page. */
const sections: readonly { readonly id: string; readonly name: string; readonly render: (view: View) => Markup }[] = [
  { id: 'findings', name: 'Findings', render: findingsSection },
  { id: 'topology', name: 'Topology', render: topologySection },
  { id: 'not-evaluated', name: 'Not evaluated', render: unevaluatedSection },
  { id: 'checks', name: 'Hosts and checks', render: matrixSection },
  { id: 'distribution', name: 'Distribution', render: distributionSection },
  { id: 'connections', name: 'Connections', render: connectionsSection },
  { id: 'load', name: 'Load', render: loadSection },
  { id: 'changes', name: 'Changes', render: changesSection },
  { id: 'details', name: 'Every check', render: detailsSection },
  { id: 'inventory', name: 'Inventory', render: inventorySection },
  { id: 'method', name: 'Method', render: methodSection },
  { id: 'sign-off', name: 'Sign-off', render: signOffSection },
];

const policy = [
  "default-src 'none'",
  `style-src '${hash(style)}'`,
  `script-src '${hash(script)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The whole report; ends with a newline. */
export function renderHtml(record: RunRecord): string {
  const view = viewOf(record);
  const rendered = sections
    .map(({ id, name, render }) => ({ id, name, body: render(view) }))
    .filter(({ body }) => body !== nothing);
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="generator" content="ipvet ${brief(record.tool.version, 40)}" />
      <title>${verdictWords[record.verdict]}: ${brief(record.cluster.name, 255)}</title>
      ${trusted(`<style>${style}</style>`)}
    </head>
    <body>
      <a class="skip" href="#main">Skip to the findings</a>
      ${definitions} ${verdictSection(view)}
      <nav aria-label="Parts of the report">${rendered.map(({ id, name }) => html`<a href="#${id}">${name}</a> `)}</nav>
      <main id="main">${rendered.map(({ body }) => body)}</main>
      ${trusted(`<script>${script}</script>`)}
    </body>
  </html>`;
  return `<!doctype html>\n${page.toString()}\n`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
