/** Running as root, and telling sudo's refusal from the failure of the program it was to run. */
import { IpvetError } from '../errors.ts';
import { isRootCommand, type RootCommand } from '../privileges/index.ts';
import type { ExecResult } from './host.ts';

export type Privilege =
  /** Logged in as root. */
  | 'root'
  | 'sudo'
  /** Not root, and the cluster file says `become: none`. */
  | 'none';

/** LC_ALL=C: sudo speaks the language of its caller, and its words are all it tells of a refusal. */
const sudo = ['env', 'LC_ALL=C', 'sudo', '-n', '--'] as const;

/**
 * `own`: what may be run on this host alone. Throws INTERNAL for words that lib/privileges does not know, whoever logs in:
 * what is forgotten there would work in a test as root and be refused to an operator.
 */
export function asRootArgv(
  argv: readonly string[],
  privilege: Privilege,
  host: string,
  user: string,
  own: readonly RootCommand[] = [],
): readonly string[] {
  if (!isRootCommand(argv, user, own))
    throw new IpvetError('INTERNAL', `${host}: not among what ipvet may run as root: ${argv.join(' ')}`, { host });
  if (privilege === 'root') return argv;
  if (privilege === 'sudo') return [...sudo, ...argv];
  throw new IpvetError(
    'PERMISSION',
    `${host}: this needs root, ${user} is not root, and the cluster file says become: none.`,
    {
      host,
      hint: `Set ssh.become to sudo in the cluster file, or let ipvet log in to ${host} as root.`,
    },
  );
}

/** Words of sudo 1.8 to 1.9 (plugins/sudoers, src) and of sudo-rs, in the C locale. */
const refusals = [
  /a password is required/,
  /a terminal is required/,
  /no tty present/,
  /must have a tty/,
  /interactive authentication is required/i,
  /authentication failed/i,
  /is not allowed to (?:execute|run)/,
  /may not run sudo/,
  /not in the sudoers file/,
  /not allowed to (?:use|run) sudo/,
  /you are not permitted/,
  /I'm afraid I can't do that/,
  /no valid sudoers sources/,
  /must be owned by uid 0/,
  /must be setuid root/,
  /effective uid is not 0/,
  /"?no new privileges"? flag/,
  /unable to initialize policy plugin/,
  /account (?:validation failure|has expired|or password is expired)/,
  /PAM (?:account management|authentication) error/,
];

const missingSudo = /(?:sudo['’"]?: (?:command )?not found|sudo['’"]?: No such file or directory)/;
const missingProgram = /^sudo: .*: command not found$/m;

/** The line in which sudo refuses `user`, in the C locale; undefined where none does. */
export function sudoRefusal(stderr: string, user: string): string | undefined {
  return stderr
    .split('\n')
    .find((line) => {
      const fromSudo = /^(?:sudo(?:-rs)?: |Sorry, user )/.test(line) || line.startsWith(`${user} is not `);
      return fromSudo && refusals.some((refusal) => refusal.test(line));
    })
    ?.trim();
}

/**
 * What a program run through sudo gave, once sudo itself is seen to have let it run. sudo says 1 where it did not find
 * the program; the shell's 127 takes its place. Throws PERMISSION.
 */
export function afterSudo(result: ExecResult, host: string, user: string): ExecResult {
  const words = result.stderr.trim();
  if (result.exitCode === 127 && missingSudo.test(words))
    throw new IpvetError('PERMISSION', `${host}: there is no sudo, and ${user} is not root.`, {
      host,
      cause: result,
      hint: `Install sudo on ${host}, or let ipvet log in as root.`,
    });
  if (result.exitCode !== 1 || result.stdout !== '') return result;
  if (missingProgram.test(words)) return { ...result, exitCode: 127 };
  const said = sudoRefusal(words, user);
  if (said === undefined) return result;
  const tty = said.includes('must have a tty');
  throw new IpvetError(
    'PERMISSION',
    `${host}: sudo does not let ${user} run ${result.argv.join(' ')} as root: ${said}`,
    {
      host,
      cause: result,
      hint: tty
        ? `Add to sudoers on ${host} (visudo): Defaults:${user} !requiretty`
        : `Install the rules on ${host} that this prints: ipvet doctor sudoers --host ${host}`,
    },
  );
}
