/** `ipvet lab`: a real cluster on this machine. */
import { Command, InvalidArgumentError, Option } from 'commander';

import { faults } from '../lab/faults/index.ts';
import { applyFault, revertFault } from '../lab/faults/injection.ts';
import { downLab, upLab } from '../lab/lab.ts';
import { cut, mend, powerOff, powerOn } from '../lab/power.ts';
import { againAsRoot } from '../lab/privilege.ts';
import type { HostsRequest } from '../lab/requirements.ts';
import { execInClient, sshInto } from '../lab/shell.ts';
import { checkLabName, DEFAULT_LAB } from '../lab/state.ts';
import { type LabStatus, labStatus } from '../lab/status.ts';
import { checkTopology, topologyNames } from '../lab/topologies/index.ts';
import type { ClientPlace } from '../lab/topologies/topology.ts';
import { IpvetError } from '../lib/errors.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { type GlobalOptions, globalOptions } from './options.ts';
import { table } from './table.ts';
import { say as tell } from './terminal.ts';

interface LabFlags {
  readonly name: string;
}

interface UpFlags extends LabFlags {
  readonly topology?: string;
  readonly client?: ClientPlace;
  readonly realServers: number;
  readonly directorMemory?: number;
  readonly hosts: HostsRequest;
}

/** Subcommands up, down, status, ssh, exec, fault, power, cut and mend. Results on stdout, progress on stderr. */
export function labCommand(): Command {
  const command = new Command('lab').description('a real cluster on this machine (Linux, root)');
  named(command.command('up'))
    .description('boot a lab cluster; the last line on stdout is the path of its cluster file')
    .option('--topology <name>', `how hosts are connected: ${topologyNames.join(', ')} (default: nat)`)
    .addOption(
      new Option('--client <place>', 'topology dr: in the segment of the VIP, or behind the router').choices([
        'flat',
        'routed',
      ]),
    )
    .option('--real-servers <n>', 'how many real servers', wholeNumber, 3)
    .option(
      '--director-memory <mb>',
      'memory of each director, for a large connection table (default: 256)',
      wholeNumber,
    )
    .addOption(
      new Option('--hosts <kind>', 'uml: own kernel; netns: this kernel where it has what the role needs')
        .choices(['auto', 'uml', 'netns'])
        .default('auto'),
    )
    .action((flags: UpFlags, self: Command) => up(flags, globalOptions(self)));
  named(command.command('down'))
    .description('end exactly what this lab made')
    .action((flags: LabFlags, self: Command) =>
      asRoot(globalOptions(self), flags, async (say) => {
        const { name, existed } = await downLab({ name: flags.name, onProgress: say });
        say(existed ? `lab "${name}" is down` : `lab "${name}" is not up: nothing to do`);
        return exitCodes.pass;
      }),
    );
  named(command.command('status'))
    .description('hosts, their kind and whether they run, and the faults in force (JSON with --json)')
    .action((flags: LabFlags, self: Command) =>
      asRoot(globalOptions(self), flags, () => {
        const status = labStatus(flags);
        process.stdout.write(globalOptions(self).json ? `${JSON.stringify(status, null, 2)}\n` : statusText(status));
        return Promise.resolve(exitCodes.pass);
      }),
    );
  named(command.command('ssh'))
    .description('a shell or a command on a lab host, as user ops (root@HOST for root)')
    .argument('<host>')
    .argument('[command...]', 'after --')
    .action((host: string, words: string[], flags: LabFlags, self: Command) =>
      asRoot(globalOptions(self), flags, () => sshInto(flags.name, host, words)),
    );
  named(command.command('exec'))
    .description("a program of this machine, or a shell, in the client's network")
    .argument('[command...]', 'after --')
    .action((words: string[], flags: LabFlags, self: Command) =>
      asRoot(globalOptions(self), flags, () => execInClient(flags.name, words)),
    );
  command.addCommand(faultCommand());
  command.addCommand(powerCommand());
  for (const [verb, description, act, done, nothing] of [
    ['cut', 'pull the network cable of a lab host, which goes on running', cut, 'is cut from', 'is cut off already'],
    ['mend', 'plug it in again', mend, 'is connected again to', 'is not cut off'],
  ] as const) {
    named(command.command(verb))
      .description(description)
      .argument('<host>')
      .option('--network <name...>', 'only on these networks of the lab; all otherwise')
      .action((host: string, flags: LabFlags & { readonly network?: string[] }, self: Command) =>
        asRoot(globalOptions(self), flags, async (say) => {
          const networks = await act(flags.name, host, flags.network);
          say(networks.length > 0 ? `${host} ${done} ${networks.join(', ')}` : `${host} ${nothing}: nothing to do`);
          return exitCodes.pass;
        }),
      );
  }
  return command;
}

