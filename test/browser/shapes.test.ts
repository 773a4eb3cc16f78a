/// <reference lib="dom" />
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { languages } from '../../reports/language/names.ts';
import { renderHtml } from '../../reports/html/page.ts';
import { caseNamed } from '../golden/cases.ts';
import { crowd, forwardedBy, renamed } from '../golden/crowds.ts';
import { failoverRun } from '../golden/drills.ts';
import { closed, launched, opened } from './browser.ts';

const longName = `${'x'.repeat(127)}.${'y'.repeat(127)}`;

const records: Readonly<Record<string, () => RunRecord>> = {
  'a wrong gateway with NAT': () => caseNamed('nat-rs-gateway'),
  'DR, healthy': () => forwardedBy('dr'),
  'DR, answers lost': () => forwardedBy('dr', 'rs-egress-drop'),
  'TUN, packets lost on the way': () => forwardedBy('tun', 'tun-proto4-filtered'),
  'one real server': () => crowd(1),
  '50 real servers': () => crowd(50, [3, 17, 40]),
  '500 real servers': () =>
    crowd(
      500,
      Array.from({ length: 70 }, (_, index) => index * 7),
      'dr',
    ),
  'drills of a pair': () => failoverRun(),
  'drills, a director whose name has 255 characters': () => renamed(failoverRun(), 'director2', longName),
  'a host name of 255 characters': () => renamed(caseNamed('nat-rs-gateway'), 'rs2', longName),
  'a host name of wide letters': () => renamed(caseNamed('nat-rs-gateway'), 'rs2', 'W'.repeat(63)),
  'a host name from right to left': () => renamed(caseNamed('nat-rs-gateway'), 'rs2', 'שרת-אמיתי-שתיים'),
  'a Chinese host name': () => renamed(caseNamed('nat-rs-gateway'), 'rs2', '真实服务器二号机房第三排第四列'),
};

/** Texts of a picture that lie on one another or leave it. */
function misplaced(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const svg of document.querySelectorAll<SVGSVGElement>('.topology > .scroll > svg, .drill svg.lanes')) {
      const { width, height } = svg.viewBox.baseVal;
      const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent.trim() !== '');
      const boxes = texts.map((text) => ({ said: text.lastChild?.textContent ?? '', box: text.getBBox() }));
      boxes.forEach(({ said, box }, index) => {
        if (box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height)
          found.push(`outside: ${said}`);
        for (const other of boxes.slice(index + 1)) {
          const across = Math.min(box.x + box.width, other.box.x + other.box.width) - Math.max(box.x, other.box.x);
          const down = Math.min(box.y + box.height, other.box.y + other.box.height) - Math.max(box.y, other.box.y);
          // Lines of text stand close: ascenders and descenders may meet.
          if (across > 0.5 && down > 3) found.push(`${said} on ${other.said}`);
        }
      });
      for (const frame of svg.querySelectorAll<SVGRectElement>('rect.t-box')) {
        const outer = frame.getBBox();
        for (const { said, box } of boxes) {
          const starts =
            box.x >= outer.x && box.x < outer.x + outer.width && box.y >= outer.y && box.y < outer.y + outer.height;
          if (starts && box.x + box.width > outer.x + outer.width + 0.5) found.push(`leaves its box: ${said}`);
        }
      }
    }
    return found;
  });
}

describe('report of an unusual cluster in Chromium', function () {
  this.timeout(60_000);
  before(async function () {
    await launched(this);
  });
  after(closed);

  for (const [name, record] of Object.entries(records)) {
    it(`draws no text over another, and none out of its box: ${name}`, async () => {
      for (const language of languages) {
        const { page, complaints } = await opened(renderHtml(record(), language));
        expect(await page.locator('.topology svg').first().isVisible()).to.equal(true);
        expect(await misplaced(page)).to.deep.equal([]);
        expect(complaints).to.deep.equal([]);
        await page.context().close();
      }
    });

    for (const width of [1280, 400]) {
      it(`is no wider than the window of ${width} pixels: ${name}`, async () => {
        const { page } = await opened(renderHtml(record()), { viewport: { width, height: 900 } });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide).to.be.at.most(width);
      });
    }
  }
});
