import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

import { type AppliedRules, readApplied, rollbackPath, writeApplied } from '../../../lib/ipvs/rollback-file.ts';

const applied: AppliedRules[] = [
  { director: 'd1', appliedAt: '2026-11-22T20:00:00Z', before: [], commands: [], undo: [] },
];

describe('the file that leads back from rules apply', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-rollback-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it("is its owner's alone whatever the umask, and leaves no draft", async () => {
    const path = rollbackPath(directory, 'web', 'd1');
    const before = process.umask(0);
    try {
      await writeApplied(path, 'web', applied);
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(statSync(dirname(path)).mode & 0o777).to.equal(0o700);
    expect(readdirSync(dirname(path))).to.deep.equal(['web-d1.json']);
    expect(await readApplied(path)).to.deep.equal(applied);
  });

  it('takes the place of a link that was laid there, and writes nothing through it', async () => {
    const path = rollbackPath(directory, 'web', 'd1');
    await writeApplied(path, 'web', applied);
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'as it was');
    rmSync(path);
    symlinkSync(victim, path);
    await writeApplied(path, 'web', applied);
    expect(readFileSync(victim, 'utf8')).to.equal('as it was');
    expect(await readApplied(path)).to.deep.equal(applied);
  });
});
