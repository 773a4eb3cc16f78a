import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { crowdedRun, largeRun } from '../../../../bench/report-record.ts';
import { renderHtml } from '../../../../reports/html/page.ts';
import { caseNamed, caseNames } from '../../../golden/cases.ts';

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly closing: boolean;
  readonly empty: boolean;
}

/** Everything from a run is escaped, so what looks like a tag is one. */
function tagsOf(page: string): Tag[] {
  const markup = page.replace(/(<(style|script)>)[\s\S]*?(<\/\2>)/g, '$1$3').replace(/^<!doctype html>/, '');
  return [...markup.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*(\/?)>|<[^>]*>?/g)].map(
    ([text, slash, name, attributes, empty]) => {
      if (name === undefined) throw new RangeError(`not a tag: ${text.slice(0, 80)}`);
      const pairs = [...(attributes ?? '').matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(
        ([, key = '', value = '']) => [key, value] as const,
      );
      return { name, attributes: new Map(pairs), closing: slash === '/', empty: empty === '/' };
    },
  );
}

const voidElements = new Set(['meta', 'input', 'br']);

function scriptsOf(page: string): string[] {
  return [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text);
}

describe('HTML report', () => {
  for (const name of caseNames) {
    const page = renderHtml(caseNamed(name));

    it(`is well formed: ${name}`, () => {
      const open: string[] = [];
      for (const tag of tagsOf(page)) {
        if (tag.closing) expect(open.pop(), `</${tag.name}>`).to.equal(tag.name);
        else if (!tag.empty && !voidElements.has(tag.name)) open.push(tag.name);
      }
      expect(open).to.deep.equal([]);
    });

    it(`has each id once, and a target for each link: ${name}`, () => {
      const ids = tagsOf(page).flatMap(({ attributes }) => attributes.get('id') ?? []);
      expect(new Set(ids).size).to.equal(ids.length);
      const links = tagsOf(page).flatMap(({ attributes }) => attributes.get('href') ?? []);
      for (const link of links) expect(ids.map((id) => `#${id}`)).to.include(link);
    });

    it(`brings no resource, no handler and no script but its own: ${name}`, () => {
      for (const { name: tag, attributes } of tagsOf(page)) {
        expect(tag).to.not.be.oneOf(['img', 'link', 'iframe', 'object', 'embed', 'base', 'form']);
        for (const key of attributes.keys()) {
          expect(key).to.not.match(/^on|^style$|^src|^action$/);
        }
      }
      expect(scriptsOf(page)).to.have.length(1);
      expect(page).to.not.match(/url\((?!#)/);
    });

    it(`names its style and its script by hash in the policy: ${name}`, () => {
      const [script = ''] = scriptsOf(page);
      const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
      for (const text of [script, style]) {
        expect(page).to.contain(`&#39;sha256-${createHash('sha256').update(text).digest('base64')}&#39;`);
      }
      expect(page).to.contain('default-src &#39;none&#39;');
    });
  }

  it('brings uPlot with its licence where it has a chart over time, and nowhere else', () => {
    const [script = ''] = scriptsOf(renderHtml(caseNamed('healthy')));
    expect(script)
      .to.contain('var uPlot=')
      .and.contain('Permission is hereby granted, free of charge')
      .and.contain('Leon Sorokin');
    const [plain = ''] = scriptsOf(renderHtml(caseNamed('unreachable')));
    expect(plain).to.not.contain('uPlot');
    expect(plain.length).to.be.below(12_000);
  });

  it('shows how each stage of an open loop went', () => {
    const record = caseNamed('healthy');
    const stage = {
      fromRps: 100,
      toRps: 100,
      atMs: 0,
      durationMs: 10_000,
      offered: 1000,
      answered: 990,
      failed: 10,
      lateSends: 3,
    };
    const [load] = record.load;
    if (load === undefined) throw new RangeError('the healthy run has a load');
    const openLoop = {
      arrivals: 'constant' as const,
      offeredRps: 300,
      achievedRps: 299,
      lateSends: 3,
      lateAfterMs: 10,
      waitedForPlace: 0,
      stages: [
        stage,
        { ...stage, atMs: 10_000, toRps: 500, ...(load.total === undefined ? {} : { corrected: load.total }) },
      ],
    };
    const page = renderHtml({ ...record, load: [{ ...load, openLoop }] }).replaceAll('\n', '');
    expect(page).to.contain('Latency by stage');
    expect(page).to.contain(
      '<th scope="row">10.0 s</th><td>100/s to 500/s</td><td>1,000</td><td>990</td><td>10</td><td>3</td><td>–</td><td>–</td><td>',
    );
    expect(renderHtml({ ...record, load: [{ ...load, openLoop: { ...openLoop, stages: [stage] } }] })).to.not.contain(
      'Latency by stage',
    );
  });

  it('is the same for the same record', () => {
    expect(renderHtml(caseNamed('nat-rs-gateway'))).to.equal(renderHtml(caseNamed('nat-rs-gateway')));
  });

  it('says verdict, cause, remedy and what was seen, in this order', () => {
    const page = renderHtml(caseNamed('nat-rs-gateway'));
    const places = [
      'FAIL</h1>',
      'id="findings"',
      'nat-rs-gateway-not-director',
      '666 of 667 connections',
      'ip route replace default via 10.10.10.1 dev eth1',
      '192.168.122.1 via 10.10.10.254 dev eth1',
      'Failed checks that no cause above explains',
      'id="topology"',
      'id="gates"',
      'id="checks"',
      'id="load"',
      'id="distribution"',
      'id="connections"',
      'id="trace"',
      'id="changes"',
      'id="details"',
      'id="inventory"',
      'id="method"',
      'id="glossary"',
      'id="sign-off"',
    ].map((part) => page.indexOf(part));
    expect(places).to.not.include(-1);
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
  });

  it('has a cell and a detail for each verdict', () => {
    const record = caseNamed('nat-rs-gateway');
    const tags = tagsOf(renderHtml(record));
    const details = tags.filter(({ name, attributes }) => name === 'details' && attributes.get('class') === 'detail');
    const cells = tags.filter(
      ({ name, attributes }) => name === 'a' && attributes.get('class')?.startsWith('o-') === true,
    );
    expect(details).to.have.length(record.verdicts.length);
    expect(cells).to.have.length(record.verdicts.length);
    expect(new Set(cells.map(({ attributes }) => attributes.get('href'))).size).to.equal(record.verdicts.length);
  });

  it('is loud about what was not evaluated', () => {
    const page = renderHtml(caseNamed('unreachable'));
    expect(page)
      .to.contain('Not evaluated: 9 of 41 checks')
      .and.to.contain('rs3 (10.10.10.30:22) did not answer within 5 s');
    expect(renderHtml(caseNamed('healthy'))).to.not.contain('id="not-evaluated"');
  });

  it('says above everything else that a cluster was not restored', () => {
    const page = renderHtml(caseNamed('hostile'));
    expect(page.indexOf('The cluster is not as it was found.')).to.be.within(1, page.indexOf('id="findings"'));
  });

  it('shows the beginning of ten megabytes of output and says what was left out', () => {
    const record = caseNamed('nat-rs-gateway');
    const verdicts = record.verdicts.map((verdict) => ({
      ...verdict,
      evidence:
        verdict.outcome === 'fail' ? [{ host: 'rs2', command: 'cat /dev/zero', output: 'x'.repeat(10_000_000) }] : [],
    }));
    const page = renderHtml({ ...record, verdicts });
    expect(page.length).to.be.below(300_000);
    expect(page).to.contain('1 line cut at 500 characters; the whole of it is in run.json');
  });

  it('keeps the detail of a verdict under the same address from run to run', () => {
    const id = 'id="v-real-server-reply-route-rs2-web"';
    expect(renderHtml(caseNamed('healthy'))).to.contain(id);
    expect(renderHtml(caseNamed('nat-rs-gateway'))).to.contain(id);
  });

  it('compares found and expected field by field', () => {
    expect(renderHtml(caseNamed('nat-rs-gateway')).replaceAll('\n', '')).to.contain(
      '<tr class="differs"><th scope="row">gateway</th><td>10.10.10.254 <span class="mark">≠</span></td><td>10.10.10.1</td></tr>',
    );
  });

  it('stays below 2 MB, quickly, with 50 hosts, 200 checks and an hour of samples at one a second', () => {
    const record = largeRun();
    expect([record.cluster.hosts.length, record.verdicts.length]).to.deep.equal([50, 10_000]);
    expect(record.samples['web']?.samples).to.have.length(3600);
    const startedAt = performance.now();
    expect(Buffer.byteLength(renderHtml(record))).to.be.below(2_000_000);
    // Under 1 s where nothing else is going on: `npm run bench -- report`.
    expect(performance.now() - startedAt).to.be.below(5000);
  });

  it('stays below 2 MB with 500 real servers', () => {
    expect(Buffer.byteLength(renderHtml(crowdedRun()))).to.be.below(2_000_000);
  });
});
