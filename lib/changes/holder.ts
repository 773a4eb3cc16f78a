/** Who changes a cluster, as others read it in its lock. */
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Holder } from './channel.ts';

/** UTC time and four random characters: names the run's folder too. */
export function newRunId(now = new Date()): string {
  return `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(2).toString('hex')}`;
}

/** `purpose` is the command: `accept`, `rules apply`. */
export function thisHolder(runId: string, purpose: string): Holder {
  return { runId, owner: `${callerName()}@${hostname()}`, purpose, since: new Date().toISOString() };
}

function callerName(): string {
  const { env } = process;
  try {
    return env['SUDO_USER'] ?? userInfo().username;
  } catch {
    return env['USER'] ?? 'unknown'; // a container's user without a passwd entry
  }
}
