import { expect } from 'chai';
import fc from 'fast-check';
import { BareAnswer } from '../../../lib/load/bare-answer.ts';
import { ChunkEnd } from '../../../lib/load/chunk-end.ts';
import { HttpAnswer } from '../../../lib/load/http-answer.ts';

function feed(
  reader: { push(buffer: Buffer, length: number): void },
  text: string,
  cuts: readonly number[] = [],
): void {
  const bytes = Buffer.from(text, 'latin1');
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [index, start] of places.entries()) {
    const piece = Buffer.from(bytes.subarray(start, places[index + 1] ?? bytes.length));
    if (piece.length > 0) reader.push(piece, piece.length);
  }
}

describe('the end of a body in chunks', () => {
  it('is found wherever the pieces are cut, and not before', () => {
    const chunk = fc.string({ minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 6 }), (chunks, cuts) => {
        const parts = chunks.map((text) => {
          const bytes = Buffer.from(`${text}\r\n0\r\n\r\n`);
          return `${bytes.length.toString(16)};x=y\r\n${bytes.toString('latin1')}\r\n`;
        });
        const body = `${parts.join('')}0\r\nTrailer: 1\r\n\r\n`;
        const reader = new ChunkEnd();
        const push = {
          push: (buffer: Buffer, length: number) => {
            reader.push(buffer, 0, length);
          },
        };
        feed(push, body.slice(0, -1), cuts);
        expect(reader.reached).to.equal(false);
        feed(push, '\n');
        expect(reader.reached).to.equal(true);
      }),
    );
  });
});

describe('an answer over HTTP', () => {
  const answer = (body: string, headers = '') =>
    `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

  it('with another body than expected has a name of its own', () => {
    const reader = new HttpAnswer(200, { kind: 'header', name: 'X-Real-Server' }, '^I am rs\\d');
    feed(reader, answer('I am rs1'));
    expect(reader.end()).to.equal(undefined);
    reader.reset();
    feed(reader, answer('It works!', 'X-Real-Server: rs2\r\n'));
    expect(reader.end()).to.deep.equal({ kind: 'bad-body', message: 'not the body expected from rs2: "It works!"' });
  });

  it('says whether the connection can be used again', () => {
    for (const [head, last] of [
      ['HTTP/1.1 200 OK\r\n', false],
      ['HTTP/1.1 200 OK\r\nConnection: close\r\n', true],
      ['HTTP/1.0 200 OK\r\n', true],
      ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n', false],
    ] as const) {
      const reader = new HttpAnswer(200, { kind: 'none' });
      feed(reader, `${head}Content-Length: 0\r\n\r\n`);
      expect(reader.whole).to.equal(true);
      expect(reader.lastOfConnection, head).to.equal(last);
    }
  });
});

describe('an answer without HTTP', () => {
  it('is an echo, a match, the first byte, or nothing at all', () => {
    const echo = new BareAnswer({ echo: 'ping\n', wanted: true });
    feed(echo, 'pi');
    expect(echo.whole).to.equal(false);
    expect(echo.end()?.kind).to.equal('short-read');
    feed(echo, 'ng\n');
    expect([echo.whole, echo.end()]).to.deep.equal([true, undefined]);
    echo.reset();
    feed(echo, 'pong\n');
    expect(echo.end()).to.deep.equal({ kind: 'bad-body', message: 'not what was sent came back: "pong\\n"' });

    const match = new BareAnswer({ expect: '^220 (\\S+)', identify: '^220 (\\S+)', wanted: true });
    feed(match, '220 rs3 ESMTP\r\n');
    expect([match.whole, match.end(), match.realServer]).to.deep.equal([true, undefined, 'rs3']);
    match.reset();
    feed(match, '421 busy');
    expect([match.whole, match.end()?.kind]).to.deep.equal([false, 'bad-body']);

    expect(new BareAnswer({ wanted: false }).whole).to.equal(true);
    expect(new BareAnswer({ wanted: true }).end()?.kind).to.equal('short-read');
  });
});
