/** Programs of this machine, run quietly; a failure is a LAB error that quotes what the program said. */
import type { ProcessOutput } from 'zx/core';

import { IpvetError } from '../lib/errors.ts';

/** Runs argv with `input` as its standard input. Throws LAB when it cannot be started or exits other than 0. */
export async function run(argv: readonly string[], input = ''): Promise<string> {
  const output = await attempt(argv, input);
  if (output.exitCode === 0) return output.stdout;
  const said = output.stderr.trim() || output.stdout.trim() || `exit code ${output.exitCode ?? 'none'}`;
  throw new IpvetError('LAB', `\`${argv.slice(0, 4).join(' ')}\` failed: ${said}`);
}

/** As `run`, leaving the judgement of the exit code to the caller. */
export async function attempt(argv: readonly string[], input = ''): Promise<ProcessOutput> {
  // Only a command that does something with a lab pays for loading it.
  const { $ } = await import('zx/core');
  const quiet = $({ quiet: true, nothrow: true, stdio: ['ignore', 'pipe', 'pipe'] });
  return input === '' ? quiet`${argv}` : quiet({ input, stdio: ['pipe', 'pipe', 'pipe'] })`${argv}`;
}
