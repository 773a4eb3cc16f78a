import { expect } from 'chai';
import fc from 'fast-check';
import { html, nothing } from '../../../../reports/html/markup.ts';

describe('html template', () => {
  it('escapes what is put into it, in text and in attributes', () => {
    const evil = `</script><img src=x onerror="alert('1')">&`;
    expect(html`<p title="${evil}">${evil}</p>`.toString()).to.equal(
      '<p title="&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>',
    );
  });

  it('keeps what another template made, and joins lists', () => {
    const items = ['<a>', 2].map((item) => html`<li>${item}</li>`);
    expect(html`<b>${items}${nothing}${undefined}${false}</b>`.toString()).to.equal(
      '<b><li>&lt;a&gt;</li><li>2</li></b>',
    );
  });

  it('spells out control characters', () => {
    expect(html`${'\u001b[31m\u202E'}`.toString()).to.equal('^[[31m&lt;U+202E&gt;');
  });

  it('lets no text bring its own angle bracket or quote, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        expect(html`${text}`.toString()).to.not.match(/[<>"']/);
      }),
    );
  });
});
