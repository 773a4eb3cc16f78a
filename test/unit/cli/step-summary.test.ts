import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { appendStepSummary } from '../../../cli/step-summary.ts';

describe('the summary of a GitHub step', () => {
  const before = process.env['GITHUB_STEP_SUMMARY'];
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-step-'));
    file = join(directory, 'summary');
    process.env['GITHUB_STEP_SUMMARY'] = file;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['GITHUB_STEP_SUMMARY'];
    else process.env['GITHUB_STEP_SUMMARY'] = before;
    rmSync(directory, { recursive: true, force: true });
  });

  const failure = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('is appended to what is there', async () => {
    writeFileSync(file, 'before\n');
    await appendStepSummary('# PASS\n');
    expect(readFileSync(file, 'utf8')).to.equal('before\n# PASS\n');
  });

  it('is cut between two blocks where GitHub would take none of it', async () => {
    await appendStepSummary(`${'é'.repeat(1000)}\n\n`.repeat(1000));
    const text = readFileSync(file, 'utf8');
    expect(Buffer.byteLength(text))
      .to.be.below(1024 * 1024)
      .and.above(1_000_000);
    expect(text)
      .to.match(/é{1000}\n\nThe rest is left out/)
      .and.not.contain('\uFFFD');
  });

  it('is refused outside of a step, and told where it cannot be written', async () => {
    process.env['GITHUB_STEP_SUMMARY'] = join(directory, 'absent', 'summary');
    expect(await failure(appendStepSummary('x'))).to.include({ code: 'STORAGE' });
    process.env['GITHUB_STEP_SUMMARY'] = '';
    expect(await failure(appendStepSummary('x'))).to.include({ code: 'USAGE' });
  });
});
