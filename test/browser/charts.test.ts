/// <reference lib="dom" />
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { renderHtml } from '../../reports/html/page.ts';
import { caseNamed } from '../golden/cases.ts';
import { closed, launched, opened } from './browser.ts';

const report = () => renderHtml(caseNamed('nat-rs-gateway'));

/** The charts of a section, once they are made. */
async function live(page: Page, section: string): Promise<Locator> {
  const figures = page.locator(`#${section} [data-live]`);
  const all = await figures.count();
  for (let index = 0; index < all; index += 1) {
    await figures.nth(index).scrollIntoViewIfNeeded();
    await figures.nth(index).locator('canvas').waitFor();
  }
  return figures;
}

const said = (figure: Locator) => figure.locator('.readout').innerText();

/** From `from` to `to` of the chart's width, at half its height; what is drawn on is what lies over the axes. */
async function drag(page: Page, figure: Locator, from: number, to: number): Promise<void> {
  const box = await figure.locator('.u-over').boundingBox();
  if (box === null) throw new RangeError('the chart is not to be seen');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + to * box.width, y, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(box.x + box.width / 2, y);
}

describe('charts over time in Chromium', function () {
  this.timeout(60_000);
  before(async function () {
    await launched(this);
  });
  after(closed);

  it('take the place of their pictures when they come into sight, and say what is under the cursor', async () => {
    const { page, complaints } = await opened(report());
    expect(await page.locator('canvas').count()).to.equal(0);
    const figures = await live(page, 'load');
    expect(await figures.count()).to.equal(2);
    const rate = figures.nth(1);
    expect(await rate.locator('svg.chart').isVisible()).to.equal(false);
    await rate.locator('.u-over').hover({ position: { x: 2, y: 20 } });
    expect(await said(rate)).to.equal('0 s · failed 0 · answered 120');
    expect(complaints).to.deep.equal([]);
  });

  it('zoom where one drags, all of one service together, and back', async () => {
    const { page } = await opened(report());
    const figures = await live(page, 'connections');
    const all = figures.nth(1).getByRole('button', { name: 'Show all' });
    expect(await all.isVisible()).to.equal(false);
    await drag(page, figures.nth(1), 0.25, 0.45);
    const at = Number.parseFloat(await said(figures.nth(1)));
    expect(at).to.be.within(4, 8);
    expect(await said(figures.nth(1))).to.match(/^[\d.]+ s · .*SYN_RECV \d+/);
    expect(Number.parseFloat(await said(figures.nth(0)))).to.equal(at);
    await all.click();
    expect(await all.isVisible()).to.equal(false);
  });

  it('are moved through and zoomed with keys, which are told', async () => {
    const { page } = await opened(report());
    const [latency] = await (await live(page, 'load')).all();
    if (latency === undefined) throw new RangeError('the load has a chart');
    const box = latency.locator('.live');
    expect(await box.getAttribute('aria-label')).to.match(/^Latency of each second over 29 seconds.*arrow keys/);
    await box.focus();
    await page.keyboard.press('Home');
    expect(await said(latency)).to.equal('0 s · p99 14 ms · p50 2.5 ms');
    for (let n = 0; n < 5; n += 1) await page.keyboard.press('ArrowRight');
    expect(await said(latency), 'nothing was answered then').to.equal('5 s');
    expect(await latency.locator('.readout').getAttribute('aria-live')).to.equal('polite');
    await page.keyboard.press('+');
    expect(await latency.getByRole('button', { name: 'Show all' }).isVisible()).to.equal(true);
    await page.keyboard.press('Escape');
    expect(await latency.getByRole('button', { name: 'Show all' }).isVisible()).to.equal(false);
  });

  it('fit a narrow window, also one that became narrow', async () => {
    const { page } = await opened(report());
    const figures = await live(page, 'connections');
    await page.setViewportSize({ width: 400, height: 900 });
    await page.waitForFunction(() =>
      [...document.querySelectorAll('#connections .u-wrap')].every((one) => one.getBoundingClientRect().width < 380),
    );
    expect(await figures.locator('canvas').count()).to.equal(3);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).to.be.at.most(400);
  });

  it('are printed as their pictures', async () => {
    const { page } = await opened(report());
    const figures = await live(page, 'load');
    await page.emulateMedia({ media: 'print' });
    expect(await figures.locator('svg.chart').locator('visible=true').count()).to.equal(2);
    expect(await page.locator('.live, .below, canvas').locator('visible=true').count()).to.equal(0);
  });

  it('follow the theme', async () => {
    const { page } = await opened(report(), { colorScheme: 'light' });
    const figures = await live(page, 'load');
    const drawn = () =>
      figures
        .nth(1)
        .locator('canvas')
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const light = await drawn();
    await page.locator('.theme select').selectOption('dark');
    expect(await drawn()).to.not.equal(light);
  });

  it('are pictures without scripts', async () => {
    const { page } = await opened(report(), { javaScriptEnabled: false });
    expect(await page.locator('#load [data-live] > svg.chart').locator('visible=true').count()).to.equal(2);
  });
});
