/// <reference lib="dom" />
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { renderHtmlFiles } from '../../reports/html/page.ts';
import { caseNamed } from '../golden/cases.ts';
import { closed, launched, visited } from './browser.ts';

const types: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript' };

/** What Jenkins sends with archived files (DirectoryBrowserSupport.CSP, 2.x), and one that allows the page's own script too. */
const policies = {
  jenkins: "sandbox; default-src 'none'; img-src 'self'; style-src 'self';",
  'own script': "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'",
} as const;

describe('report with its style and script beside it', function () {
  this.timeout(60_000);
  const files = renderHtmlFiles(caseNamed('nat-rs-gateway'), { layout: 'dir' });
  let server: Server | undefined;
  let policy: string = policies.jenkins;

  before(async function () {
    await launched(this);
    server = createServer(({ url = '' }, response) => {
      const name = url === '/' ? 'index.html' : url.slice(1);
      const content = files.get(name);
      response.writeHead(content === undefined ? 404 : 200, {
        'content-type': `${types[name.split('.').at(-1) ?? ''] ?? 'text/plain'}; charset=utf-8`,
        'content-security-policy': policy,
      });
      response.end(content ?? '');
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    server?.close();
    await closed();
  });

  const address = () => `http://127.0.0.1:${(server?.address() as AddressInfo).port}/`;

  it('has no style and no script inline', () => {
    const page = files.get('index.html') ?? '';
    expect([...files.keys()]).to.deep.equal(['index.html', 'report.css', 'report.js']);
    expect(page).to.not.match(/<style|<script>| style=| on[a-z]+="/);
  });

  it("reads under Jenkins' policy, with its style, and without its script", async () => {
    policy = policies.jenkins;
    const { page, complaints } = await visited(address());
    expect(await page.evaluate(() => getComputedStyle(document.body).maxWidth)).to.equal('1216px');
    expect(await page.locator('.topology svg[role="group"]').isVisible()).to.equal(true);
    expect(await page.locator('.filters').isVisible()).to.equal(false);
    expect(await page.locator('#load [data-live] > svg.chart').first().isVisible()).to.equal(true);
    expect(complaints.filter((one) => !/script/i.test(one))).to.deep.equal([]);
    await page.locator('.matrix a[href="#v-real-server-reply-route-rs2-web"]').click();
    expect(await page.locator('#v-real-server-reply-route-rs2-web pre').first().isVisible()).to.equal(true);
  });

  it('has its filters where the policy allows its script', async () => {
    policy = policies['own script'];
    const { page, complaints } = await visited(address());
    expect(await page.locator('.filters').isVisible()).to.equal(true);
    await page.locator('#load [data-live]').first().scrollIntoViewIfNeeded();
    await page.locator('#load .is-live canvas').first().waitFor();
    // A browser asks for /favicon.ico by itself, and the policy or the server says no.
    expect(complaints.filter((one) => !/favicon|404/.test(one))).to.deep.equal([]);
  });
});
