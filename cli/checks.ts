/** `ipvet checks`: the catalogue, offline. */
import { Command } from 'commander';
import { IpvetError } from '../lib/errors.ts';
import type { Check } from '../lib/model/check.ts';
import { checkById, checks, documentOf } from '../suites/catalogue.ts';
import { suggestion } from '../lib/config/suggestion.ts';
import { globalOptions } from './options.ts';
import { table } from './table.ts';

/** Subcommands list and explain; `--json` prints what they say as one document. */
export function checksCommand(): Command {
  const command = new Command('checks').description('the catalogue of checks');
  command
    .command('list')
    .description('every check, in the order they run')
    .action((_flags: unknown, self: Command) => {
      if (globalOptions(self).json) {
        process.stdout.write(`${JSON.stringify(checks.map(metaOf), undefined, 2)}\n`);
        return;
      }
      const rows = checks.map(({ id, stage, severity, title }) => [id, stage, severity, title]);
      process.stdout.write(table(['check', 'stage', 'severity', 'title'], rows));
    });
  command
    .command('explain')
    .description('why a check matters, what it reads, and how to look by hand')
    .argument('<id>', 'id of a check, as `ipvet checks list` shows it')
    .action((id: string, _flags: unknown, self: Command) => {
      const check = checkById(id);
      if (check === undefined) throw unknown(id);
      process.stdout.write(
        globalOptions(self).json ? `${JSON.stringify(metaOf(check), undefined, 2)}\n` : documentOf(check),
      );
    });
  return command;
}

/** Everything of a check that is data. */
function metaOf({ id, title, failureTitle, severity, stage, scope, requires, requiresOfAll = [], doc }: Check) {
  return { id, title, failureTitle, severity, stage, scope, requires, requiresOfAll, doc };
}

function unknown(id: string): IpvetError {
  const ids = checks.map((check) => check.id);
  // `arp` for `real-server/arp`: people remember the last part.
  const byName = ids.filter((one) => one.endsWith(`/${id}`));
  const meant = byName.length > 0 ? byName.join(' or ') : suggestion(id, ids);
  return new IpvetError('USAGE', `there is no check ${id}`, {
    hint:
      meant === undefined ? 'All of them: ipvet checks list' : `did you mean ${meant}? All of them: ipvet checks list`,
  });
}
