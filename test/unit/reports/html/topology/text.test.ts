import { expect } from 'chai';
import fc from 'fast-check';
import { fitted, widthOf } from '../../../../../reports/html/topology/text.ts';

describe('text of the picture of a cluster', () => {
  it('is left alone where it fits', () => {
    expect(fitted('rs1.example.com', 200, 13)).to.equal('rs1.example.com');
  });

  it('keeps beginning and end where it does not', () => {
    const shown = fitted(`web-frankfurt-${'x'.repeat(220)}-rack-17`, 160, 13);
    expect(shown).to.match(/^web-.*…x*-rack-17$|^web-.*….*17$/);
    expect(widthOf(shown, 13)).to.be.at.most(160);
  });

  it('fits whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 255 }), fc.integer({ min: 40, max: 240 }), (text, room) => {
        expect(widthOf(fitted(text, room, 12), 12)).to.be.at.most(room);
      }),
    );
  });
});
