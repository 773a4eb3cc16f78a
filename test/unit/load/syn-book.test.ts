import { expect } from 'chai';
import { SynBook, synTimesS } from '../../../lib/load/syn-book.ts';

describe('lost SYNs', () => {
  it('are sent again after 1, 3, 7, 15 … s, or each second first', () => {
    expect(synTimesS(0)).to.deep.equal([1, 3, 7, 15, 31, 63, 127]);
    expect(synTimesS(4).slice(0, 8)).to.deep.equal([1, 2, 3, 4, 5, 7, 11, 19]);
  });

  it('are told by the time the handshake took', () => {
    const book = new SynBook(0);
    for (const ms of [0.3, 400, 999, 1002, 1200, 1700, 2400, 3010, 3050, 7200]) book.handshake(ms, undefined);
    // 999 ms is a clock a little behind; 1700 and 2400 ms are a slow network.
    expect(book.result(4)).to.deep.equal({
      handshakes: [
        { afterS: 1, connections: 3 },
        { afterS: 3, connections: 2 },
        { afterS: 7, connections: 1 },
      ],
      kernelCount: 4,
    });
  });

  it('are believed when the kernel counted them, and not when it counted none', () => {
    const book = new SynBook(0);
    book.handshake(1001, 0);
    expect(book.result(undefined)).to.deep.equal({ handshakes: [] });
    book.handshake(1900, 1);
    expect(book.result(undefined)).to.deep.equal({ handshakes: [{ afterS: 1, connections: 1 }] });
  });
});
