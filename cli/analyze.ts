/** `ipvet analyze BUNDLE`: a case file, judged again with this version's checks and rules. Touches no host. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import { Command } from 'commander';

import { openBundle } from '../lib/bundle/open.ts';
import { filesOfRun, storedRun } from '../lib/bundle/stored-run.ts';
import { IpvetError } from '../lib/errors.ts';
import { jsonText } from '../lib/model/json-text.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { visible } from '../lib/model/visible-text.ts';
import { analyse, type StoredRun } from '../lib/run/analysis.ts';
import { version } from '../lib/version.ts';
import { renderText, writeReports } from '../reports/index.ts';
import { pairsOf } from '../suites/catalogue.ts';
import { mustBeFormats } from './formats.ts';
import { globalOptions } from './options.ts';
import { say } from './terminal.ts';

/** Exit codes as of the run, from what is judged now. Throws BUNDLE, CONFIG, USAGE (2), STORAGE. */
export function analyzeCommand(): Command {
  return new Command('analyze')
    .description('judge a case file again with the checks and rules of this version; no host is asked')
    .argument('<bundle>', 'file that ipvet bundle wrote, or the folder of a run')
    .action(async (bundle: string, _flags: unknown, self: Command) => {
      const options = globalOptions(self);
      mustBeFormats(options.format);
      const failOn = self.getOptionValueSourceWithGlobals('failOn') === 'cli' ? { failOn: options.failOn } : {};
      const { directory, record } = await analyse(await opened(bundle), {
        version,
        outDirectory: options.out,
        pairsOf,
        ...failOn,
      });
      const written = await writeReports(record, directory, options.format);
      process.exitCode = record.exitCode;
      if (options.json) {
        process.stdout.write(`${jsonText(record, 2)}\n`);
        return;
      }
      process.stdout.write(renderText(record, { color: options.color, width: process.stdout.columns || 100 }));
      process.stdout.write(differenceText(record));
      for (const file of written) process.stdout.write(`${file}\n`);
    });
}

async function opened(bundle: string): Promise<StoredRun> {
  const path = resolve(bundle);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new IpvetError('CONFIG', `there is no bundle ${bundle}`, { hint: 'give the file that ipvet bundle wrote' });
  }
  if (found.isDirectory()) return storedRun(filesOfRun(path), path);
  const { manifest, stored } = await openBundle(path);
  say(
    `${bundle}: run ${visible(manifest.run)}, bundled by ipvet ${visible(manifest.tool.version)}; every file is as its digest says`,
  );
  return stored;
}

/** What is judged otherwise than it was, one a line. */
export function differenceText({ analysis, tool }: Pick<RunRecord, 'analysis' | 'tool'>): string {
  if (analysis === undefined) return '';
  const { run, changed, causesGone, causesNew } = analysis;
  const head = `Judged again by ipvet ${tool.version}; run ${run.id} by ipvet ${run.version} ended with ${run.verdict.toUpperCase()} (exit code ${run.exitCode}).\n`;
  const lines = [
    ...changed.map(
      ({ check, subject, was, is, why }) =>
        `  ${check} [${[subject.host, subject.service].filter((part) => part !== undefined).join(', ')}]: ${was ?? 'not judged'} -> ${is}: ${why}`,
    ),
    ...causesGone.map((cause) => `  no longer diagnosed: ${cause}`),
    ...causesNew.map((cause) => `  now diagnosed: ${cause}`),
  ];
  const told = lines.length === 0 ? ['  every verdict and every cause is as it was'] : lines;
  return visible(`${head}${told.join('\n')}\n`);
}
