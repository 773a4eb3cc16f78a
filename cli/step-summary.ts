/** The summary of a step of GitHub Actions. */
import { appendFile } from 'node:fs/promises';

import { asIpvetError, IpvetError } from '../lib/errors.ts';

/** GitHub takes 1 MiB a step and nothing of a longer one. */
const mostBytes = 1024 * 1024 - 4096;
const cut = '\n\nThe rest is left out: GitHub takes 1 MiB. The report of the run has it all.\n';

/** Throws USAGE outside of a step, STORAGE. */
export async function appendStepSummary(markdown: string): Promise<void> {
  const file = process.env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '') {
    throw new IpvetError('USAGE', '--step-summary is for a step of GitHub Actions: GITHUB_STEP_SUMMARY is not set', {
      hint: 'elsewhere take --format markdown -o -',
    });
  }
  const bytes = Buffer.from(markdown);
  // Cut between blocks, so that no character and no table row is halved.
  const text =
    bytes.length <= mostBytes
      ? markdown
      : `${bytes.subarray(0, bytes.lastIndexOf('\n\n', mostBytes)).toString('utf8')}${cut}`;
  await appendFile(file, text).catch((error: unknown) => {
    throw asIpvetError(error, 'STORAGE', `cannot append to ${file}`);
  });
}
