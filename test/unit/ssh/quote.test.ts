import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { quoteArgv, quoteWord } from '../../../lib/ssh/quote.ts';

/** What /bin/sh makes of a command line: the arguments printf got, each ended by a NUL. */
function asShellSees(line: string): string[] {
  const { stdout, status } = spawnSync('/bin/sh', ['-c', `set -- ${line}\nfor word do printf '%s\\0' "$word"; done`]);
  expect(status).to.equal(0);
  return stdout.toString('utf8').split('\0').slice(0, -1);
}

describe('ssh quoting', () => {
  it('leaves plain words readable', () => {
    expect(quoteArgv(['ipvsadm', '-Ln', '--tcp-service=192.168.122.100:80'])).to.equal(
      'ipvsadm -Ln --tcp-service=192.168.122.100:80',
    );
  });

  it('gives an empty word, quotes, newlines and shell words through', () => {
    const words = ['x', '', "it's", '$(reboot)', '`id`', 'a\nb', '*', '~', '!!', '\\', ';', '-n', '=cat', 'ä'];
    expect(asShellSees(quoteArgv(words))).to.deep.equal(words);
  });

  it('does not let a program name become an assignment', () => {
    expect(quoteArgv(['A=b', 'c=d'])).to.equal("'A=b' c=d");
  });

  it('is undone by /bin/sh, whatever the words', function () {
    this.timeout(60_000);
    const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    const nasty = fc.stringMatching(/^[ '"\\$`!*?\n\t;&|<>(){}#~=a-]{0,12}$/);
    fc.assert(
      fc.property(fc.array(fc.oneof(word, nasty), { minLength: 1, maxLength: 40 }), (words) => {
        expect(asShellSees(quoteArgv(words))).to.deep.equal(words);
      }),
      { numRuns: 60 },
    );
  });

  it('quotes one word by itself', () => {
    expect(quoteWord("a'b")).to.equal(String.raw`'a'\''b'`);
    expect(quoteWord('/etc/ssh/sshd_config')).to.equal('/etc/ssh/sshd_config');
  });
});
