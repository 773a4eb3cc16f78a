/** What this machine must have for a lab, and which kind each host gets. */
import { existsSync } from 'node:fs';

import { IpvetError } from '../lib/errors.ts';
import { attempt } from './commands.ts';
import type { HostKind, LabHostSpec } from './hosts/host.ts';

/** Program → Debian package. bin/setup installs the same ones; a unit test compares. */
export const packagesByProgram: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  // A client without a kernel of its own asks with these who answers for a VIP.
  arping: 'iputils-arping',
  ndisc6: 'ndisc6',
  nc: 'netcat-openbsd',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  mmdebstrap: 'mmdebstrap',
  'linux.uml': 'user-mode-linux',
};

/**
 * Throws LAB: not Linux, not root, or packages missing. `ownKernels` are the hosts of kind uml, each with the reason for
 * it; a lab without them needs less.
 */
export async function checkRequirements(
  ownKernels: readonly { readonly name: string; readonly because: string }[],
): Promise<void> {
  checkPlatform();
  const [first] = ownKernels;
  const uml = first !== undefined;
  if (process.getuid?.() !== 0) throw new IpvetError('LAB', 'a lab needs root', { hint: 'run it through sudo -E' });
  const programs = Object.keys(packagesByProgram).filter((program) => uml || program !== 'linux.uml');
  // `which` prints the path of each program it finds.
  const found = (await attempt(['which', ...programs])).stdout.split('\n').map((line) => line.split('/').at(-1));
  const missing = programs.filter((program) => !found.includes(program));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => packagesByProgram[program]))].join(', ');
    throw new IpvetError('LAB', `a lab needs ${missing.join(', ')}: missing Debian packages ${packages}`, {
      hint: ['run `sh bin/setup`', ...(uml ? [`${first.name} is of kind uml: ${first.because}`] : [])].join('\n  '),
    });
  }
  if (uml && !existsSync('/dev/net/tun')) {
    throw new IpvetError('LAB', 'this machine has no /dev/net/tun, which user-mode hosts are connected with', {
      hint: 'load the module with `modprobe tun`, or use `--hosts netns`',
    });
  }
}

/** Throws LAB anywhere but on Linux. */
export function checkPlatform(): void {
  if (process.platform === 'linux') return;
  throw new IpvetError('LAB', `the lab is made of Linux network namespaces and does not exist on ${process.platform}`, {
    hint: 'use a Linux machine or virtual machine for the lab; the rest of ipvet works here',
  });
}

export type HostsRequest = 'auto' | 'uml' | 'netns';

interface KindChoice {
  readonly kind: HostKind;
  /** One sentence for `lab status`. */
  readonly because: string;
}

export type KindChoices = Readonly<Record<LabHostSpec['role'], KindChoice>>;

/**
 * The kind of host for each role. Load comes from programs of this machine, so the client always shares its kernel, as
 * does infrastructure, which is not part of the cluster. A director shares it only where that kernel has IPVS.
 */
export function chooseKinds(request: HostsRequest, ipvs: boolean): KindChoices {
  const shared = {
    client: { kind: 'netns', because: 'load comes from programs of this machine' },
    infrastructure: { kind: 'netns', because: 'name server and time source are not part of the cluster' },
  } as const;
  if (request !== 'netns') {
    const own = { kind: 'uml', because: 'a kernel of its own' } as const;
    return { ...shared, director: own, 'real-server': own };
  }
  return {
    ...shared,
    director: ipvs
      ? { kind: 'netns', because: '--hosts netns, and this kernel has IPVS' }
      : {
          kind: 'uml',
          because: 'the kernel of this machine has no IPVS (no module ip_vs), so --hosts netns cannot be had',
        },
    'real-server': { kind: 'netns', because: '--hosts netns' },
  };
}

/** Whether the running kernel has IPVS, loading its module if need be. */
export async function kernelHasIpvs(): Promise<boolean> {
  if (existsSync('/proc/net/ip_vs')) return true;
  await attempt(['modprobe', '-q', 'ip_vs']);
  return existsSync('/proc/net/ip_vs');
}

/** Throws LAB when a host that shares this machine's kernel needs a module that this kernel does not have. */
export async function checkModules(hosts: readonly LabHostSpec[]): Promise<void> {
  for (const { name, kind, modules = [] } of hosts) {
    if (kind !== 'netns') continue;
    for (const module of modules) {
      if (existsSync(`/sys/module/${module}`)) continue;
      await attempt(['modprobe', '-q', module]);
      if (existsSync(`/sys/module/${module}`)) continue;
      throw new IpvetError('LAB', `the kernel of this machine has no module ${module}, which ${name} needs`, {
        hint: 'give the real servers a kernel of their own: leave out `--hosts netns`',
      });
    }
  }
}
