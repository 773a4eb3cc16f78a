/** Entry point: the commands, and the one place where an error becomes words and an exit code. */
import { resolve } from 'node:path';

import { Command, CommanderError, Help, type Option } from 'commander';

import { ConfigError } from '../lib/config/problem.ts';
import { type ErrorCode, IpvetError } from '../lib/errors.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { version } from '../lib/version.ts';
import { addGlobalOptions } from './options.ts';
import { outliveTerminal, say, takesColor } from './terminal.ts';
import { disarmStreams } from './workflow-commands.ts';

const exitCodeOf: Readonly<Partial<Record<ErrorCode, number>>> = {
  CONFIG: exitCodes.usage,
  USAGE: exitCodes.usage,
  STORAGE: exitCodes.usage,
  BUNDLE: exitCodes.usage,
  SSH_CONFIG: exitCodes.usage,
  REFUSED: exitCodes.refused,
  LOCKED: exitCodes.refused,
  UNGUARDED: exitCodes.refused,
  LAB: exitCodes.inconclusive,
  LOAD: exitCodes.inconclusive,
  PERMISSION: exitCodes.inconclusive,
  SSH_UNREACHABLE: exitCodes.inconclusive,
  SSH_TIMEOUT: exitCodes.inconclusive,
  SSH_HOST_KEY: exitCodes.inconclusive,
  SSH_AUTH: exitCodes.inconclusive,
  SSH_CLOSED: exitCodes.inconclusive,
  EXEC_TIMEOUT: exitCodes.inconclusive,
  EXEC_FAILED: exitCodes.inconclusive,
  ABORTED: exitCodes.SIGINT,
};

const program = addGlobalOptions(new Command('ipvet'))
  .description('Acceptance and load testing for LVS/IPVS clusters')
  .version(version)
  .showSuggestionAfterError()
  .configureHelp({ optionDescription })
  .exitOverride();

/** A flag that is off and a list that is empty are no default to tell. */
function optionDescription(option: Option): string {
  const value: unknown = option.defaultValue;
  if (value === false || (Array.isArray(value) && value.length === 0)) return option.description;
  if (Array.isArray(value)) return `${option.description} (default: ${value.join(',')})`;
  return new Help().optionDescription(option);
}

/** By command, so that `ipvet config validate` does not load ssh, mocha and the lab. */
const loaders: Readonly<Record<string, () => Promise<readonly Command[]>>> = {
  demo: async () => [(await import('./demo.ts')).demoCommand()],
  config: async () => [(await import('./config.ts')).configCommand()],
  doctor: async () => [(await import('./doctor.ts')).doctorCommand()],
  hosts: async () => [(await import('./hosts.ts')).hostsCommand()],
  check: async () => [(await import('./check.ts')).checkCommand()],
  checks: async () => [(await import('./checks.ts')).checksCommand()],
  fix: async () => [(await import('./fix.ts')).fixCommand()],
  rules: async () => [(await import('./rules.ts')).rulesCommand()],
  load: traffic,
  distribution: traffic,
  diagnose: traffic,
  watch: async () => [(await import('./watch.ts')).watchCommand()],
  explain: async () => [(await import('./explain.ts')).explainCommand()],
  failover: async () => [(await import('./failover.ts')).failoverCommand()],
  accept: async () => [(await import('./accept.ts')).acceptCommand()],
  report: async () => [(await import('./report.ts')).reportCommand()],
  bundle: async () => [(await import('./bundle.ts')).bundleCommand()],
  analyze: async () => [(await import('./analyze.ts')).analyzeCommand()],
  diff: async () => [(await import('./diff.ts')).diffCommand()],
  baseline: async () => [(await import('./baseline.ts')).baselineCommand()],
  lab: async () => [(await import('./lab.ts')).labCommand()],
};

async function traffic(): Promise<readonly Command[]> {
  return (await import('./traffic.ts')).trafficCommands();
}

outliveTerminal();
disarmStreams();

try {
  for (const command of await commandsOf(process.argv.slice(2))) program.addCommand(inheriting(command));
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
  if (process.exitCode === exitCodes.internal) await leaveBundle(error);
}

/** The commands the words may mean; all of them for help, a wrong name, and completion of what was meant. */
async function commandsOf(words: readonly string[]): Promise<readonly Command[]> {
  const named = Object.keys(loaders).filter((name) => words.includes(name) && !words.includes('help'));
  const wanted = new Set((named.length > 0 ? named : Object.keys(loaders)).map((name) => loaders[name]));
  const commands: Command[] = [];
  // One after the other: Node 20 fails where mocha requires a package that another import is still fetching.
  for (const load of wanted) commands.push(...((await load?.()) ?? []));
  return commands;
}

/** Commands made apart from the program take over its settings: errors are thrown, suggestions shown. */
function inheriting(command: Command): Command {
  command.copyInheritedSettings(program);
  for (const child of command.commands) inheriting(child);
  return command;
}

function report(error: unknown): number {
  // commander has printed its message or the help already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  const verbose = program.opts<{ verbose: boolean }>().verbose;
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.render({ color: takesColor(process.stderr) })}\n`);
    return exitCodes.usage;
  }
  if (error instanceof IpvetError) {
    say(`ipvet: ${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`);
    if (verbose && error.cause instanceof Error) say(error.cause.stack ?? error.cause.message);
    return exitCodeOf[error.code] ?? exitCodes.internal;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(`ipvet: internal error\n${text}`);
  return exitCodes.internal;
}

/** Exit code 70 says that there is one. */
async function leaveBundle(error: unknown): Promise<void> {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    const { writeCrashBundle } = await import('./bundle-file.ts');
    const file = writeCrashBundle(text, resolve(program.opts<{ out: string }>().out));
    say(`please report it with this bundle: ${file}`);
  } catch (cause) {
    say(`please report it with this text; no bundle could be written: ${String(cause)}`);
  }
}
