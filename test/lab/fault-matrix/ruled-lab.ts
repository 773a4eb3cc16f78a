/** A lab for the tests of one `describe`, with the declared rules on its director, and what `ipvet diagnose` makes of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Ended, labUp, run, skipWithoutLab } from '../product.ts';

/** Up before the tests, and down after them. */
export function ruledLab(lab: string, ...options: readonly string[]): { readonly diagnose: () => Promise<Ended> } {
  let out = '';
  let clusterFile = '';

  before(async function () {
    skipWithoutLab(this);
    out = mkdtempSync(join(tmpdir(), 'ipvet-faults-'));
    clusterFile = await labUp(lab, ...options);
    const applied = await run(['rules', 'apply', '-i', clusterFile, '-o', out, '--allow', 'change']);
    expect(applied.code, applied.stderr).to.equal(0);
  });

  after(async () => {
    await run(['lab', 'down', '--name', lab]);
    if (out !== '') rmSync(out, { recursive: true, force: true });
  });

  return { diagnose: () => run(['diagnose', '-i', clusterFile, '-o', out, '--json', '--timeout', '60s']) };
}
