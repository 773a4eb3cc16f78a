import { expect } from 'chai';
import { mentions, quote } from '../../../checks/quotation.ts';

describe('quoting evidence', () => {
  it('tells an address from one that contains it', () => {
    expect(mentions('via 10.10.10.1 dev eth0', '10.10.10.1')).to.equal(true);
    expect(mentions('inet 10.10.10.1/24', '10.10.10.1')).to.equal(true);
    expect(mentions('via 10.10.10.10 dev eth0', '10.10.10.1')).to.equal(false);
    expect(mentions('via 110.10.10.1', '10.10.10.1')).to.equal(false);
    expect(mentions('via 1.10.10.10.1', '10.10.10.1')).to.equal(false);
    expect(mentions('10.10.10.10 and 10.10.10.1', '10.10.10.1'), 'the second time').to.equal(true);
    expect(mentions('it is 10.10.10.1.', '10.10.10.1'), 'at the end of a sentence').to.equal(true);
    expect(mentions('anything', '')).to.equal(false);
  });

  it('keeps the telling lines, or all when none tells', () => {
    const evidence = { host: 'rs1', command: 'ip addr', output: 'a 10.0.0.1\nb 10.0.0.2' };
    expect(quote(evidence, '10.0.0.2').output).to.equal('b 10.0.0.2');
    expect(quote(evidence, '10.0.0.3')).to.equal(evidence);
  });
});
