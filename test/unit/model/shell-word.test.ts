import { execFileSync } from 'node:child_process';

import { expect } from 'chai';
import fc from 'fast-check';

import { shellWord } from '../../../lib/model/shell-word.ts';

/** What a POSIX shell makes of a line. */
const echoed = (line: string): string => execFileSync('/bin/sh', ['-c', `printf %s ${line}`], { encoding: 'utf8' });

describe('a word of a command to be copied to a shell', () => {
  it('stays as it is when it is plain', () => {
    for (const word of ['eth0', 'eth0.100', '10.0.0.1/24', '/etc/sysctl.d/99-lvs.conf', 'fe80::1', 'a=b']) {
      expect(shellWord(word)).to.equal(word);
    }
  });

  it('is one word, whatever it holds', () => {
    for (const word of [
      '',
      '$(touch /tmp/pwned)',
      '`id`',
      "a'b",
      'a b',
      'x;y',
      '=x',
      'é',
      '\u001b[31m',
      '\u202e',
      '!!',
    ]) {
      expect(echoed(shellWord(word)), word).to.equal(word);
      expect(shellWord(word)).to.not.match(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('reaches the program unchanged', function () {
    this.timeout(20_000);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 15 }), (word) => {
        fc.pre(!word.includes('\0') && !word.endsWith('\n') && !/\p{Cs}/u.test(word));
        expect(echoed(shellWord(word))).to.equal(word);
      }),
      { numRuns: 60 },
    );
  });
});
