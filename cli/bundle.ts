/** `ipvet bundle RUN`: one file to send to somebody who cannot see the cluster. Touches no host. */
import { resolve } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import type { Redaction } from '../lib/bundle/disguise.ts';
import { bundleSuffix, writeBundle } from './bundle-file.ts';
import { storedRun } from './stored-run.ts';
import { say } from './terminal.ts';

const redactions: readonly Redaction[] = ['names', 'addresses'];

/** Throws CONFIG (no such run), BUNDLE (too large), STORAGE. */
export function bundleCommand(): Command {
  return new Command('bundle')
    .description('a case file of a stored run: redacted, hashed, with its raw facts, to be judged again elsewhere')
    .argument('<run>', 'folder of a run, an id under ./runs, or latest')
    .option('-o, --out <file>', `file to write, or a folder for ID${bundleSuffix} (default: the run's folder)`)
    .option('--redact <list>', 'replace these too, each by the same other everywhere: names, addresses', redacted, [])
    .action(async (run: string, flags: { readonly redact: readonly Redaction[] }, self: Command) => {
      const typed = self.getOptionValueSourceWithGlobals('out') === 'cli';
      const { out } = self.optsWithGlobals<{ out: string }>();
      const { directory } = await storedRun(run, 'runs');
      const { file, kept } = writeBundle(directory, flags.redact, typed ? resolve(out) : directory);
      if (kept.length > 0) say(`left as they are, because they mean something else as well: ${kept.join(', ')}`);
      process.stdout.write(`${file}\n`);
    });
}

function redacted(value: string): readonly Redaction[] {
  return value
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const known = redactions.find((one) => one === part);
      if (known === undefined) throw new InvalidArgumentError(`give ${redactions.join(', ')} or both`);
      return known;
    });
}
