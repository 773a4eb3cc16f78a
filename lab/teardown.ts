/** Taking a lab down: exactly what its state says it made. */
import { existsSync, rmSync } from 'node:fs';

import { IpvetError } from '../lib/errors.ts';
import type { ProcessId } from './hosts/host.ts';
import { stopNetns } from './hosts/netns.ts';
import { stopUml } from './hosts/uml.ts';
import { processesIn, removeNamespaces } from './network.ts';
import { allEnded, isAlive, processId, signalProcess } from './processes.ts';
import { checkPlatform } from './requirements.ts';
import { bootId, changeState, DEFAULT_LAB, type HostState, labDirectory, loadState, switchOf } from './state.ts';

export interface DownOptions {
  readonly name?: string;
  readonly onProgress?: (text: string) => void;
}

export interface DownResult {
  readonly name: string;
  /** False when there was nothing to do. */
  readonly existed: boolean;
}

/**
 * Ends every process and namespace this lab made and forgets it. Works on a lab that is up, half-made or died; a
 * second call finds nothing to do. Throws LAB when something does not end; REFUSED while another process makes it.
 */
export async function downLab({ name = DEFAULT_LAB, onProgress }: DownOptions = {}): Promise<DownResult> {
  checkPlatform();
  const directory = labDirectory(name);
  let state = loadState(name);
  if (state === undefined) {
    // A crash between making the directory and writing the state leaves an empty one.
    const existed = existsSync(directory);
    rmSync(directory, { recursive: true, force: true });
    return { name, existed };
  }
  if (state.phase === 'starting' && state.owner.pid !== process.pid && isAlive(state.owner)) throw beingMade(name);
  if (process.getuid?.() !== 0) throw new IpvetError('LAB', 'a lab needs root', { hint: 'run it through sudo -E' });
  onProgress?.(`taking lab "${name}" down`);
  state = changeState(state, { phase: 'stopping' });
  // After a reboot the pids recorded belong to others.
  if (state.bootId === bootId()) {
    await settled(state.hosts.map((host) => stopHost(host)));
    await endStrays(switchOf(name));
  }
  await removeNamespaces(state.namespaces);
  rmSync(directory, { recursive: true, force: true });
  return { name, existed: true };
}

/** Ends everything the host runs. Nothing happens when it does not run. */
export async function stopHost({ kind, process }: HostState): Promise<void> {
  if (process === undefined || !isAlive(process)) return;
  await (kind === 'uml' ? stopUml(process) : stopNetns(process));
}

/**
 * Nobody else is given the name of the switch, so whatever runs in it is a host of this lab that was started and not
 * recorded before ipvet was killed.
 */
async function endStrays(namespace: string): Promise<void> {
  const strays: ProcessId[] = [];
  for (const pid of await processesIn(namespace)) {
    try {
      strays.push(processId(pid));
    } catch {
      // It has ended by itself.
    }
  }
  for (const stray of strays) signalProcess(stray, 'SIGKILL');
  await allEnded(strays, 5000);
}

export const beingMade = (name: string): IpvetError =>
  new IpvetError('REFUSED', `lab "${name}" is being brought up by another process`, {
    hint: 'wait for it, or interrupt it there; it cleans up after itself',
  });

/** All of them, and only then the first error: nothing goes on in the background while a lab is being taken down. */
export async function settled<T extends readonly unknown[]>(work: {
  [K in keyof T]: Promise<T[K]>;
}): Promise<T> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
