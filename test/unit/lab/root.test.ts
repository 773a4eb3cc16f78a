import { spawnSync } from 'node:child_process';

import { expect } from 'chai';

import { firstProgram } from '../../../lab/root/first-program.ts';
import { maskedUnits, rootFiles } from '../../../lab/root/recipe.ts';
import { sourceLines } from '../../../lab/root/sources.ts';

describe('root of lab hosts', () => {
  it("takes Debian's main entries for the release that runs, once each", () => {
    const targets = [
      'http://mirror.example/debian bookworm main bookworm',
      'http://mirror.example/debian bookworm main bookworm',
      'http://mirror.example/debian bookworm contrib bookworm',
      'http://mirror.example/debian stable-updates main bookworm-updates',
      'http://mirror.example/debian trixie main trixie',
      '',
    ].join('\n');
    expect(sourceLines(targets, 'bookworm')).to.deep.equal([
      'deb http://mirror.example/debian bookworm main',
      'deb http://mirror.example/debian stable-updates main',
    ]);
    expect(sourceLines('', 'bookworm')).to.deep.equal([]);
  });

  it('boots with a first program that perl accepts', () => {
    const check = spawnSync('perl', ['-c', '-'], { input: firstProgram('6.1.0'), encoding: 'utf8' });
    expect(check.stderr).to.contain('syntax OK');
    expect(check.status).to.equal(0);
  });

  it('masks no unit that it also lays', () => {
    const laid = rootFiles('6.1.0').map(({ path }) => path);
    for (const unit of maskedUnits) expect(laid).not.to.include(`/etc/systemd/system/${unit}`);
    expect(new Set(laid).size).to.equal(laid.length);
  });
});
