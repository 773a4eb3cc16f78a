/** Ways into a lab for people: a shell on one of its hosts, a program of this machine in the client's network. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { IpvetError } from '../lib/errors.ts';
import { consoleConfigOf } from './access.ts';
import { namespaceOf } from './state.ts';
import { labThatIsUp } from './status.ts';

/**
 * OpenSSH to a host, straight from the infrastructure host, so that it also gets there when the director does not let
 * anybody through. Without a command a login shell. Answers with the exit code. Throws USAGE, LAB.
 */
export async function sshInto(lab: string, target: string, command: readonly string[]): Promise<number> {
  const { hosts } = labThatIsUp(lab);
  const name = target.slice(target.indexOf('@') + 1);
  if (!hosts.some((host) => host.name === name)) {
    throw new IpvetError('USAGE', `${name} is no host of lab "${lab}"`, {
      hint: `hosts: ${hosts.map((host) => host.name).join(', ')}`,
    });
  }
  return foreground(['ssh', '-F', consoleConfigOf(lab), target, ...command]);
}

/** A program of this machine, or a shell, in the client's network. Answers with its exit code. Throws LAB. */
export async function execInClient(lab: string, command: readonly string[]): Promise<number> {
  const client = labThatIsUp(lab).hosts.find(({ role }) => role === 'client');
  if (client === undefined) throw new IpvetError('LAB', `lab "${lab}" has no client`);
  const argv = command.length > 0 ? command : [process.env['SHELL'] ?? '/bin/sh'];
  return foreground(['ip', 'netns', 'exec', namespaceOf(lab, client.name), ...argv]);
}

/** Runs argv on this terminal; its exit code, or 128 and the number of the signal that ended it. */
export async function foreground(argv: readonly string[]): Promise<number> {
  const [program = '', ...args] = argv;
  // The terminal sends Ctrl-C to both; it is the program's to answer.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(program, args, { stdio: 'inherit' });
      child.once('error', (error) => {
        reject(new IpvetError('LAB', `${program} cannot be run: ${error.message}`, { cause: error }));
      });
      child.once('close', (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}
