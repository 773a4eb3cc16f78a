/** Reads and changes the IPVS rules of a director, with ipvsadm, as root. */
import { IpvetError } from '../errors.ts';
import type { IpvsRules } from '../model/facts.ts';
import { parseIpvsRules, withThresholds } from '../parse/ipvs-rules.ts';
import type { Host } from '../ssh/host.ts';
import type { RuleOperation } from './plan.ts';
import { rulesLines } from './words.ts';

export interface RulesSnapshot {
  readonly rules: IpvsRules;
  /** The rules as `ipvsadm -R` reads them, thresholds included, ending with a newline; empty when there are none. */
  readonly text: string;
}

/** Throws IpvetError: EXEC_FAILED when ipvsadm or IPVS is not there, PERMISSION, SSH_*, ABORTED. */
export async function readRules(host: Host, signal: AbortSignal): Promise<RulesSnapshot> {
  const saved = parseIpvsRules(await ipvsadm(host, ['ipvsadm', '-Sn'], signal));
  const occupied = saved.services.some(({ destinations }) => destinations.length > 0);
  const rules = occupied
    ? withThresholds(saved, await ipvsadm(host, ['ipvsadm', '-Ln', '--thresholds'], signal))
    : saved;
  return {
    rules,
    text: rulesLines(rules)
      .map((line) => `${line}\n`)
      .join(''),
  };
}

/** ipvsadm makes the change or none; EXEC_FAILED says that it made none. */
export async function applyOperation(host: Host, operation: RuleOperation, signal: AbortSignal): Promise<void> {
  await ipvsadm(host, operation.argv, signal);
}

/** Also right when the operation was never made, as after a connection lost while it was asked for. */
export async function undoOperation(
  host: Host,
  operation: Pick<RuleOperation, 'undo'>,
  signal: AbortSignal,
): Promise<void> {
  const [, command = ''] = operation.undo;
  await ipvsadm(host, operation.undo, signal, alreadyUndone[command]);
}

/** What ipvsadm says when there is nothing to take back (ipvs_strerror in libipvs.c). */
const alreadyUndone: Readonly<Record<string, RegExp>> = {
  '-D': /^No such service/m,
  '-d': /^(No such destination|Service not defined)/m,
  '-a': /^Destination already exists/m,
};

async function ipvsadm(host: Host, argv: readonly string[], signal: AbortSignal, accepted?: RegExp): Promise<string> {
  const { exitCode, stdout, stderr, truncated } = await host.exec(argv, { asRoot: true, signal, exitCodes: 'any' });
  const { name } = host.declaration;
  if (truncated)
    throw new IpvetError('EXEC_FAILED', `${name}: the output of ${argv.join(' ')} is longer than can be read`, {
      host: name,
    });
  if (exitCode === 0 || accepted?.test(stderr) === true) return stdout;
  const said = stderr.trim().split('\n')[0] ?? '';
  const known = causes.find(({ test }) => test(exitCode, stderr));
  throw new IpvetError(
    known?.code ?? 'EXEC_FAILED',
    `${name}: ${known?.message ?? `${argv.join(' ')} failed (exit code ${exitCode ?? 'none'})`}${said === '' ? '' : `: ${said}`}`,
    {
      host: name,
      hint: known?.hint ?? `run it by hand on ${name}: ${argv.join(' ')}`,
    },
  );
}

interface Cause {
  readonly test: (exitCode: number | null, stderr: string) => boolean;
  readonly code: 'EXEC_FAILED' | 'PERMISSION';
  readonly message: string;
  readonly hint: string;
}

const causes: readonly Cause[] = [
  {
    // 127 from a shell; sudo says it with exit code 1.
    test: (exitCode, stderr) => exitCode === 127 || /ipvsadm: (command )?not found/.test(stderr),
    code: 'EXEC_FAILED',
    message: 'ipvsadm is not installed',
    hint: 'apt-get install ipvsadm (Debian, Ubuntu) or dnf install ipvsadm (RHEL, Rocky, Fedora)',
  },
  {
    test: (_exitCode, stderr) => /you must be root|Operation not permitted/i.test(stderr),
    code: 'PERMISSION',
    message: 'no permission to see or change IPVS rules',
    hint: 'log in as root, or give the login user sudo and set `ssh: { become: sudo }`',
  },
  {
    test: (_exitCode, stderr) => stderr.includes("Can't initialize ipvs"),
    code: 'EXEC_FAILED',
    message: 'the kernel has no IPVS (module ip_vs)',
    hint: 'modprobe ip_vs; when there is no such module, install the one of the running kernel (uname -r)',
  },
  {
    test: (_exitCode, stderr) => stderr.includes('Scheduler or persistence engine not found'),
    code: 'EXEC_FAILED',
    message: 'the kernel does not have this scheduler',
    hint: 'modprobe ip_vs_SCHEDULER (ip_vs_rr, ip_vs_wrr, …), or declare another scheduler',
  },
];
