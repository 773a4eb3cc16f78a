import { expect } from 'chai';
import fc from 'fast-check';

import { FrameReader } from '../../../lib/facts/frames.ts';

const nonce = '@ipvet-0123';
const output = [
  'Welcome to lb1. Unauthorised access …',
  `${nonce} 10.00 b os`,
  'ID=debian',
  '',
  `${nonce} 10.05 e os 0`,
  'noise between',
  '',
  `${nonce} 10.05 b routes`,
  'without an end of line',
  `${nonce} 10.20 e routes 1`,
  `${nonce} 10.20 b end`,
  '',
].join('\n');

const read = (pieces: readonly (string | Buffer)[], maxChars = 1000) => {
  const reader = new FrameReader(nonce, maxChars);
  for (const [index, piece] of pieces.entries()) reader.push(piece, index);
  return reader.frames();
};

describe('sections of the script', () => {
  it('are cut out of banners and noise', () => {
    expect(
      read([output]).map(({ name, text, exitCode, durationMs }) => [name, text, exitCode, durationMs]),
    ).to.deep.equal([
      ['os', 'ID=debian\n', 0, 50],
      ['routes', 'without an end of line', 1, 150],
      ['end', '', undefined, 0],
    ]);
  });

  it('do not depend on how the output was cut on its way', () => {
    const bytes = Buffer.from(output);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        const shape = (frames: ReturnType<typeof read>) =>
          frames.map(({ name, text, exitCode }) => [name, text, exitCode]);
        expect(shape(read(pieces))).to.deep.equal(shape(read([output])));
      }),
    );
  });

  it('are kept up to a cap, and the next one is still found', () => {
    const flood = `${nonce} 1 b a\n${'x'.repeat(50)}\n${'y'.repeat(5000)}\n${nonce} 2 e a 0\n${nonce} 2 b b\nok\n\n${nonce} 3 e b 0\n`;
    const frames = read([flood.slice(0, 3000), flood.slice(3000)], 100);
    expect(frames.map(({ name, cut }) => [name, cut])).to.deep.equal([
      ['a', true],
      ['b', false],
    ]);
    expect(frames[0]?.text).to.have.length(100);
  });

  it('begin at the start of a line only', () => {
    const [frame] = read([`${nonce} 1 b a\nsaid ${nonce} 1 e a 0\n\n${nonce} 2 e a 3\n`]);
    expect(frame).to.include({ text: `said ${nonce} 1 e a 0\n`, exitCode: 3 });
  });

  it('has an end without an exit code when another begins first', () => {
    expect(read([`${nonce} 1 b become\nsudo: no\n${nonce} 2 b level\n`])[0]).to.deep.include({
      exitCode: undefined,
      text: 'sudo: no',
    });
  });

  it('knows when the end of each had arrived', () => {
    const at = output.indexOf('noise');
    expect(
      read([output.slice(0, at), output.slice(at)])
        .map(({ closedAtMs }) => closedAtMs)
        .slice(0, 2),
    ).to.deep.equal([0, 1]);
  });
});
