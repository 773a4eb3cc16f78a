/** Entry point: the commands, and the one place where an error becomes words and an exit code. */
import { Command, CommanderError } from 'commander';

import { ConfigError } from '../lib/config/problem.ts';
import { type ErrorCode, IpvetError } from '../lib/errors.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { version } from '../lib/version.ts';
import { acceptCommand } from './accept.ts';
import { checkCommand } from './check.ts';
import { checksCommand } from './checks.ts';
import { configCommand } from './config.ts';
import { demoCommand } from './demo.ts';
import { hostsCommand } from './hosts.ts';
import { labCommand } from './lab.ts';
import { addGlobalOptions } from './options.ts';
import { reportCommand } from './report.ts';
import { rulesCommand } from './rules.ts';
import { trafficCommands } from './traffic.ts';

const exitCodeOf: Readonly<Partial<Record<ErrorCode, number>>> = {
  CONFIG: exitCodes.usage,
  USAGE: exitCodes.usage,
  STORAGE: exitCodes.usage,
  SSH_CONFIG: exitCodes.usage,
  REFUSED: exitCodes.refused,
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
  .exitOverride();

for (const command of [
  demoCommand(),
  configCommand(),
  hostsCommand(),
  checkCommand(),
  checksCommand(),
  rulesCommand(),
  ...trafficCommands(),
  acceptCommand(),
  reportCommand(),
  labCommand(),
]) {
  program.addCommand(inheriting(command));
}

// A reader that closes the pipe (`ipvet checks list | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
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
    process.stderr.write(`${error.render({ color: process.stderr.isTTY && process.env['NO_COLOR'] === undefined })}\n`);
    return exitCodes.usage;
  }
  if (error instanceof IpvetError) {
    process.stderr.write(`ipvet: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`);
    if (verbose && error.cause instanceof Error) process.stderr.write(`${error.cause.stack ?? error.cause.message}\n`);
    return exitCodeOf[error.code] ?? exitCodes.internal;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`ipvet: internal error; please report it with this text\n${text}\n`);
  return exitCodes.internal;
}
