/**
 * What a lab has made on this machine, in `$XDG_STATE_HOME/ipvet/labs/NAME/state.json` (~/.local/state by default).
 * A thing is written here before it is made, so that `lab down` finds everything after a crash at any moment.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

import { IpvetError } from '../lib/errors.ts';
import type { HostKind, LabHostSpec, ProcessId } from './hosts/host.ts';
import type { ClientPlace } from './topologies/topology.ts';

export interface HostState {
  readonly name: string;
  readonly role: LabHostSpec['role'];
  readonly kind: HostKind;
  /** Why it is of that kind. */
  readonly because: string;
  /** Address the lab itself reaches it at, from the infrastructure host. */
  readonly address: string;
  /** Set once it was started. */
  readonly process?: ProcessId;
  readonly consoleFile?: string;
  /** `off` once it lost its power; it may still be ending. */
  readonly power?: 'on' | 'off';
  /** Networks (bridges) it is cut from. */
  readonly cut?: readonly string[];
}

/** A fault that is in force, with what its revert needs. */
interface FaultState {
  readonly id: string;
  readonly host: string;
  /** What the host printed before it was changed. */
  readonly found: string;
}

export interface LabState {
  readonly format: 'ipvet-lab/1';
  readonly name: string;
  readonly topology: string;
  /** Where its client was asked to stand. */
  readonly client?: ClientPlace;
  /** What its directors were asked to have. */
  readonly directorMemoryMb?: number;
  readonly phase: 'starting' | 'up' | 'stopping';
  /** The process that is bringing it up. */
  readonly owner: ProcessId;
  /** /proc/sys/kernel/random/boot_id: after a reboot no process or namespace recorded here is ours any more. */
  readonly bootId: string;
  /** Named network namespaces. The first is the switch, which holds nothing but this lab. */
  readonly namespaces: readonly string[];
  readonly hosts: readonly HostState[];
  readonly faults: readonly FaultState[];
}

export const DEFAULT_LAB = 'default';

/** Throws USAGE unless the name can be part of file, namespace and host names. */
export function checkLabName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,29}$/.test(name)) return;
  throw new IpvetError('USAGE', `"${name}" cannot be the name of a lab`, {
    hint: 'use up to 30 lower-case letters, digits and dashes, beginning with a letter or digit',
  });
}

function labsDirectory(): string {
  // The XDG specification: a relative path in the variable is to be ignored.
  const xdg = process.env['XDG_STATE_HOME'];
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.local', 'state');
  return path.join(base, 'ipvet', 'labs');
}

export function labDirectory(name: string): string {
  checkLabName(name);
  return path.join(labsDirectory(), name);
}

/** Names of all labs that have state, sorted. */
export function labNames(): string[] {
  const directory = labsDirectory();
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .sort();
}

export const clusterFileOf = (name: string): string => path.join(labDirectory(name), 'cluster.yaml');
export const sshConfigOf = (name: string): string => path.join(labDirectory(name), 'ssh_config');
export const hostDirectory = (name: string, host: string): string => path.join(labDirectory(name), 'hosts', host);

/** Namespace of one host of a lab; a host's name has no dash, so that no two labs can mean the same. */
export const namespaceOf = (lab: string, host: string): string => `ipvet-${lab}-${host}`;
export const switchOf = (lab: string): string => namespaceOf(lab, 'switch');

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

/**
 * Makes the lab's directory with its first state in it, in one step. False when there is one already: this is the lock
 * between two `up` at once. Throws STORAGE when it cannot be made.
 */
export function claim(state: LabState): boolean {
  const directory = labDirectory(state.name);
  const draft = path.join(path.dirname(directory), `.${state.name}.${process.pid}`);
  try {
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(draft, 'state.json'), text(state), { mode: 0o600 });
    // rename(2) refuses a directory that is not empty.
    renameSync(draft, directory);
    return true;
  } catch (error) {
    if (existsSync(draft)) rmSync(draft, { recursive: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw notWritten(state, error);
  }
}

const text = (state: LabState): string => `${JSON.stringify(state, null, 2)}\n`;

const notWritten = (state: LabState, cause: unknown): IpvetError =>
  new IpvetError('STORAGE', `the state of lab "${state.name}" cannot be written to ${labDirectory(state.name)}`, {
    hint: 'XDG_STATE_HOME chooses another place',
    cause,
  });

/** Undefined when the lab has no state. Throws LAB when the file is not one of ours. */
export function loadState(name: string): LabState | undefined {
  const file = path.join(labDirectory(name), 'state.json');
  let written: string;
  try {
    written = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new IpvetError('LAB', `the state of lab "${name}" cannot be read from ${file}`, { cause: error });
  }
  let state: LabState | undefined;
  try {
    state = JSON.parse(written) as LabState;
  } catch {
    state = undefined;
  }
  if (state?.format !== 'ipvet-lab/1') {
    throw new IpvetError('LAB', `${file} is not the state of a lab this version knows`, {
      hint: 'take the lab down with the version of ipvet that made it',
    });
  }
  return state;
}

/** Atomic: a reader, also one after kill -9, sees the old state or the new one. Throws STORAGE. */
export function saveState(state: LabState): void {
  const file = path.join(labDirectory(state.name), 'state.json');
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, text(state), { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    throw notWritten(state, error);
  }
}

/** The state with changes, saved. */
export function changeState(state: LabState, changes: Partial<Omit<LabState, 'format' | 'name'>>): LabState {
  const next = { ...state, ...changes };
  saveState(next);
  return next;
}

export function withHost(state: LabState, name: string, changes: Partial<HostState>): readonly HostState[] {
  return state.hosts.map((host) => (host.name === name ? { ...host, ...changes } : host));
}
