/** The lab needs root for namespaces. */
import { IpvetError } from '../lib/errors.ts';
import { attempt } from './commands.ts';
import { checkPlatform } from './requirements.ts';
import { foreground } from './shell.ts';

/**
 * Undefined when this process is root. Otherwise the same command line is run again through `sudo -E`, and its exit
 * code is the answer: the caller ends with it. Throws LAB without sudo, and anywhere but on Linux.
 */
export async function againAsRoot(say: (text: string) => void): Promise<number | undefined> {
  checkPlatform();
  if (process.getuid?.() === 0) return undefined;
  if ((await attempt(['which', 'sudo'])).exitCode !== 0) {
    throw new IpvetError('LAB', 'a lab needs root, and there is no sudo to become root with', {
      hint: 'run this command as root',
    });
  }
  say('a lab needs root: running this command again through sudo -E');
  return foreground(['sudo', '-E', process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
}
