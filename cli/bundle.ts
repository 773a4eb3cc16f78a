/** `ipvet bundle RUN`: one file to send to somebody who cannot see the cluster. Touches no host but with `--ask`. */
import { resolve } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { ask, type Asked } from '../lib/facts/for-maintainers.ts';
import type { Redaction } from '../lib/bundle/disguise.ts';
import { asIpvetError, IpvetError } from '../lib/errors.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import { bundleSuffix, writeBundle } from './bundle-file.ts';
import { clusterOf, type GlobalOptions, globalOptions, prompter } from './options.ts';
import { recordOfStored, type StoredRun, storedRun } from './stored-run.ts';
import { say } from './terminal.ts';

const redactions: readonly Redaction[] = ['names', 'addresses'];

/** Throws CONFIG (no such run), BUNDLE (too large), STORAGE. */
export function bundleCommand(): Command {
  return new Command('bundle')
    .description('a case file of a stored run: redacted, hashed, with its raw facts, to be judged again elsewhere')
    .argument('<run>', 'folder of a run, an id under ./runs, or latest')
    .option('-o, --out <file>', `file to write, or a folder for ID${bundleSuffix} (default: the run's folder)`)
    .option('--redact <list>', 'replace these too, each by the same other everywhere: names, addresses', redacted, [])
    .option(
      '--ask',
      'ask the directors of the cluster file for what maintainers want besides: versions, rates, ip rule, log',
    )
    .action(
      async (run: string, flags: { readonly redact: readonly Redaction[]; readonly ask?: true }, self: Command) => {
        const typed = self.getOptionValueSourceWithGlobals('out') === 'cli';
        const { out } = self.optsWithGlobals<{ out: string }>();
        const stored = await storedRun(run, 'runs');
        const { directory } = stored;
        const asked = flags.ask === true ? await askDirectors(stored, globalOptions(self)) : [];
        const { file, kept } = writeBundle(directory, flags.redact, typed ? resolve(out) : directory, asked);
        if (kept.length > 0) say(`left as they are, because they mean something else as well: ${kept.join(', ')}`);
        process.stdout.write(`${file}\n`);
      },
    );
}

/** A director that cannot be reached is told, and left out. Throws CONFIG where the run is of another cluster. */
async function askDirectors(stored: StoredRun, options: GlobalOptions): Promise<readonly Asked[]> {
  const cluster = await clusterOf(options);
  const { cluster: ran } = await recordOfStored(stored);
  if (ran.name !== cluster.name)
    throw new IpvetError('CONFIG', `the run is of ${ran.name}, the cluster file of ${cluster.name}`, {
      hint: 'name the cluster file of the run with -i',
    });
  const abort = new AbortController();
  const stop = () => {
    abort.abort();
  };
  process.once('SIGINT', stop);
  const prompt = prompter(options);
  const fleet = connectFleet(cluster, { signal: abort.signal, ...(prompt === undefined ? {} : { prompt }) });
  try {
    const answers = await Promise.all(
      cluster.directors.map(async ({ name }) => {
        try {
          return await ask(await fleet.host(name), abort.signal);
        } catch (error) {
          const failure = asIpvetError(error, 'INTERNAL', `${name} could not be asked`);
          if (abort.signal.aborted) throw failure;
          say(`${name} was not asked: ${failure.message}`);
          return [];
        }
      }),
    );
    return answers.flat();
  } finally {
    process.off('SIGINT', stop);
    await fleet.close();
  }
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
