/** What is there of a lab, from its state and from the processes themselves. */
import { existsSync } from 'node:fs';

import { IpvetError } from '../lib/errors.ts';
import { isAlive } from './processes.ts';
import { checkPlatform } from './requirements.ts';
import {
  bootId,
  clusterFileOf,
  DEFAULT_LAB,
  type HostState,
  labDirectory,
  labNames,
  type LabState,
  loadState,
} from './state.ts';

export interface LabStatus {
  readonly name: string;
  /** `broken`: half-made by an `up` that was killed, or hosts have died. */
  readonly phase: 'down' | 'starting' | 'up' | 'stopping' | 'broken';
  readonly topology?: string;
  readonly clusterFile?: string;
  readonly hosts: readonly (Pick<HostState, 'name' | 'role' | 'kind' | 'because' | 'address'> & {
    readonly running: boolean;
    readonly pid?: number;
    /** `off`: it was switched off. */
    readonly power: 'on' | 'off';
    /** Networks it is cut from. */
    readonly cut: readonly string[];
  })[];
  readonly faults: readonly { readonly id: string; readonly host: string }[];
}

/** Throws USAGE for an impossible name, LAB when the state cannot be read. */
export function labStatus({ name = DEFAULT_LAB }: { readonly name?: string } = {}): LabStatus {
  checkPlatform();
  const state = loadState(name);
  if (state === undefined) {
    return { name, phase: existsSync(labDirectory(name)) ? 'broken' : 'down', hosts: [], faults: [] };
  }
  const sameBoot = state.bootId === bootId();
  const hosts = state.hosts.map(({ process, name: host, role, kind, because, address, power = 'on', cut = [] }) => ({
    name: host,
    role,
    kind,
    because,
    address,
    running: sameBoot && process !== undefined && isAlive(process),
    ...(process === undefined ? {} : { pid: process.pid }),
    power,
    cut,
  }));
  const working =
    state.phase === 'up' ? hosts.every(({ running, power }) => running || power === 'off') : isAlive(state.owner);
  const broken = state.phase !== 'stopping' && !working;
  return {
    name,
    phase: broken ? 'broken' : state.phase,
    topology: state.topology,
    ...(state.phase === 'up' ? { clusterFile: clusterFileOf(name) } : {}),
    hosts,
    faults: state.faults.map(({ id, host }) => ({ id, host })),
  };
}

/** The state of a lab that is up. Throws LAB when it is not. */
export function labThatIsUp(name: string): LabState {
  const state = loadState(name);
  if (state?.phase === 'up' && state.bootId === bootId()) return state;
  const flags = name === DEFAULT_LAB ? '' : ` --name ${name}`;
  const others = labNames().filter((other) => other !== name);
  const known = others.length === 0 ? '' : `; labs there are: ${others.join(', ')}`;
  throw new IpvetError('LAB', `lab "${name}" is not up`, { hint: `bring it up with \`ipvet lab up${flags}\`${known}` });
}

/** Whether every host that was started is running, those aside that were switched off. */
export const allAlive = (state: LabState): boolean =>
  state.bootId === bootId() &&
  state.hosts.every(({ process, power }) => power === 'off' || (process !== undefined && isAlive(process)));
