/** Reads and changes the IPVS rules of a director, with ipvsadm, as root. */
import type { Guard } from '../changes/guard.ts';
import { IpvetError } from '../errors.ts';
import type { IpvsRules } from '../model/facts.ts';
import { parseIpvsRules, withThresholds } from '../parse/ipvs-rules.ts';
import { ipvsadmRestore, ipvsadmSave, ipvsadmThresholds } from '../privileges/index.ts';
import type { ExecResult, Host } from '../ssh/host.ts';
import type { RulesBatch } from './batch.ts';
import { rulesLines } from './words.ts';

export interface RulesSnapshot {
  readonly rules: IpvsRules;
  /** The rules as `ipvsadm -R` reads them, thresholds included, ending with a newline; empty when there are none. */
  readonly text: string;
  /** The lines of `ipvsadm -Sn` as they were printed; without thresholds. */
  readonly saved: readonly string[];
}

const { argv: listArgv } = ipvsadmSave;
const { argv: thresholdsArgv } = ipvsadmThresholds;

/** Throws IpvetError: EXEC_FAILED when ipvsadm or IPVS is not there, PERMISSION, SSH_*, ABORTED. */
export async function readRules(host: Host, signal: AbortSignal): Promise<RulesSnapshot> {
  const listing = await ipvsadm(host, listArgv, signal);
  const saved = parseIpvsRules(listing);
  const occupied = saved.services.some(({ destinations }) => destinations.length > 0);
  const rules = occupied ? withThresholds(saved, await ipvsadm(host, thresholdsArgv, signal)) : saved;
  return {
    rules,
    text: rulesLines(rules)
      .map((line) => `${line}\n`)
      .join(''),
    // Some end with a space: `-b ` of a service with flags ipvsadm has no names for.
    saved: listing.split('\n').filter((line) => line !== ''),
  };
}

/**
 * Makes all changes of the batch in one call, once the batch is on the host as a whole; `step` is the number of its undo
 * step. Throws IpvetError: EXEC_FAILED or PERMISSION when ipvsadm refused one of
 * them (others may have been made: run the undo), UNGUARDED, SSH_*, ABORTED. What ipvsadm says decides as well as its exit code,
 * which is that of the last line alone.
 */
export async function applyBatch(
  guard: Pick<Guard, 'host' | 'make'>,
  step: number,
  batch: Pick<RulesBatch, 'input'>,
  signal: AbortSignal,
): Promise<void> {
  if (batch.input === '') return;
  const { host } = guard;
  const result = await guard.make(step, ipvsadmRestore, batch.input, signal);
  const said = complaints(result.stderr);
  if (result.exitCode !== 0 || said !== '') {
    const hint = `run its lines by hand on ${host.declaration.name}, one by one, to see which is refused:\n${batch.input}`;
    throw failure(host, ipvsadmRestore.argv, { exitCode: result.exitCode, stderr: said }, hint);
  }
}

/** Without what sudo and the login shell say of the host's own set-up (its name, its locale). */
function complaints(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^sudo: unable to resolve host|setlocale/.test(line))
    .join('\n');
}

async function ipvsadm(host: Host, argv: readonly string[], signal: AbortSignal): Promise<string> {
  const result = await host.exec(argv, { asRoot: true, signal, exitCodes: 'any' }).catch(async (error: unknown) => {
    // sudo's rules are about files that are there: of one that is not it says that it may not be run.
    if (error instanceof IpvetError && error.code === 'PERMISSION' && (await isAbsent(host, argv, signal)))
      throw failure(host, argv, { exitCode: 127, stderr: '' });
    throw error;
  });
  const { exitCode, stdout, truncated } = result;
  const { name } = host.declaration;
  if (truncated)
    throw new IpvetError('EXEC_FAILED', `${name}: the output of ${argv.join(' ')} is longer than can be read`, {
      host: name,
    });
  if (exitCode === 0) return stdout;
  throw failure(host, argv, result);
}

async function isAbsent(host: Host, [program = '']: readonly string[], signal: AbortSignal): Promise<boolean> {
  const look = 'PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; command -v "$1"';
  const { exitCode } = await host.exec(['sh', '-c', look, 'ipvet-look', program], { signal, exitCodes: 'any' });
  return exitCode !== 0;
}

function failure(
  host: Host,
  argv: readonly string[],
  { exitCode, stderr }: Pick<ExecResult, 'exitCode' | 'stderr'>,
  hint = `run it by hand on ${host.declaration.name}: ${argv.join(' ')}`,
): IpvetError {
  const { name } = host.declaration;
  const said = stderr.trim().split('\n')[0] ?? '';
  const known = causes.find(({ test }) => test(exitCode, stderr));
  return new IpvetError(
    known?.code ?? 'EXEC_FAILED',
    `${name}: ${known?.message ?? `${argv.join(' ')} failed (exit code ${exitCode ?? 'none'})`}${said === '' ? '' : `: ${said}`}`,
    {
      host: name,
      hint: known?.hint ?? hint,
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
