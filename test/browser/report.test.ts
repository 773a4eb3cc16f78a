/// <reference lib="dom" />
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { languages } from '../../reports/language/names.ts';
import { renderHtml } from '../../reports/html/page.ts';
import { caseNamed, caseNames } from '../golden/cases.ts';
import { closed, launched, opened } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes = ['light', 'dark'] as const;
const report = (name: string) => renderHtml(caseNamed(name));

/** `rule: elements` of what is wrong; empty when nothing is. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate<AxeResults>('axe.run()');
  expect(passes.length).to.be.above(10);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join('\n')}`);
}

describe('report in Chromium', function () {
  this.timeout(60_000);
  before(async function () {
    await launched(this);
  });
  after(closed);

  for (const name of caseNames) {
    it(`opens from a file without a complaint: ${name}`, async () => {
      const { page, complaints } = await opened(report(name));
      expect(await page.locator('h1').isVisible()).to.equal(true);
      expect(complaints).to.deep.equal([]);
    });

    for (const theme of themes) {
      it(`is clean to axe-core, ${theme}: ${name}`, async () => {
        const { page } = await opened(report(name), { colorScheme: theme });
        expect(await faultsOf(page)).to.deep.equal([]);
      });
    }
  }

  for (const language of languages) {
    it(`is clean to axe-core with everything opened and every chart made: ${language}`, async () => {
      const { page } = await opened(renderHtml(caseNamed('nat-rs-gateway'), language));
      await page.evaluate(() => {
        for (const one of document.querySelectorAll('details')) one.open = true;
      });
      for (const figure of await page.locator('[data-live]').all()) {
        await figure.scrollIntoViewIfNeeded();
        await figure.locator('canvas').waitFor();
      }
      expect(await faultsOf(page)).to.deep.equal([]);
    });
  }

  it('leaves what a hostile run says as text', async () => {
    const { page, complaints } = await opened(report('hostile'));
    await page.evaluate(() => {
      for (const one of document.querySelectorAll('details')) one.open = true;
    });
    const found = await page.evaluate(() => ({
      scripts: document.scripts.length,
      foreign: document.querySelectorAll('img,iframe,object,embed,form,base,b[onclick]').length,
      outside: [...document.links].filter((link) => !(link.getAttribute('href') ?? '').startsWith('#')).length,
      handlers: [...document.querySelectorAll('*')]
        .flatMap((one) => one.getAttributeNames())
        .filter((attribute) => attribute.startsWith('on')),
      shown: document.body.innerText.includes('</script><img src=x onerror=alert(1)>'),
      title: document.title,
    }));
    expect(found).to.deep.include({ scripts: 1, foreign: 0, outside: 0, handlers: [], shown: true });
    expect(found.title).to.contain('</script><img');
    expect(complaints).to.deep.equal([]);
  });

  describe('without scripts', () => {
    const options = { javaScriptEnabled: false };

    it('shows verdict, remedy, picture and matrix, and no control that does nothing', async () => {
      const { page } = await opened(report('nat-rs-gateway'), options);
      for (const selector of ['h1', '.remedy code', '.topology svg', '.matrix']) {
        expect(await page.locator(selector).first().isVisible(), selector).to.equal(true);
      }
      for (const selector of ['.filters', '.theme', 'button', '.script-only']) {
        expect(await page.locator(`${selector}:visible`).count(), selector).to.equal(0);
      }
    });

    it('opens what a cell leads to', async () => {
      const { page } = await opened(report('nat-rs-gateway'), options);
      const evidence = page.locator('#v-real-server-reply-route-rs2-web pre').first();
      expect(await evidence.isVisible()).to.equal(false);
      await page.locator('.matrix a[href="#v-real-server-reply-route-rs2-web"]').click();
      expect(await evidence.isVisible()).to.equal(true);
    });
  });

  it('opens a detail whose address it was given, with found, expected, command, output, remedy and undo', async () => {
    const { page } = await opened(report('nat-rs-gateway'));
    await page.goto(`${page.url()}#v-real-server-reply-route-rs2-web`);
    await page.reload();
    const text = await page.locator('#v-real-server-reply-route-rs2-web').innerText();
    expect(text).to.contain('10.10.10.254').and.to.contain('Expected').and.to.contain('ip route get 192.168.122.1');
    expect(text).to.contain('ip route replace default via 10.10.10.1').and.to.contain('To take it back');
  });

  it('shows the outcomes, hosts and words that are asked for', async () => {
    const { page } = await opened(report('nat-rs-gateway'));
    const rows = page.locator('.matrix tbody tr:not(.folder):visible');
    const every = await rows.count();
    await page.getByRole('button', { name: 'trouble only' }).click();
    expect(await rows.count()).to.equal(6);
    expect(await page.locator('[role=status]').innerText()).to.equal('6 checks shown');
    await page.getByRole('checkbox', { name: /passed/ }).check();
    await page.getByRole('checkbox', { name: /not applicable/ }).check();
    expect(await rows.count()).to.equal(every);
    await page.locator('.filters select').selectOption('rs2');
    expect(await page.locator('.matrix thead th:visible').count()).to.equal(1);
    await page.locator('.filters select').selectOption('');
    await page.getByRole('searchbox').fill('REPLIES TO THE CLIENT');
    expect(await rows.count()).to.equal(1);
    await page.getByRole('searchbox').fill('no such check');
    expect(await rows.count()).to.equal(0);
  });

  it('sorts the worst first, and back', async () => {
    const { page } = await opened(report('nat-rs-gateway'));
    const first = async () => page.locator('.matrix tbody').nth(2).locator('tr:not(.folder) th').first().innerText();
    const before = await first();
    await page.getByRole('checkbox', { name: 'worst first' }).check();
    expect(await first()).to.contain('real-server/reply-route');
    await page.getByRole('checkbox', { name: 'worst first' }).uncheck();
    expect(await first()).to.equal(before);
  });

  it('is one stop of the Tab key for the matrix, with arrow keys in it and Enter to open', async () => {
    const { page } = await opened(report('nat-rs-gateway'));
    expect(await page.locator('.matrix a[tabindex="0"]').count()).to.equal(1);
    await page.locator('.matrix a').first().focus();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('href'));
    expect(await focused()).to.equal('#v-network-hostname-director1');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).to.equal('#v-network-hostname-rs1');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).to.equal('#v-network-hosts-file-rs1');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).to.equal('#v-network-hostname-director1');
    await page.keyboard.press('Enter');
    // It opens when the page hears of its new address.
    await page.locator('#v-network-hostname-director1[open]').waitFor({ state: 'attached', timeout: 5000 });
  });

  it('copies the commands of a remedy, and nothing around them', async () => {
    const { page } = await opened(report('nat-rs-gateway'), { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('.remedy .copy button').first().click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).to.equal(
      'ip route replace default via 10.10.10.1 dev eth1',
    );
  });

  it('takes the theme of the switch over that of the system, and keeps it', async () => {
    const { page } = await opened(report('healthy'), { colorScheme: 'light' });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.locator('.theme select').selectOption('dark');
    const dark = await ground();
    expect(dark).to.not.equal(light);
    await page.reload();
    expect(await ground()).to.equal(dark);
    await page.locator('.theme select').selectOption('light');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).to.equal(light);
  });

  it('prints everything that needs attention, opened, in light, and no controls', async () => {
    const { page } = await opened(report('nat-rs-gateway'), { colorScheme: 'dark' });
    await page.locator('.theme select').selectOption('dark');
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('nav, .filters, .theme, button').locator('visible=true').count()).to.equal(0);
    expect(await page.locator('#v-real-server-reply-route-rs2-web pre').first().isVisible()).to.equal(true);
    expect(await page.locator('.detail[data-outcome=pass]:visible').count()).to.equal(0);
    expect(
      await page.evaluate(() => getComputedStyle(document.querySelector('.verdict') ?? document.body).backgroundColor),
    ).to.equal('rgb(255, 255, 255)');
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await page.locator('.detail[data-outcome=fail][open]').count()).to.equal(0);
  });
});
