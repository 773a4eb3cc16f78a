/** What happens to a host from outside: its power goes and comes back, its network is cut and mended. */
import { IpvetError } from '../lib/errors.ts';
import { type Awaiting, awaitBoot, startHost } from './boot.ts';
import type { LabHostSpec, StartedHost } from './hosts/host.ts';
import { consoleTail } from './hosts/uml.ts';
import { plugHost, plugPorts, portsOf, unplugHost, unplugPorts, wordsToPorts } from './network.ts';
import { isAlive } from './processes.ts';
import { HostDown } from './readiness.ts';
import { ensureRoot } from './root/root.ts';
import { changeState, type HostState, type LabState, withHost } from './state.ts';
import { labThatIsUp } from './status.ts';
import { stopHost } from './teardown.ts';
import { topologyNamed, withDirectorMemory } from './topologies/index.ts';
import type { Topology } from './topologies/topology.ts';

interface Target {
  readonly topology: Topology;
  readonly spec: LabHostSpec;
  readonly host: HostState;
}

/**
 * The host loses its power: everything it runs ends at once, nothing is told to anybody. False when it was off already.
 * Throws USAGE (no such host), LAB.
 */
export async function powerOff(lab: string, name: string): Promise<boolean> {
  const { spec, host } = targetOf(lab, name);
  const running = host.process !== undefined && isAlive(host.process);
  const was = host.power !== 'off' || running;
  if (was) change(lab, name, { power: 'off' });
  await stopHost(host);
  await unplugHost(lab, spec);
  return was;
}

/**
 * The host boots again with the same keys, addresses and disk; returns when it answers. False when it was on already.
 * Its network stays as cut as it is, and then nobody waits. Throws USAGE, LAB, ABORTED.
 */
export async function powerOn(lab: string, name: string, waiting: Awaiting): Promise<boolean> {
  const { topology, spec, host } = targetOf(lab, name);
  if (host.power !== 'off') return false;
  const { path: root } = await ensureRoot({ onProgress: waiting.onProgress });
  await plugHost(lab, spec);
  const cut = host.cut ?? [];
  if (cut.length > 0) await unplugPorts(lab, portsOn(spec, cut));
  const record = (_name: string, { process, consoleFile }: StartedHost): void => {
    change(lab, name, { power: 'on', process, consoleFile });
  };
  await startHost(spec, { lab, root, record });
  if (cut.length > 0) return true;
  try {
    await awaitBoot(lab, topology, [name], waiting);
  } catch (error) {
    const file = targetOf(lab, name).host.consoleFile;
    if (!(error instanceof HostDown) || file === undefined) throw error;
    const hint = `last lines of the console of ${name}:\n${await consoleTail(file, 15)}`;
    throw new IpvetError('LAB', error.message, { host: name, hint, cause: error });
  }
  return true;
}

/**
 * Pulls the host's cables, on every network or on those named. Nothing it sends arrives, nothing reaches it, and it
 * keeps running. Answers with the networks it was cut from, none when it had been before.
 * Throws USAGE, LAB.
 */
export async function cut(lab: string, name: string, networks: readonly string[] = []): Promise<readonly string[]> {
  const { spec, host } = targetOf(lab, name);
  const before = host.cut ?? [];
  const added = wanted(spec, networks).filter((network) => !before.includes(network));
  if (added.length === 0) return [];
  change(lab, name, { cut: [...before, ...added] });
  // The ports of a host of this kernel go with its power.
  if (host.power !== 'off') await unplugPorts(lab, portsOn(spec, added));
  return added;
}

/** Takes `cut` back. Answers with the networks the host is connected to again. Throws USAGE, LAB. */
export async function mend(lab: string, name: string, networks: readonly string[] = []): Promise<readonly string[]> {
  const { spec, host } = targetOf(lab, name);
  const before = host.cut ?? [];
  const mended = wanted(spec, networks).filter((network) => before.includes(network));
  if (mended.length === 0) return [];
  if (host.power !== 'off' || spec.kind === 'uml') await plugPorts(lab, portsOn(spec, mended));
  change(lab, name, { cut: before.filter((network) => !mended.includes(network)) });
  return mended;
}

/** What the switch does with the host's ports, by words of ip-link(8); a cable that is pulled and put back is as at first. Throws USAGE, LAB. */
export async function setPorts(lab: string, name: string, words: string): Promise<void> {
  await wordsToPorts(lab, portsOf(targetOf(lab, name).spec), words);
}

/** The state is read anew: another command may have written to it while this one waited. */
function change(lab: string, name: string, changes: Partial<HostState>): void {
  const state = labThatIsUp(lab);
  changeState(state, { hosts: withHost(state, name, changes) });
}

function targetOf(lab: string, name: string): Target {
  const state = labThatIsUp(lab);
  const topology = topologyOf(state);
  const host = state.hosts.find((each) => each.name === name);
  const spec = topology.hosts.find((each) => each.name === name);
  if (host !== undefined && spec !== undefined) return { topology, spec, host };
  throw new IpvetError('USAGE', `${name} is no host of lab "${lab}"`, {
    hint: `hosts: ${state.hosts.map((each) => each.name).join(', ')}`,
  });
}

/** The topology a lab was made from. */
function topologyOf({ topology, client, directorMemoryMb, hosts }: LabState): Topology {
  const kindOf = (role: LabHostSpec['role']) => hosts.find((host) => host.role === role)?.kind ?? 'uml';
  const planned = topologyNamed(topology)({
    realServers: hosts.filter(({ role }) => role === 'real-server').length,
    client,
    kinds: {
      client: kindOf('client'),
      infrastructure: kindOf('infrastructure'),
      director: kindOf('director'),
      'real-server': kindOf('real-server'),
    },
  });
  return withDirectorMemory(planned, directorMemoryMb);
}

/** Those named, or all. Throws USAGE for a network the host is not on. */
function wanted({ name, interfaces }: LabHostSpec, networks: readonly string[]): readonly string[] {
  const all = interfaces.map(({ bridge }) => bridge);
  const foreign = networks.find((network) => !all.includes(network));
  if (foreign === undefined) return networks.length > 0 ? networks : all;
  throw new IpvetError('USAGE', `${name} is not on a network "${foreign}"`, { hint: `it is on ${all.join(', ')}` });
}

const portsOn = (spec: LabHostSpec, networks: readonly string[]) =>
  portsOf(spec).filter(({ bridge }) => networks.includes(bridge));
