import { expect } from 'chai';
import fc from 'fast-check';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { type ConfStatement, parseKeepalivedConf } from '../../../lib/parse/keepalived-conf.ts';
import { direct, large, natPair } from '../ipvs/keepalived-samples.ts';

const words = (statement: ConfStatement | undefined) => statement?.words.map(({ text }) => text).join(' ');
const outline = (text: string): unknown => tree(parseKeepalivedConf(text).statements);
const tree = (statements: readonly ConfStatement[]): unknown =>
  statements.map((statement) =>
    statement.block === undefined ? words(statement) : [words(statement), tree(statement.block.statements)],
  );

/** The text again from what the tree knows: every word, brace and gap at its place. */
function printed(text: string): string {
  const pieces: { start: number; end: number; text: string }[] = [];
  const walk = (statements: readonly ConfStatement[]) => {
    for (const { words: own, block } of statements) {
      pieces.push(...own.map(({ start, end }) => ({ start, end, text: text.slice(start, end) })));
      if (block === undefined) continue;
      pieces.push({ start: block.open, end: block.open + 1, text: '{' });
      walk(block.statements);
      pieces.push({ start: block.close, end: block.close + 1, text: '}' });
    }
  };
  walk(parseKeepalivedConf(text).statements);
  let out = '';
  for (const piece of pieces) {
    expect(piece.start, 'words do not overlap').to.be.at.least(out.length);
    out += text.slice(out.length, piece.start) + piece.text;
  }
  return out + text.slice(out.length);
}

describe('keepalived.conf', () => {
  it('is a tree of statements, without comments', () => {
    expect(outline('a 1 # x {\nb { ! }\n  c "d e" 2\n}\n')).to.deep.equal(['a 1', ['b', ['c d e 2']]]);
  });

  it('has blocks on one line, with the brace on the next line or at the word, and without a name', () => {
    expect(outline('a { b { c } }')).to.deep.equal([['a', [['b', ['c']]]]]);
    expect(outline('a\n\n{ b\n}\n')).to.deep.equal([['a', ['b']]]);
    expect(outline('real_server 1.2.3.4 80{\nweight 2}\n')).to.deep.equal([['real_server 1.2.3.4 80', ['weight 2']]]);
    expect(outline('{ a }')).to.deep.equal([['', ['a']]]);
  });

  it('keeps braces, comment signs and blanks that are quoted or escaped', () => {
    expect(outline('a "x { # ! } y" b\\#c\n')).to.deep.equal(['a x { # ! } y b#c']);
    expect(outline('a ${NAME}:80 {\n}\n')).to.deep.equal([['a ${NAME}:80', []]]);
  });

  it('knows the line of each statement and the condition it stands under', () => {
    const [first, second] = parseKeepalivedConf('# c\n@lb1 priority 100\n@^lb1 priority 50\n').statements;
    expect([first?.line, first?.condition, words(first)]).to.deep.equal([2, 'lb1', 'priority 100']);
    expect([second?.line, second?.condition]).to.deep.equal([3, '^lb1']);
  });

  it('takes a definition whole, over its lines, braces and all', () => {
    const { statements } = parseKeepalivedConf('$A = x { \\\n  y \\\n  }\nb\n');
    expect(statements.map(({ definition }) => definition)).to.deep.equal([true, false]);
    expect([statements[1]?.line, words(statements[1])]).to.deep.equal([4, 'b']);
  });

  it('reads Windows line ends, no line end and no text', () => {
    expect(outline('a 1\r\nb {\r\n}\r\n')).to.deep.equal(['a 1', ['b', []]]);
    expect(outline('a')).to.deep.equal(['a']);
    expect(outline('')).to.deep.equal([]);
  });

  it('refuses what does not close, with file and line', () => {
    const failure = (text: string) => {
      try {
        parseKeepalivedConf(text, '/etc/keepalived/keepalived.conf');
      } catch (error) {
        expect(error).to.be.instanceOf(ParseError);
        return (error as Error).message;
      }
      return 'no error';
    };
    expect(failure('a\nb {\n c {\n }\n')).to.contain('/etc/keepalived/keepalived.conf, line 2').and.contain('b {');
    expect(failure('a {\n}\n}\n')).to.contain('line 3');
    expect(failure('a\nb "c\n')).to.contain('line 2');
  });

  it('leaves every byte where it is', () => {
    for (const text of [natPair, direct, large]) expect(printed(text)).to.equal(text);
  });

  it('leaves every byte of any text where it is, or says that it is no configuration', () => {
    const piece = fc.constantFrom(
      'a',
      'real_server',
      '"q { # "',
      '"',
      '{',
      '}',
      ' ',
      '\t',
      '\n',
      '#c',
      '!',
      '\\',
      '@x',
      '$V=',
      '${V}',
      '\r\n',
    );
    const text = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (any) => {
        try {
          expect(printed(any)).to.equal(any);
        } catch (error) {
          if (!(error instanceof ParseError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
