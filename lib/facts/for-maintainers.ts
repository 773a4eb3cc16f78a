/** What maintainers ask reporters for and no check needs: asked of the directors when a bundle is made, not in every run. */
import { asIpvetError, type IpvetError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';

/** What a director answered, or why it did not. */
export interface Asked {
  readonly host: string;
  /** File of the bundle, without its suffix. */
  readonly name: string;
  readonly command: string;
  readonly text: string;
}

interface Question {
  readonly name: string;
  readonly argv: readonly string[];
  /** `try`: as root where that is allowed, else without. */
  readonly asRoot: boolean | 'try';
}

const limitMs = 10_000;
const mostBytes = 256 * 1024;

/** The names are those that REPORT.md looks for. */
export const questions: readonly Question[] = [
  { name: 'keepalived-version', argv: inSbin('keepalived', '--version'), asRoot: false },
  { name: 'ipvsadm-version', argv: inSbin('ipvsadm', '--version'), asRoot: false },
  { name: 'rates', argv: ['ipvsadm', '-Ln', '--rate'], asRoot: true },
  { name: 'policy-rules', argv: inSbin('ip', 'rule'), asRoot: false },
  { name: 'policy-routes', argv: inSbin('ip', 'route', 'show', 'table', 'all'), asRoot: false },
  {
    name: 'keepalived-journal',
    argv: ['journalctl', '-u', 'keepalived', '-b', '-n', '400', '--no-pager', '-o', 'short-iso'],
    asRoot: 'try',
  },
];

/** Where a login without root often has no path to it. */
function inSbin(...argv: readonly string[]): readonly string[] {
  return ['sh', '-c', 'PATH="$PATH:/usr/sbin:/sbin"; exec "$@"', 'ipvet-ask', ...argv];
}

/** One after the other: these are hosts that something may be wrong with. Throws ABORTED; everything else is an answer. */
export async function ask(host: Host, signal: AbortSignal): Promise<readonly Asked[]> {
  const answers: Asked[] = [];
  for (const { name, argv, asRoot } of questions) {
    const command = (argv[0] === 'sh' ? argv.slice(4) : argv).join(' ');
    answers.push({ host: host.declaration.name, name, command, text: await answerOf(host, argv, asRoot, signal) });
  }
  return answers;
}

async function answerOf(
  host: Host,
  argv: readonly string[],
  asRoot: Question['asRoot'],
  signal: AbortSignal,
): Promise<string> {
  try {
    const { stdout, stderr, exitCode, truncated } = await host.exec(argv, {
      asRoot: asRoot !== false,
      exitCodes: 'any',
      timeoutMs: limitMs,
      maxBytes: mostBytes,
      signal,
    });
    const ended = exitCode === 0 ? '' : `(exit code ${exitCode ?? 'none, ended by a signal'})\n`;
    return `${stdout}${stderr}${truncated ? '(cut)\n' : ''}${ended}`;
  } catch (error) {
    const failure: IpvetError = asIpvetError(error, 'INTERNAL', `${host.declaration.name} was asked in vain`);
    if (failure.code === 'ABORTED' || signal.aborted) throw failure;
    if (failure.code === 'PERMISSION' && asRoot === 'try') return answerOf(host, argv, false, signal);
    return `(not had: ${failure.message})\n`;
  }
}
