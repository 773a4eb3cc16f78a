/** A lab from nothing to a cluster file, and back to nothing. */
import { existsSync, writeFileSync } from 'node:fs';

import { asIpvetError, IpvetError } from '../lib/errors.ts';
import { makeAccess } from './access.ts';
import { awaitBoot, startHost } from './boot.ts';
import { clusterFileText } from './cluster-file.ts';
import type { StartedHost } from './hosts/host.ts';
import { consoleTail } from './hosts/uml.ts';
import * as network from './network.ts';
import { isAlive, processId } from './processes.ts';
import { mend, powerOn } from './power.ts';
import { HostDown } from './readiness.ts';
import {
  checkModules,
  checkPlatform,
  checkRequirements,
  chooseKinds,
  type HostsRequest,
  kernelHasIpvs,
} from './requirements.ts';
import { ensureRoot } from './root/root.ts';
import {
  bootId,
  changeState,
  claim,
  clusterFileOf,
  DEFAULT_LAB,
  type HostState,
  labDirectory,
  type LabState,
  loadState,
  namespaceOf,
  withHost,
} from './state.ts';
import { allAlive } from './status.ts';
import { beingMade, downLab, settled } from './teardown.ts';
import { topologyNamed, withDirectorMemory } from './topologies/index.ts';
import type { ClientPlace, Topology } from './topologies/topology.ts';

export { downLab } from './teardown.ts';

export interface UpOptions {
  readonly name?: string;
  /** Default: nat, or that of the lab that is up. */
  readonly topology?: string | undefined;
  /** Only where the topology leaves the choice. */
  readonly client?: ClientPlace | undefined;
  /** Of each director; as the topology has it otherwise. */
  readonly directorMemoryMb?: number | undefined;
  readonly realServers?: number;
  readonly hosts?: HostsRequest;
  /** One line for people at a time. */
  readonly onProgress?: (text: string) => void;
  /** Takes down what was made so far; the error is ABORTED. */
  readonly signal?: AbortSignal;
}

/** Wall time of each stage; keys, network and root are made at the same time. */
export interface UpTimings {
  readonly rootMs: number;
  readonly accessMs: number;
  readonly networkMs: number;
  /** From the first host started until the last one answered. */
  readonly bootMs: number;
  readonly totalMs: number;
}

export interface UpResult {
  readonly name: string;
  readonly clusterFile: string;
  readonly hosts: readonly HostState[];
  /** It was up before: hosts that were off or cut off were connected again, nothing else was done. */
  readonly alreadyUp: boolean;
  readonly timings: UpTimings;
}

/**
 * Brings a lab up and returns when every host answers; a lab that is up stays as it is, one that was left half-made
 * is taken down first. Whatever goes wrong, nothing is left behind.
 * Throws USAGE, LAB, STORAGE, ABORTED; REFUSED while another process brings the same lab up.
 */
export async function upLab(options: UpOptions = {}): Promise<UpResult> {
  const { name = DEFAULT_LAB, onProgress = () => undefined, signal } = options;
  const startedAt = performance.now();
  checkPlatform();
  const found = loadState(name);
  if (found?.phase === 'up' && allAlive(found)) {
    checkSame(found, options);
    // `up` promises that every host answers.
    for (const host of found.hosts) {
      if ((await mend(name, host.name)).length > 0) onProgress(`the network of ${host.name} is mended`);
      if (await powerOn(name, host.name, { onProgress, signal })) onProgress(`${host.name} was off and is on again`);
    }
    const timings = { rootMs: 0, accessMs: 0, networkMs: 0, bootMs: 0, totalMs: performance.now() - startedAt };
    return {
      name,
      clusterFile: clusterFileOf(name),
      hosts: loadState(name)?.hosts ?? found.hosts,
      alreadyUp: true,
      timings,
    };
  }
  const request = options.hosts ?? 'auto';
  const choices = chooseKinds(request, request === 'netns' && (await kernelHasIpvs()));
  const planned = topologyNamed(options.topology ?? 'nat')({
    realServers: options.realServers ?? 3,
    client: options.client,
    kinds: {
      client: choices.client.kind,
      infrastructure: choices.infrastructure.kind,
      director: choices.director.kind,
      'real-server': choices['real-server'].kind,
    },
  });
  const topology = withDirectorMemory(planned, options.directorMemoryMb);
  const hosts = topology.hosts.map((host): HostState => ({
    name: host.name,
    role: host.role,
    kind: host.kind,
    because: choices[host.role].because,
    address: topology.addresses[host.name] ?? '',
  }));
  const ownKernels = hosts.filter(({ kind }) => kind === 'uml');
  await checkRequirements(ownKernels);
  await checkModules(topology.hosts);
  if (found?.phase === 'starting' && isAlive(found.owner)) throw beingMade(name);
  if (existsSync(labDirectory(name))) {
    onProgress(`lab "${name}" was left half-made or has died; it is taken down first`);
    await downLab({ name });
  }

  const namespaces = network.namespacesOf(name, topology);
  network.checkNamespacesFree(namespaces);
  const state: LabState = {
    format: 'ipvet-lab/1',
    name,
    topology: topology.name,
    ...(options.client === undefined ? {} : { client: options.client }),
    ...(options.directorMemoryMb === undefined ? {} : { directorMemoryMb: options.directorMemoryMb }),
    phase: 'starting',
    owner: processId(process.pid),
    bootId: bootId(),
    namespaces,
    hosts,
    faults: [],
  };
  if (!claim(state)) throw beingMade(name);
  try {
    const made = await make(state, topology, { onProgress, signal });
    const timings = { ...made.timings, totalMs: performance.now() - startedAt };
    return { name, clusterFile: clusterFileOf(name), hosts: made.hosts, alreadyUp: false, timings };
  } catch (error) {
    const reason = signal?.aborted === true ? interrupted(name) : await withConsoles(error, name);
    try {
      await downLab({ name });
    } catch (problem) {
      onProgress(asIpvetError(problem, 'LAB', `lab "${name}" could not be taken down`).message);
    }
    throw reason;
  }
}

