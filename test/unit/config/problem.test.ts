import { expect } from 'chai';
import { ConfigError, type ConfigProblem, formatProblems } from '../../../lib/config/problem.ts';

const problem: ConfigProblem = {
  file: 'cluster.yaml',
  line: 12,
  column: 9,
  length: 4,
  message: 'unknown key `diip`',
  hint: 'did you mean `dip`?',
  sourceLine: '  - { a, diip: 1 }',
};

describe('formatProblems', () => {
  it('shows the line, a caret under the place and the hint', () => {
    expect(formatProblems([{ ...problem, column: 10 }], { color: false })).to.equal(
      [
        'cluster.yaml:12:10: error: unknown key `diip`',
        '  12 |   - { a, diip: 1 }',
        '     |          ^^^^',
        '     hint: did you mean `dip`?',
        '',
      ].join('\n'),
    );
  });

  it('keeps tabs in front of the caret, so that it lines up', () => {
    const text = formatProblems([{ ...problem, sourceLine: '\tdiip: 1', column: 2 }], { color: false });
    expect(text).to.contain('  12 | \tdiip: 1\n     | \t^^^^\n');
  });

  it('shows a window of a long line', () => {
    const sourceLine = `${'x'.repeat(5000)}diip${'y'.repeat(5000)}`;
    const [, line = '', caret = ''] = formatProblems([{ ...problem, sourceLine, column: 5001 }], {
      color: false,
    }).split('\n');
    expect(line.length).to.be.below(140);
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).to.equal('diip');
  });

  it('lets no escape sequence of the file through to the terminal', () => {
    const hostile = '\u001b]0;x\u0007\u001b[31m\u202e';
    const text = formatProblems([{ ...problem, sourceLine: hostile, message: hostile, hint: hostile, file: hostile }], {
      color: false,
    });
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text).not.to.match(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('colours only when asked to', () => {
    expect(formatProblems([problem], { color: true })).to.contain('\u001b[31m');
    expect(formatProblems([problem], { color: false })).not.to.contain('\u001b');
  });

  it('stops after fifty', () => {
    const text = formatProblems(Array<ConfigProblem>(60).fill(problem), { color: false });
    expect(text.match(/error:/g)).to.have.lengthOf(50);
    expect(text).to.contain('and 10 more problems');
  });

  it('shows no line for a problem with the whole file', () => {
    const text = new ConfigError([{ ...problem, line: 0, column: 0 }]).render({ color: false });
    expect(text).to.equal('cluster.yaml: error: unknown key `diip`\n    hint: did you mean `dip`?\n');
  });
});
