/** Processes of a lab: known by pid and start time, so that a pid used again by somebody else is never touched. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { IpvetError } from '../lib/errors.ts';
import type { ProcessId } from './hosts/host.ts';

/** State letter and start time (fields 3 and 22 of /proc/PID/stat, proc(5)); undefined when there is no such process. */
function stat(pid: number): { state: string; startTime: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold anything, also `)`.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return state === undefined || startTime === undefined ? undefined : { state, startTime };
}

/** The process with this pid as it is now. Throws LAB when it has ended already. */
export function processId(pid: number): ProcessId {
  const found = stat(pid);
  if (found === undefined) throw new IpvetError('LAB', `process ${pid} ended as soon as it was started`);
  return { pid, startTime: found.startTime };
}

/** Whether exactly this process is still running; a zombie is not. */
export function isAlive(process: ProcessId): boolean {
  const found = stat(process.pid);
  return found?.startTime === process.startTime && found.state !== 'Z' && found.state !== 'X';
}

/** Children of a process, empty when it has ended. */
export function childrenOf({ pid }: ProcessId): ProcessId[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  } catch {
    return [];
  }
  return text
    .split(' ')
    .filter((word) => word.trim() !== '')
    .flatMap((word) => {
      const found = stat(Number(word));
      return found === undefined ? [] : [{ pid: Number(word), startTime: found.startTime }];
    });
}

/** Sends a signal to exactly this process, when it is still there. */
export function signalProcess(target: ProcessId, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until every one has ended. Throws LAB naming the pids left when the time is over. */
export async function allEnded(processes: readonly ProcessId[], timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let left = processes.filter(isAlive);
  while (left.length > 0) {
    if (performance.now() > deadline) {
      const pids = left.map(({ pid }) => pid).join(', ');
      throw new IpvetError('LAB', `processes ${pids} did not end within ${timeoutMs / 1000} s of being killed`, {
        hint: 'look at them with `ps`, then run `ipvet lab down` again',
      });
    }
    await sleep(5);
    left = left.filter(isAlive);
  }
}
