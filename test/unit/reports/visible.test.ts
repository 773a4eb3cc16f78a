import { expect } from 'chai';
import fc from 'fast-check';
import { brief, capped, valueText, visible, visibleLine } from '../../../reports/visible.ts';

describe('text of a run made safe to show', () => {
  it('spells out terminal escapes instead of obeying them', () => {
    expect(visible('\u001b[31mred\u001b[0m\u0007')).to.equal('^[[31mred^[[0m^G');
    expect(visible('\u009b5m\u007f')).to.equal('<U+009B>5m^?');
  });

  it('spells out bidirectional overrides, zero-width characters and lone surrogates', () => {
    expect(visible('a\u202Eb\u200Bc\uFEFF\ud800')).to.equal('a<U+202E>b<U+200B>c<U+FEFF><U+D800>');
  });

  it('keeps newlines and tabs, and drops the carriage return of a line end', () => {
    expect(visible('a\tb\r\nc\rd')).to.equal('a\tb\nc^Md');
    expect(visibleLine('a\tb\nc')).to.equal('a b ↵ c');
  });

  it('leaves no control or format character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(visibleLine(text)).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('leaves ordinary text of any script as it is', () => {
    expect(visible('服务器 שלום é 🙂')).to.equal('服务器 שלום é 🙂');
  });

  it('cuts long lines and long outputs, and says so', () => {
    expect(capped('one\ntwo\n')).to.deep.equal({ text: 'one\ntwo' });
    const { text, note } = capped(`${'x'.repeat(10_000_000)}\n${'y\n'.repeat(300)}`, { lines: 10, lineLength: 20 });
    expect(text.split('\n')).to.have.length(10);
    expect(text.split('\n')[0]).to.equal(`${'x'.repeat(20)}…`);
    expect(note).to.equal('1 line cut at 20 characters, 291 more lines not shown; the whole of it is in run.json');
    expect(brief('z'.repeat(600))).to.have.length(501);
  });

  it('shows strings as they are and other values as JSON', () => {
    expect(valueText('a "b"')).to.equal('a "b"');
    expect(valueText({ a: 1 })).to.equal('{\n  "a": 1\n}');
    expect(valueText(undefined)).to.equal('nothing');
    expect(valueText(null)).to.equal('null');
  });
});
