/** Starting the hosts of a lab and waiting for them: all of them for `lab up`, one for `lab power on`. */
import { accessFiles } from './access.ts';
import type { LabHostSpec, StartedHost } from './hosts/host.ts';
import { startNetns } from './hosts/netns.ts';
import { startUml } from './hosts/uml.ts';
import { portOf } from './network.ts';
import { isAlive } from './processes.ts';
import { awaitHosts } from './readiness.ts';
import { hostDirectory, loadState, namespaceOf, switchOf } from './state.ts';
import type { Topology } from './topologies/topology.ts';

/** Longest wait for all hosts to answer: they take 10 s on two idle processors, 45 s on two that others keep busy. */
const BOOT_TIMEOUT_MS = 90_000;
const BOOT_TIMEOUT_PER_HOST_MS = 6000;

export interface StartPlace {
  readonly lab: string;
  /** From ensureRoot(). */
  readonly root: string;
  /** Called as soon as there is a process: what is recorded can be ended after a crash. */
  readonly record: (host: string, started: StartedHost) => void;
}

/** Starts a host whose network and keys exist. Returns once it runs. Throws LAB. */
export async function startHost(host: LabHostSpec, { lab, root, record }: StartPlace): Promise<void> {
  const spec = { ...host, files: [...host.files, ...accessFiles(lab, host.name)] };
  const place = { root, stateDir: hostDirectory(lab, spec.name) };
  const recordIt = (started: StartedHost): void => {
    record(spec.name, started);
  };
  if (spec.kind === 'netns') {
    await startNetns(spec, { ...place, netns: namespaceOf(lab, spec.name), record: recordIt });
    return;
  }
  const taps = spec.interfaces.map(({ name }) => portOf(spec.name, name));
  recordIt(await startUml(spec, { ...place, netns: switchOf(lab), taps }));
}

export interface Awaiting {
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Returns when each of the hosts named answers on the ports of its services. Throws LAB (HostDown) or ABORTED. */
export async function awaitBoot(
  lab: string,
  topology: Topology,
  names: readonly string[],
  { onProgress, signal }: Awaiting,
): Promise<void> {
  const startedAt = performance.now();
  const hosts = topology.hosts.filter(({ name }) => names.includes(name));
  const awaited = hosts.map(({ name, services }) => ({
    host: name,
    address: topology.addresses[name] ?? '',
    web: services.includes('nginx'),
  }));
  const kernels = hosts.filter(({ kind }) => kind === 'uml').length;
  await awaitHosts(namespaceOf(lab, topology.infrastructure), awaited, {
    timeoutMs: BOOT_TIMEOUT_MS + Math.max(0, kernels - 4) * BOOT_TIMEOUT_PER_HOST_MS,
    signal,
    onReady: (host) => {
      onProgress(`${host} is up after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    },
    died: () =>
      loadState(lab)?.hosts.find(
        ({ name, process }) => names.includes(name) && process !== undefined && !isAlive(process),
      )?.name,
  });
}
