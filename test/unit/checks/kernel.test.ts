import { expect } from 'chai';
import { isBefore, kernelVersion } from '../../../checks/kernel.ts';

describe('a kernel release', () => {
  it('gives its version, and none for other text', () => {
    expect(kernelVersion('6.1.0-13-amd64')).to.deep.equal([6, 1]);
    expect(kernelVersion('6.18')).to.deep.equal([6, 18]);
    expect(kernelVersion('4.18.0-553.el8_10.x86_64')).to.deep.equal([4, 18]);
    expect(kernelVersion('6.2-rc1')).to.deep.equal([6, 2]);
    for (const text of ['', 'unknown', '6', 'v6.1.0']) expect(kernelVersion(text), text).to.equal(undefined);
  });

  it('is before another by number, not by text', () => {
    expect(isBefore([5, 4], [5, 10])).to.equal(true);
    expect(isBefore([5, 10], [5, 9])).to.equal(false);
    expect(isBefore([4, 20], [5, 9])).to.equal(true);
    expect(isBefore([5, 9], [5, 9])).to.equal(false);
  });
});