/** Throws USAGE when the lab that is up is not the one asked for. */
function checkSame(found: LabState, { topology, client }: UpOptions): void {
  const differs =
    topology !== undefined && topology !== found.topology
      ? `topology ${found.topology}, not ${topology}`
      : client !== undefined && client !== (found.client ?? 'flat')
        ? `a ${found.client ?? 'flat'} client, not a ${client} one`
        : undefined;
  if (differs === undefined) return;
  throw new IpvetError('USAGE', `lab "${found.name}" is up with ${differs}`, {
    hint: 'take it down first with `ipvet lab down`, or give the new one another --name',
  });
}

interface Making {
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

async function make(
  initial: LabState,
  topology: Topology,
  { onProgress, signal }: Making,
): Promise<{ hosts: readonly HostState[]; timings: Omit<UpTimings, 'totalMs'> }> {
  const lab = initial.name;
  let state = initial;
  const [root, access, net] = await settled([
    timed(() => ensureRoot({ onProgress, ...(signal === undefined ? {} : { signal }) })),
    timed(() => makeAccess(lab, topology)),
    timed(() => network.makeNetwork(lab, topology)),
  ]);
  stopIfAborted(signal);
  const client = topology.hosts.find(({ name }) => name === topology.client);
  if (client !== undefined) network.writeNamespaceFiles(namespaceOf(lab, client.name), client);

  const bootAt = performance.now();
  const kernels = topology.hosts.filter(({ kind }) => kind === 'uml').length;
  onProgress(`booting ${topology.hosts.length} hosts, ${kernels} of them with a kernel of their own`);
  const record = (host: string, { process, consoleFile }: StartedHost): void => {
    state = changeState(state, { hosts: withHost(state, host, { process, consoleFile }) });
  };
  await settled(topology.hosts.map((host) => startHost(host, { lab, root: root.value.path, record })));
  stopIfAborted(signal);
  const names = topology.hosts.map(({ name }) => name);
  await awaitBoot(lab, topology, names, { onProgress, signal });
  const bootMs = performance.now() - bootAt;
  writeFileSync(clusterFileOf(lab), clusterFileText(lab, topology));
  state = changeState(state, { phase: 'up' });
  return {
    hosts: state.hosts,
    timings: { rootMs: root.tookMs, accessMs: access.tookMs, networkMs: net.tookMs, bootMs },
  };
}

const interrupted = (name: string): IpvetError =>
  new IpvetError('ABORTED', `bringing lab "${name}" up was interrupted; it was taken down again`);

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new IpvetError('ABORTED', 'the lab was interrupted while it was being made');
}

/** The error with the last lines of the consoles of the hosts it is about, read before they are removed. */
async function withConsoles(error: unknown, lab: string): Promise<IpvetError> {
  const typed = asIpvetError(error, 'LAB', `lab "${lab}" could not be brought up`);
  if (!(typed instanceof HostDown)) return typed;
  const consoles = new Map(loadState(lab)?.hosts.map(({ name, consoleFile }) => [name, consoleFile]));
  const tails = await Promise.all(
    typed.hosts.slice(0, 3).map(async (host) => {
      const file = consoles.get(host);
      return `last lines of the console of ${host}:\n${file === undefined ? '(not started)' : await consoleTail(file, 15)}`;
    }),
  );
  return new IpvetError('LAB', typed.message, { hint: tails.join('\n'), host: typed.host ?? '', cause: typed });
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; tookMs: number }> {
  const startedAt = performance.now();
  const value = await work();
  return { value, tookMs: performance.now() - startedAt };
}
