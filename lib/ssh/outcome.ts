import { IpvetError } from '../errors.ts';
import type { ExecOptions, ExecResult } from './host.ts';
import { lastLine, nameOf } from './program.ts';

/** The result, when its exit code is one of the answers; else EXEC_FAILED, with the whole result as its cause. */
export function checkExit(result: ExecResult, host: string, answers: ExecOptions['exitCodes'] = [0]): ExecResult {
  if (answers === 'any' || (result.exitCode !== null && answers.includes(result.exitCode))) return result;
  const how =
    result.exitCode === null
      ? `was ended by ${result.signal ?? 'a signal'}`
      : `ended with exit code ${result.exitCode}`;
  const said = lastLine(result.stderr);
  throw new IpvetError('EXEC_FAILED', `${host}: ${nameOf(result.argv)} ${how}${said === '' ? '.' : `: ${said}`}`, {
    host,
    cause: result,
    hint: `Run it on ${host} by hand to see why.`,
  });
}
