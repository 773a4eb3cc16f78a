import { Command } from 'commander';

import { checks } from '../suites/catalogue.ts';
import { IpvetError } from '../lib/errors.ts';
import type { Stage } from '../lib/model/check.ts';
import { suggestion } from '../lib/config/suggestion.ts';
import { runAllowed } from './allowed-run.ts';
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
      requireKnown(wanted);
      const stages = staged ?? (wanted.length === 0 ? ['pre'] : ['pre', 'post']);
      const cluster = await clusterOf(options);
      await runAllowed({ cluster, command: 'check', stages, checks: wanted }, options, { tiers: ['read'] });
    });
}

function requireKnown(wanted: readonly string[]): void {
  for (const word of wanted) {
    if (checks.some(({ id }) => id === word || id.startsWith(`${word}/`))) continue;
    const candidates = [...checks.map(({ id }) => id), ...Object.keys(stagesOf)];
    const meant = suggestion(word, candidates);
    throw new IpvetError('USAGE', `there is no check ${word}`, {
      hint: meant === undefined ? 'ipvet checks list' : `did you mean ${meant}? All of them: ipvet checks list`,
    });
  }
}
