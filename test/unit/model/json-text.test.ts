import { expect } from 'chai';
import fc from 'fast-check';

import { jsonText } from '../../../lib/model/json-text.ts';

describe('JSON that may be shown on a terminal', () => {
  it('says the same to a program, and holds nothing a terminal obeys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(0, 2), (value, indent) => {
        const text = jsonText(value, indent);
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
        expect(text.replaceAll('\n', '')).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('escapes C1, bidirectional overrides and tags beyond the first plane', () => {
    expect(jsonText('\u009b5m\u202e\u2028\u{E0041}')).to.equal(String.raw`"\u009b5m\u202e\u2028\udb40\udc41"`);
    expect(jsonText('é 🙂')).to.equal('"é 🙂"');
    expect(jsonText(undefined)).to.equal('null');
  });
});
