/** `ipvet doctor`: what this machine lacks, and what the hosts have to allow. Offline. */
import { Command, InvalidArgumentError } from 'commander';
import { IpvetError } from '../lib/errors.ts';
import { type Cluster, type ClusterHost, hostsOf } from '../lib/model/cluster.ts';
import { type Tier, tiers } from '../lib/model/tier.ts';
import {
  fixCommandsOf,
  type RootCommand,
  rootCommandsOf,
  rootScope,
  sudoersFile,
  type SudoersFile,
  withinTier,
} from '../lib/privileges/index.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { loginsOf } from '../lib/ssh/logins.ts';
import { examineMachine } from './doctor-machine.ts';
import { clusterOf, globalOptions } from './options.ts';
import { table } from './table.ts';

interface SudoersFlags {
  readonly tier: Tier;
  readonly user?: string;
  readonly host?: string;
  readonly withFix?: true;
}

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('what this machine has for ipvet and for its lab; `doctor sudoers` for what the hosts have to allow')
    .action(async (_flags: unknown, self: Command) => {
      const options = globalOptions(self);
      const findings = await examineMachine(options);
      if (options.json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
      else {
        const rows = findings.map(({ what, state, found, todo }) => [
          what,
          state,
          todo === undefined ? found : `${found}; ${todo}`,
        ]);
        process.stdout.write(table(['WHAT', 'STATE', 'FOUND'], rows));
      }
      if (findings.some(({ state }) => state === 'missing')) process.exitCode = exitCodes.inconclusive;
    });
  command
    .command('sudoers')
    .description('print the sudo rules that ipvet needs, host role by host role; touches no host')
    .option('--tier <tier>', `up to this tier: ${tiers.join(', ')}`, tierOf, 'change')
    .option('--user <name>', 'login user (default: as the cluster file and ssh have it)')
    .option('--host <name>', 'only for this host of the cluster file')
    .option('--with-fix', 'also what `ipvet fix apply` and `fix undo` need, which is as much as root')
    .action(async (flags: SudoersFlags, self: Command) => {
      const options = globalOptions(self);
      const files = await sudoersFiles(await clusterOf(options), flags);
      process.stdout.write(
        options.json ? `${JSON.stringify(files, null, 2)}\n` : files.map(({ text }) => text).join('\n'),
      );
    });
  return command;
}

/** One file for each role and login user. Throws USAGE. */
async function sudoersFiles(
  cluster: Cluster,
  { tier, user, host, withFix }: SudoersFlags,
): Promise<readonly SudoersFile[]> {
  const hosts = hostsOf(cluster);
  const wanted = host === undefined ? hosts : hosts.filter(({ name }) => name === host);
  if (wanted.length === 0)
    throw new IpvetError('USAGE', `--host names ${host ?? ''}, which ${cluster.file} does not`, {
      hint: `hosts: ${hosts.map(({ name }) => name).join(', ')}`,
    });
  const logins = user === undefined ? await loginsOf(cluster, new AbortController().signal) : undefined;
  const groups = new Map<string, { readonly user: string; readonly role: ClusterHost['role']; hosts: string[] }>();
  for (const { name, role } of wanted) {
    const login = user ?? logins?.get(name)?.user ?? '';
    const group = groups.get(`${role} ${login}`) ?? { user: login, role, hosts: [] };
    groups.set(`${role} ${login}`, group);
    group.hosts.push(name);
  }
  return [...groups.values()].map((group) => {
    const own = wanted
      .filter(({ name }) => group.hosts.includes(name))
      .flatMap((each) => rootScope(cluster, each).own ?? []);
    const where = { role: group.role, managedBy: cluster.rules.managedBy, own: unlike(own) };
    const fix = withFix === true ? fixCommandsOf(group.role, group.user) : [];
    const commands = [...rootCommandsOf(where, group.user), ...fix].filter((command) => withinTier(command, tier));
    return sudoersFile({ ...group, tier, commands });
  });
}

/** Directors that stand in for each other have most of theirs in common. */
function unlike(commands: readonly RootCommand[]): readonly RootCommand[] {
  return [...new Map(commands.map((command) => [JSON.stringify(command.argv), command])).values()];
}

function tierOf(value: string): Tier {
  const tier = tiers.find((known) => known === value);
  if (tier === undefined) throw new InvalidArgumentError(`tiers are ${tiers.join(', ')}`);
  return tier;
}
