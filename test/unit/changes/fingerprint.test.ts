import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { fingerprintArgv } from '../../../lib/changes/fingerprint.ts';

describe('the fingerprint of a host', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ipvet-test-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Its addresses, where `ip -o address show` prints these lines. */
  function addressesOf(...lines: readonly string[]): readonly string[] {
    writeFileSync(path.join(folder, 'ip'), `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n`, { mode: 0o755 });
    const [program = '', ...argv] = fingerprintArgv;
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const printed = execFileSync(program, argv, { env, encoding: 'utf8' });
    return printed.split('\n').filter((line) => line.startsWith('address '));
  }

  const line = (flags: string) =>
    `3: eth1    inet6 fe80::2/64 scope link ${flags}\\       valid_lft forever preferred_lft forever`;

  it('is the same before and after others were asked whether they have an address', () => {
    expect(addressesOf(line('tentative '))).to.deep.equal(addressesOf(line('')));
  });

  it('is another where somebody has it', () => {
    expect(addressesOf(line('dadfailed tentative '))).to.not.deep.equal(addressesOf(line('')));
  });
});
