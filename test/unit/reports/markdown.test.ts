import { expect } from 'chai';
import { renderMarkdown } from '../../../reports/markdown.ts';
import { caseNamed } from '../../golden/cases.ts';

describe('markdown summary', () => {
  it('names verdict, cause, remedy and figures', () => {
    const text = renderMarkdown(caseNamed('nat-rs-gateway'));
    expect(text).to.match(/^# FAIL: web-lvs\n/);
    expect(text).to.contain('`nat-rs-gateway-not-director` on **rs2, service web**, certain.');
    expect(text).to.contain('```sh\nip route replace default via 10.10.10.1 dev eth1\n');
    expect(text).to.contain('| web | smoke | 2,000 | 2,000 | 1,334 | 666, connect-timeout 666 |');
  });

  it('lets no text of a run become markup', () => {
    const text = renderMarkdown(caseNamed('hostile'));
    const outside = text.replace(/^(`{3,})[^`\n]*\n[\s\S]*?^\1$/gm, '');
    expect(outside).to.not.match(/<(?!\/?code>)/);
    expect(outside).to.not.match(/(?<!\\)\]\(/);
    expect(outside).to.not.contain('@everyone');
    expect(outside).to.not.contain('://');
  });

  it('keeps tables whole: as many cells in each row as in its head', () => {
    const text = renderMarkdown(caseNamed('hostile'));
    let columns = 0;
    for (const line of text.replace(/^(`{3,})[^`\n]*\n[\s\S]*?^\1$/gm, '').split('\n')) {
      if (!line.startsWith('| ')) {
        columns = 0;
        continue;
      }
      const cells = line.split(/(?<!\\)\|/).length;
      if (columns === 0) columns = cells;
      expect(cells, line).to.equal(columns);
    }
  });

  it('fences an output with more backticks than it holds', () => {
    const record = caseNamed('nat-rs-gateway');
    const evidence = [{ host: 'rs2', command: 'cat x', output: '```` fence' }];
    const text = renderMarkdown({
      ...record,
      diagnoses: record.diagnoses.map((diagnosis) => ({ ...diagnosis, evidence })),
    });
    expect(text).to.contain('`````\nrs2# cat x\n```` fence\n`````');
  });
});
