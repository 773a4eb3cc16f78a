/** `ipvet checks`: the catalogue, offline. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { suggestion } from '../lib/config/suggestion.ts';
import { IpvetError } from '../lib/errors.ts';
import type { Check, Severity, Stage } from '../lib/model/check.ts';
import { type FaultId, faultIds } from '../lib/model/fault-id.ts';
import { checkById, checks, documentOf, tagsOf, unseen } from '../suites/catalogue.ts';
import { noSuchCheck } from './catalogue.ts';
import { globalOptions } from './options.ts';
import { table } from './table.ts';

interface ListFlags {
  readonly tag: readonly string[];
  readonly stage?: Stage;
  readonly severity?: Severity;
  readonly fault?: FaultId;
}

/** Subcommands list and explain; `--json` prints what they say as one document. */
export function checksCommand(): Command {
  const command = new Command('checks').description('the catalogue of checks');
  command
    .command('list')
    .description('every check, in the order they run; options leave some out')
    .option('--tag <tags>', 'only those with all of these tags, separated by commas: arp, dr, firewall, …', tagList, [])
    .addOption(new Option('--stage <stage>', 'only those of one stage').choices(['pre', 'post', 'traffic']))
    .addOption(new Option('--severity <severity>', 'only those').choices(['mandatory', 'recommended']))
    .option('--fault <id>', 'only those that see this fault of the catalogue', faultId)
    .action((flags: ListFlags, self: Command) => {
      const { json } = globalOptions(self);
      const wanted = checks.filter((check) => isWanted(check, flags));
      if (json) {
        process.stdout.write(`${JSON.stringify(wanted.map(metaOf), undefined, 2)}\n`);
        return;
      }
      if (wanted.length === 0) {
        const because = flags.fault === undefined ? undefined : unseen[flags.fault];
        process.stderr.write(
          because === undefined ? 'no check is all of that\n' : `${flags.fault ?? ''}: ${because}\n`,
        );
        return;
      }
      const rows = wanted.map((check) => [check.id, check.stage, check.severity, tagsOf(check).join(','), check.title]);
      process.stdout.write(table(['check', 'stage', 'severity', 'tags', 'title'], rows));
    });
  command
    .command('explain')
    .description('why a check matters, what it reads, how to look by hand, what to do')
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

function isWanted(check: Check, { tag, stage, severity, fault }: ListFlags): boolean {
  const tags = tagsOf(check);
  return (
    tag.every((one) => tags.includes(one)) &&
    (stage === undefined || check.stage === stage) &&
    (severity === undefined || check.severity === severity) &&
    (fault === undefined || check.sees.includes(fault))
  );
}

function tagList(value: string): readonly string[] {
  const known = [...new Set(checks.flatMap((check) => tagsOf(check)))].sort();
  const tags = value.split(',').filter((tag) => tag !== '');
  for (const tag of tags) {
    if (known.includes(tag)) continue;
    const near = suggestion(tag, known);
    throw new InvalidArgumentError(near === undefined ? `tags are ${known.join(', ')}` : `did you mean ${near}?`);
  }
  return tags;
}

function faultId(value: string): FaultId {
  const fault = faultIds.find((id) => id === value);
  if (fault !== undefined) return fault;
  const near = suggestion(value, faultIds);
  throw new InvalidArgumentError(near === undefined ? 'all of them: docs/faults.md' : `did you mean ${near}?`);
}

/** Everything of a check that is data. */
function metaOf(check: Check) {
  const { id, title, failureTitle, severity, stage, scope, requires, requiresOfAll = [], sees, doc } = check;
  return { id, title, failureTitle, severity, stage, scope, tags: tagsOf(check), requires, requiresOfAll, sees, doc };
}

function unknown(id: string): IpvetError {
  if (/^(custom|suite)\//.test(id)) {
    return new IpvetError('USAGE', `${id} is no check of the catalogue`, {
      hint: 'checks of your own are explained where they are written: in the cluster file, or the folder it names',
    });
  }
  return noSuchCheck(id, checks);
}
