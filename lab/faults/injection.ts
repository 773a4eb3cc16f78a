/** Applying a fault to a host of a lab, and taking it back. */
import { spawn } from 'node:child_process';

import { consoleConfigOf } from '../access.ts';
import { attempt } from '../commands.ts';
import { asIpvetError, IpvetError } from '../../lib/errors.ts';
import { cut, mend, setPorts } from '../power.ts';
import { changeState, type HostState, type LabState } from '../state.ts';
import { labThatIsUp } from '../status.ts';
import type { LabFault } from './fault.ts';
import { faultNamed } from './index.ts';

/** Longest wait for a host to run what a fault asks; a guest forks slowly, and a VIP that goes to and fro takes its time. */
const TIMEOUT_MS = 120_000;
const MARK = '::found::';

export interface Injected {
  readonly fault: LabFault;
  readonly host: string;
}

/**
 * Breaks the host. What was there is in the lab's state before anything changes.
 * Throws USAGE (unknown fault or host, wrong role), LAB (lab not up, already applied, the host did not do it).
 */
export async function applyFault(lab: string, id: string, on?: string): Promise<Injected> {
  const fault = faultNamed(id);
  const state = labThatIsUp(lab);
  const host = targetOf(fault, state, on);
  const present = state.faults.find((each) => each.id === id && each.host === host.name);
  if (present !== undefined) {
    throw new IpvetError('LAB', `fault ${id} is already applied to ${host.name}`, {
      hint: `take it back with \`ipvet lab fault revert ${id} --on ${host.name}\``,
      host: host.name,
    });
  }
  await findThenApply(lab, fault, state, host, async (found) => {
    changeState(state, { faults: [...state.faults, { id, host: host.name, found }] });
    await around(lab, fault, state, host, 'apply');
  });
  if (fault.pulled === true) await cut(lab, host.name);
  return { fault, host: host.name };
}

/** Brings back what was found. Throws as `applyFault`; LAB when the fault is not applied there. */
export async function revertFault(lab: string, id: string, on?: string): Promise<Injected> {
  const fault = faultNamed(id);
  const state = labThatIsUp(lab);
  const host = targetOf(fault, state, on ?? state.faults.find((each) => each.id === id)?.host);
  const present = state.faults.find((each) => each.id === id && each.host === host.name);
  if (present === undefined) {
    throw new IpvetError('LAB', `fault ${id} is not applied to ${host.name}`, {
      hint: '`ipvet lab status` lists the faults in force',
      host: host.name,
    });
  }
  if (fault.pulled === true) await mend(lab, host.name);
  await around(lab, fault, state, host, 'revert');
  const place = placeOf(fault, state, host);
  const script = `${about(host)}${fault.revert(present.found)}`;
  await runOn(lab, place, script, `${id} could not be taken back`);
  const now = labThatIsUp(lab);
  changeState(now, { faults: now.faults.filter((each) => each.id !== id || each.host !== host.name) });
  return { fault, host: host.name };
}

/** What is done elsewhere than on the host that the fault goes on. */
async function around(
  lab: string,
  { id, ports, beside }: LabFault,
  state: LabState,
  host: HostState,
  verb: 'apply' | 'revert',
): Promise<void> {
  if (ports !== undefined) await setPorts(lab, host.name, ports[verb]);
  const other = state.hosts.find(({ name }) => name === beside?.on);
  if (beside === undefined || other === undefined) return;
  const failed = `${id} could not be ${verb === 'apply' ? 'applied' : 'taken back'}`;
  await runOn(lab, other, `set -e\n${about(host)}${beside[verb]}`, failed);
}

/** Throws LAB with `failed` when the host does not do all of it. */
async function runOn(lab: string, host: HostState, script: string, failed: string): Promise<void> {
  const output = await attempt(['timeout', String(TIMEOUT_MS / 1000), ...sshTo(lab, host, script)]);
  if (output.exitCode !== 0) throw notDone(failed, host, output.stderr);
}

function targetOf(fault: LabFault, state: LabState, on: string | undefined): HostState {
  const name = on ?? fault.defaultHost;
  const topology = state.client === 'routed' ? `${state.topology}-routed` : state.topology;
  if (!fault.topologies.includes(topology)) {
    throw new IpvetError('USAGE', `fault ${fault.id} does not exist in topology ${topology}`, {
      hint: `it belongs to ${fault.topologies.join(', ')}`,
    });
  }
  const host = state.hosts.find((each) => each.name === name);
  const fitting = state.hosts.filter(({ role }) => role === fault.targets).map((each) => each.name);
  if (host?.role === fault.targets) return host;
  const why = host === undefined ? 'is no host of this lab' : `is a ${host.role}, not a ${fault.targets}`;
  throw new IpvetError('USAGE', `${name} ${why}`, { hint: `fault ${fault.id} goes on ${fitting.join(', ')}` });
}

/** Where the change is made. */
const placeOf = (fault: LabFault, state: LabState, host: HostState): HostState =>
  state.hosts.find(({ role }) => role === fault.madeOn) ?? host;

/** The host that a fault goes on, as its shell knows it. */
const about = ({ name, address }: HostState): string => `host=${name}\naddress=${address}\n`;

function sshTo(lab: string, host: HostState, script: string): string[] {
  return ['ssh', '-F', consoleConfigOf(lab), '-o', 'BatchMode=yes', '-l', 'root', host.name, script];
}

/** One connection: the host prints what is there and waits for a word, which it gets once `record` is done. */
async function findThenApply(
  lab: string,
  fault: LabFault,
  state: LabState,
  target: HostState,
  record: (found: string) => Promise<void>,
): Promise<void> {
  const host = placeOf(fault, state, target);
  const { find, apply } = fault;
  const script = `set -e\n${about(target)}${find}\necho ${MARK}\nread -r word\n[ "$word" = go ]\n${apply}\n`;
  const [program = '', ...args] = sshTo(lab, host, script);
  const ssh = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
  let stdout = '';
  let stderr = '';
  let recorded = false;
  ssh.stdin.on('error', () => undefined);
  ssh.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString();
  });
  await new Promise<void>((resolve, reject) => {
    ssh.once('error', reject);
    ssh.stdout.on('data', (piece: Buffer) => {
      stdout += piece.toString();
      const end = stdout.indexOf(`${MARK}\n`);
      if (recorded || end < 0) return;
      recorded = true;
      record(stdout.slice(0, end)).then(
        () => ssh.stdin.end('go\n'),
        (error: unknown) => {
          // Without the word the host changes nothing.
          ssh.stdin.end();
          reject(asIpvetError(error, 'LAB', `fault ${fault.id} on ${host.name}`));
        },
      );
    });
    ssh.once('close', (code) => {
      if (code === 0 && recorded) resolve();
      else reject(notDone(`${fault.id} could not be applied`, host, stderr));
    });
  });
}

function notDone(what: string, { name }: HostState, stderr: string): IpvetError {
  const said = stderr.trim();
  return new IpvetError('LAB', `fault ${what} on ${name}${said === '' ? '' : `: ${said}`}`, {
    hint: `\`ipvet lab ssh ${name}\` shows whether the host still answers`,
    host: name,
  });
}
