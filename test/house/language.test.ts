/** Reports say nothing in words of ours but what the catalogues have, and every catalogue has all of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { globSync } from 'glob';
import ts from 'typescript';
import { caseNamed, caseNames } from '../golden/cases.ts';
import { en } from '../../reports/language/en/index.ts';
import { renderHtml } from '../../reports/html/page.ts';
import { renderText } from '../../reports/text.ts';
import { zhCn } from '../../reports/language/zh-cn/index.ts';

const root = join(import.meta.dirname, '../..');
const spoken = globSync(['reports/html/**/*.ts', 'reports/*.ts'], {
  cwd: root,
  ignore: ['reports/{markdown,junit,ab}.ts'],
});
const sources = new Map(spoken.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

/** `findings.open.title` → the message itself. */
function messages(catalogue: object, path = ''): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(catalogue).flatMap(([key, value]: [string, unknown]) => {
      const here = path === '' ? key : `${path}.${key}`;
      return typeof value === 'object' && value !== null ? [...messages(value, here)] : [[here, value] as const];
    }),
  );
}

/** What a template puts on the page between its tags. */
function literalTexts(source: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'html') {
      const { template } = node;
      const parts = ts.isNoSubstitutionTemplateLiteral(template)
        ? [template.text]
        : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
      const markup = parts.join('\u0000');
      // An attribute that is put into a tag.
      if (/^ [a-z]+(?:="[\w -]*")?$/.test(markup)) return;
      const attributes = [...markup.matchAll(/(?:aria-label|title|placeholder)="([^"]*)"/g)].map(
        ([, text = '']) => text,
      );
      found.push(
        ...markup.replace(/<[^>]*>/g, '\u0000').split('\u0000'),
        ...attributes.flatMap((text) => text.split('\u0000')),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true));
  return found;
}

/** The same in every language: the product, methods, statistics, fields of a page that no one reads. */
const names = /^(?:ipvet|VS\/|n =|p =|χ² =|content|width|light|dark|device|initial|scale|\s|[^\p{L}])*$/u;

describe('words of reports', () => {
  const [english, chinese] = [messages(en), messages(zhCn)];

  it('are in every catalogue', () => {
    const but = (path: string) => !/^(glossary\.entries|method\.language)/.test(path);
    expect([...chinese.keys()].filter(but)).to.have.members([...english.keys()].filter(but));
    expect(zhCn.glossary.entries.length).to.be.at.least(en.glossary.entries.length);
    for (const [path, message] of chinese) {
      expect(message, path).to.not.equal('');
      if (typeof message === 'function')
        expect(message.length, path).to.equal((english.get(path) as () => void).length);
    }
  });

  it('are translated, but for names that are the same everywhere', () => {
    const same = [...chinese].filter(([path, message]) => typeof message === 'string' && english.get(path) === message);
    expect(
      same
        .map(([path, message]) => `${path}: ${String(message)}`)
        .filter((line) => !/: (p\d+|VIP|SYN_RECV|VS\/.*|p99)$/.test(line)),
    ).to.deep.equal([]);
  });

  it('are each said somewhere', () => {
    const text = [...sources.values()].join('\n');
    const parts = new Set(
      [...english.keys()].flatMap((path) => path.split('.').filter((part) => /^[a-z]\w*$/i.test(part))),
    );
    const dynamic = new Set([
      ...Object.keys(en.summary.outcomes),
      ...Object.keys(en.load.endings),
      ...Object.keys(en.page.nav),
      ...Object.keys(en.checks.folders),
      ...Object.keys(en.distribution.methods),
      ...Object.keys(en.summary.interruptions),
      ...Object.keys(en.topology.seen),
      ...Object.keys(en.failover.events),
      ...Object.keys(en.failover.scenarios),
    ]);
    expect([...parts].filter((part) => !dynamic.has(part) && !new RegExp(`\\b${part}\\b`).test(text))).to.deep.equal(
      [],
    );
  });

  for (const [file, source] of sources) {
    it(`are in no template of ${file}`, () => {
      expect(literalTexts(source).filter((text) => !names.test(text))).to.deep.equal([]);
    });
  }

  it('are seen by this test in a template', () => {
    expect(literalTexts('html`<p title="One">Two ${three} four</p>`').map((text) => text.trim())).to.include.members([
      'One',
      'Two',
      'four',
    ]);
  });

  for (const name of caseNames) {
    it(`leave no English heading, column or label in a Chinese page: ${name}`, () => {
      const page = renderHtml(caseNamed(name), 'zh-CN');
      expect(page).to.contain('<html lang="zh-CN">');
      const said = [...page.matchAll(/<(h2|h4|th scope="col"|dt|summary|legend|figcaption)(?: [^>]*)?>([^<]*)/g)].map(
        ([, , text = '']) => text.trim(),
      );
      const known = /^[\d\s.,:…()·+≥<>–-]*$|p\d+|SYN|RST|TLS|VIP|VS\/|DIP|Cohen|TIME_WAIT|ESTABLISHED/;
      expect(said.filter((text) => !/\p{Script=Han}/u.test(text) && !known.test(text))).to.deep.equal([]);
    });
  }

  it('are Chinese in the summary for a terminal', () => {
    const text = renderText(caseNamed('nat-rs-gateway'), { color: false, language: 'zh-CN', width: 80 });
    expect(text).to.contain('未通过 （退出码 1）').and.to.contain('依据').and.to.contain('已恢复');
    expect(text).to.not.match(/^(Shares|Load|Sampling|Checks|Cluster|Stages|Result|Warnings)\b/m);
  });

  it('are English again after a Chinese report', () => {
    renderHtml(caseNamed('healthy'), 'zh-CN');
    expect(renderText(caseNamed('healthy'), { color: false })).to.contain('Checks    43 passed');
  });
});
