import { Command } from 'commander';

import { IpvetError } from '../lib/errors.ts';
import type { Check, Stage } from '../lib/model/check.ts';
import { isNamedBy } from '../lib/run/selection.ts';
import { mustBeFormats } from './formats.ts';
import { withHeadStart } from './head-start.ts';
import { clusterOf, globalOptions, withDryRun } from './options.ts';

const stagesOf: Readonly<Record<string, readonly Stage[]>> = { pre: ['pre'], post: ['post'], all: ['pre', 'post'] };

export function checkCommand(): Command {
  return withDryRun(new Command('check'))
    .description('read-only prerequisites (pre, the default) and state with the rules in place (post)')
    .argument('[stage-or-checks...]', 'pre, post or all; then check ids or folders of them')
    .action(async (words: string[], _options: unknown, command: Command) => {
      const options = globalOptions(command);
      const [first = '', ...rest] = words;
      const staged = stagesOf[first];
      const wanted = staged === undefined ? words : rest;
      const stages = staged ?? (wanted.length === 0 ? ['pre'] : ['pre', 'post']);
      const cluster = await clusterOf(options);
      mustBeFormats(options.format);
      // The whole catalogue asks every host: they can log us in while the rest of the program is loaded. A name that is
      // none is told before any host is touched, and takes the catalogue.
      const ahead = wanted.length === 0 && options.skip.length === 0 && !options.dryRun;
      await withHeadStart(ahead, cluster, options, async (connected) => {
        const { catalogueFor, mustName } = await import('./catalogue.ts');
        const { checks } = await catalogueFor(cluster);
        mustName(wanted, checks, Object.keys(stagesOf));
        mustBeOf(stages, wanted, checks);
        const { runAllowed } = await import('./allowed-run.ts');
        await runAllowed({ cluster, command: 'check', stages, checks: wanted, ...connected }, options, {
          tiers: ['read'],
        });
      });
    });
}

/** Throws USAGE for a check that no stage of this command judges: the run would have nothing to say of it. */
function mustBeOf(stages: readonly Stage[], wanted: readonly string[], checks: readonly Check[]): void {
  for (const word of wanted) {
    const named = checks.filter((check) => isNamedBy(check, word));
    if (named.some(({ stage }) => stages.includes(stage))) continue;
    const stage = named[0]?.stage ?? 'pre';
    throw new IpvetError('USAGE', `${word} is judged ${when[stage]}, which is not part of this`, {
      hint: stage === 'traffic' ? 'it needs load: ipvet load, distribution, diagnose or accept' : `ipvet check ${word}`,
    });
  }
}

const when: Readonly<Record<Stage, string>> = {
  pre: 'before rules are installed (pre)',
  post: 'with the rules in place (post)',
  traffic: 'under load',
};
