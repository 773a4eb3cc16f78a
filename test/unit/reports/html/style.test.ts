import { expect } from 'chai';
import { style } from '../../../../reports/html/style.ts';

type Theme = ReadonlyMap<string, string>;

/** Custom properties of the first `:root` block (light), of the one for dark, and of dark by the switch. */
const themes: readonly Theme[] = [...style.matchAll(/:root[^{}]*\{([^}]*--ground[^}]*)\}/g)].map(
  ([, block = '']) =>
    new Map([...block.matchAll(/--([\w-]+):(#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value])),
);

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
    const channel = parseInt(colour.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(theme: Theme, a: string, b: string): number {
  const [dark = 0, light = 0] = [a, b].map((name) => luminance(theme.get(name) ?? '')).sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe('stylesheet', () => {
  it('has a light and a dark theme of the same colours', () => {
    expect(themes).to.have.length(3);
    expect([...(themes[0]?.keys() ?? [])]).to.deep.equal([...(themes[1]?.keys() ?? [])]);
    expect(themes[2]).to.deep.equal(themes[1]);
  });

  const texts: Readonly<Record<string, readonly string[]>> = {
    ground: ['ink', 'quiet', 'link', 'pass', 'fail', 'warn', 'error', 'mute', 'waived'],
    paper: ['ink', 'quiet', 'link', 'pass', 'fail', 'warn', 'error', 'mute', 'waived'],
    sunk: ['ink', 'quiet'],
    'fail-tint': ['ink', 'fail'],
    'warn-tint': ['warn'],
    'error-tint': ['ink', 'error', 'link', 'quiet'],
    'pass-tint': ['ink', 'quiet', 'pass'],
  };
  for (const [index, name] of ['light', 'dark'].entries()) {
    it(`has text of at least 4.5 to 1 on every ground: ${name}`, () => {
      const theme: Theme = themes[index] ?? new Map<string, string>();
      for (const [ground, inks] of Object.entries(texts)) {
        for (const ink of inks) expect(contrast(theme, ink, ground), `${ink} on ${ground}`).to.be.at.least(4.5);
      }
    });

    it(`has marks of at least 3 to 1 on paper: ${name}`, () => {
      const theme: Theme = themes[index] ?? new Map<string, string>();
      for (const mark of ['c1', 'stuck-ground', 'mark', 'focus']) {
        expect(contrast(theme, mark, 'paper'), mark).to.be.at.least(3);
      }
    });
  }
});