function powerCommand(): Command {
  const command = new Command('power').description('what a power cut does to a lab host');
  const verb = (
    name: string,
    description: string,
    work: (lab: string, host: string, say: (text: string) => void) => Promise<string>,
  ): void => {
    named(command.command(name))
      .description(description)
      .argument('<host>')
      .action((host: string, flags: LabFlags, self: Command) =>
        asRoot(globalOptions(self), flags, async (say) => {
          say(await work(flags.name, host, say));
          return exitCodes.pass;
        }),
      );
  };
  verb('off', 'everything it runs ends at once', async (lab, host) =>
    (await powerOff(lab, host)) ? `${host} is off` : `${host} is off already: nothing to do`,
  );
  verb(
    'on',
    'it boots again with the same keys and addresses; returns when it answers',
    async (lab, host, onProgress) =>
      (await powerOn(lab, host, { onProgress })) ? `${host} is on` : `${host} is on already: nothing to do`,
  );
  verb('reset', 'off and on', async (lab, host, onProgress) => {
    await powerOff(lab, host);
    await powerOn(lab, host, { onProgress });
    return `${host} is on again`;
  });
  return command;
}

function faultCommand(): Command {
  const command = new Command('fault').description('break a lab host the way it breaks in the field');
  command
    .command('list')
    .description('every fault, the topologies it exists in and the host it goes on (JSON with --json)')
    .action((_flags: unknown, self: Command) => {
      const rows = faults.map(({ id, title, topologies, targets, defaultHost }) => ({
        id,
        title,
        topologies,
        targets,
        defaultHost,
      }));
      process.stdout.write(
        globalOptions(self).json
          ? `${JSON.stringify(rows, null, 2)}\n`
          : table(
              ['ID', 'TOPOLOGY', 'ON', 'WHAT'],
              rows.map((row) => [row.id, row.topologies.join(','), row.defaultHost, row.title]),
            ),
      );
    });
  for (const [verb, description, act, done] of [
    ['apply', 'break it', applyFault, 'applied to'],
    ['revert', 'bring back what was there before', revertFault, 'taken back on'],
  ] as const) {
    named(command.command(verb))
      .description(description)
      .argument('<id>')
      .option('--on <host>', "the host; the fault's own default otherwise")
      .action((id: string, flags: LabFlags & { readonly on?: string }, self: Command) =>
        asRoot(globalOptions(self), flags, async (say) => {
          const { fault, host } = await act(flags.name, id, flags.on);
          say(`fault ${fault.id} ${done} ${host}`);
          return exitCodes.pass;
        }),
      );
  }
  return command;
}

async function up(flags: UpFlags, options: GlobalOptions): Promise<void> {
  // Before sudo asks for a password.
  checkTopology(flags);
  await asRoot(options, flags, async (say) => {
    const abort = new AbortController();
    let received: 'SIGINT' | 'SIGTERM' | undefined;
    const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
      // The second time abandons: what is left is in the lab's state, for `lab down`.
      if (received !== undefined) process.exit(exitCodes[signal]);
      received = signal;
      abort.abort();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    try {
      const { name, clusterFile, hosts, alreadyUp, timings } = await upLab({
        ...flags,
        directorMemoryMb: flags.directorMemory,
        onProgress: say,
        signal: abort.signal,
      });
      const seconds = (timings.totalMs / 1000).toFixed(1);
      const realServers = hosts.filter(({ role }) => role === 'real-server').length;
      say(
        alreadyUp
          ? `lab "${name}" is already up, with ${realServers} real servers`
          : `lab "${name}" is up after ${seconds} s`,
      );
      process.stdout.write(`${clusterFile}\n`);
      return exitCodes.pass;
    } catch (error) {
      if (received === undefined || !(error instanceof IpvetError) || error.code !== 'ABORTED') throw error;
      say(error.message);
      return exitCodes[received];
    } finally {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    }
  });
}

/** Runs the command as root, through sudo if need be; what it answers is the exit code. */
async function asRoot(
  options: GlobalOptions,
  { name }: LabFlags,
  work: (say: (text: string) => void) => Promise<number>,
): Promise<void> {
  const say = (text: string): void => {
    if (!options.quiet) tell(text);
  };
  checkLabName(name);
  const code = (await againAsRoot(say)) ?? (await work(say));
  process.exitCode = code;
}

function statusText({ name, phase, topology, clusterFile, hosts, faults: inForce }: LabStatus): string {
  const head = [`lab ${name}: ${phase}${topology === undefined ? '' : `, topology ${topology}`}`];
  if (clusterFile !== undefined) head.push(clusterFile);
  if (hosts.length === 0) return `${head.join('\n')}\n`;
  const rows = hosts.map(({ name: host, role, address, kind, running, because, power, cut: from }) => [
    host,
    role,
    address,
    kind,
    [
      power === 'off' && !running ? 'off' : running ? 'running' : 'not running',
      ...from.map((each) => `cut from ${each}`),
    ].join(', '),
    because,
  ]);
  const broken = inForce.map(({ id, host }) => `fault ${id} on ${host}\n`).join('');
  return `${head.join('\n')}\n${table(['HOST', 'ROLE', 'ADDRESS', 'KIND', 'STATE', 'WHY'], rows)}${broken}`;
}

const named = (command: Command): Command => command.option('--name <name>', 'which lab', DEFAULT_LAB);

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('give a whole number');
  return Number(value);
}
