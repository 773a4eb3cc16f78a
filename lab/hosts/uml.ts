/**
 * Hosts of kind uml: a kernel of their own (User Mode Linux), systemd, OpenSSH. One process tree per host, in its own
 * PID and mount namespaces: the end of one process ends the host, and its memory file and mounts go with it. The guest
 * sees the root tree read-only, nothing else of this machine.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { IpvetError } from '../../lib/errors.ts';
import { namespaceFile } from '../network.ts';
import { allEnded, childrenOf, processId, signalProcess } from '../processes.ts';
import { FIRST_PROGRAM_PATH } from '../root/first-program.ts';
import { MODULE_LOADER_PATH } from '../root/recipe.ts';
import type { LabHostSpec, ProcessId, StartedHost } from './host.ts';
import { layHost } from './uml-files.ts';
import { umlKernel } from './uml-kernel.ts';

/**
 * Makes the world the UML process lives in, then becomes it. Arguments: the root tree, the host's own files, a
 * directory to mount on, the kernel, a processor, the memory in MB, then the kernel's command line.
 *
 * Root in the guest may mount any path that this process sees (hostfs), and write where this process may. So it sees
 * the root tree read-only, device files that are harmless to read and write, no proc, and two small tmpfs without
 * devices; and it has no capability but to open taps and to read files of any owner.
 *
 * linux.uml is linked against the C library, which comes from the root tree too. Guest memory is a file on /dev/shm,
 * removed as soon as it is open. Address randomisation is off because UML sets aside, and initialises, as much memory
 * again as it finds between its image and its heap.
 */
const JAIL_SCRIPT = `set -e
root=$1 files=$2 jail=$3 kernel=$4 cpu=$5 memory=$6; shift 6
mount -t tmpfs -o mode=755,nosuid,nodev,size=1m ipvet-lab "$jail"
cd "$jail"
mkdir -p proc dev/net dev/shm tmp old lower files root
mount --bind "$root" lower
mount --bind "$files" files
mount -t overlay -o ro,lowerdir=files:lower ipvet-lab root
mount -t tmpfs -o mode=700,nosuid,nodev,size=$((memory + 16))m ipvet-lab-memory dev/shm
cp /proc/cpuinfo proc/cpuinfo
# umount(8) needs a real proc until the old root is gone; what lies below it stays.
mount -t proc proc proc
ln -s root/usr usr
ln -s root/usr/lib lib
ln -s root/usr/lib64 lib64
: > linux.uml
mount --bind "$kernel" linux.uml
mount -o remount,bind,ro linux.uml
for node in null zero random urandom net/tun; do
  : > dev/$node
  mount --bind /dev/$node dev/$node
  mount -o remount,bind,ro dev/$node
done
umount lower files
pivot_root . old
umount -l old
umount -l proc
exec /usr/bin/setpriv --bounding-set=-all,+net_admin,+dac_override --inh-caps=-all \\
  /usr/bin/taskset -c "$cpu" /usr/bin/setarch x86_64 -R /linux.uml "$@"
`;

/** Numbers in a list as the kernel prints it: `0-2,7` (cpuset(7), list format). */
export function cpuList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = NaN, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** Processors this process may use; not always all of the machine's, nor those from 0 on. */
async function allowedCpus(): Promise<number[]> {
  const status = await readFile('/proc/self/status', 'latin1');
  return cpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0');
}

let started = 0;

/** Starts a UML host; the taps exist, one per interface and in the same order, inside `netns`. Returns once it runs. */
export async function startUml(
  spec: LabHostSpec,
  where: {
    /** From ensureRoot(). */
    readonly root: string;
    /** The host's own directory; made when missing. */
    readonly stateDir: string;
    /** Name of the switch's network namespace. */
    readonly netns: string;
    readonly taps: readonly string[];
  },
): Promise<StartedHost> {
  const inState = (name: string): string => path.join(where.stateDir, name);
  mkdirSync(inState('jail'), { recursive: true });
  rmSync(inState('files'), { recursive: true, force: true });
  await layHost(spec, where.root, inState('files'));
  const image = await umlKernel(path.dirname(where.root));

  // A guest has one processor. Keeping its traced processes on the processor of their tracer halves the cost of each
  // system call, which is two switches between them.
  const cpus = await allowedCpus();
  const cpu = cpus[started++ % cpus.length] ?? 0;
  const kernel = [
    `mem=${spec.memoryMb}M`,
    ...['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/root', 'ro', `init=${FIRST_PROGRAM_PATH}`],
    `sysctl.kernel.modprobe=${MODULE_LOADER_PATH}`,
    ...['con=null', 'con0=null,fd:1', 'ssl=null', 'uml_dir=/tmp', 'quiet', 'panic=1', 'noreboot'],
    // Unless told not to, the kernel measures RAID 6 methods for 0.8 s of processor time at each boot.
    ...['initcall_blacklist=raid6_select_algo', 'lsm=capability', 'selinux=0', 'audit=0'],
    ...where.taps.map(
      (tap, index) =>
        `vec${index}:transport=tap,ifname=${tap},depth=128,gro=1,mac=${spec.interfaces[index]?.mac ?? ''}`,
    ),
  ];
  const consoleFile = inState('console.log');
  const console = openSync(consoleFile, 'w');
  try {
    const child = spawn(
      'nsenter',
      [
        ...[`--net=${namespaceFile(where.netns)}`, '--', 'unshare', '--mount', '--pid', '--fork', '--kill-child'],
        ...[
          'sh',
          '-c',
          JAIL_SCRIPT,
          'ipvet-lab',
          where.root,
          inState('files'),
          inState('jail'),
          image,
          `${cpu}`,
          `${spec.memoryMb}`,
          ...kernel,
        ],
      ],
      { detached: true, stdio: ['ignore', console, console], cwd: '/' },
    );
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    await Promise.race([new Promise((resolve) => child.once('spawn', resolve)), failed]);
    child.unref();
    if (child.pid === undefined) throw new Error('no process');
    return { process: processId(child.pid), consoleFile };
  } catch (error) {
    throw new IpvetError('LAB', `host ${spec.name} could not be started`, { host: spec.name, cause: error });
  } finally {
    closeSync(console);
  }
}

/** Ends the host and every traced child of it. Nothing happens when it has ended already. Throws LAB when it stays. */
export async function stopUml(process: ProcessId): Promise<void> {
  // The child is the first process of the host's PID namespace: the kernel ends all others with it, before it is gone.
  const whole = [process, ...childrenOf(process)];
  for (const one of whole) signalProcess(one, 'SIGKILL');
  await allEnded(whole, 10_000);
}

/** Last lines of the console, without colours and carriage returns, for errors about hosts that did not come up. */
export async function consoleTail(file: string, lines = 20): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // eslint-disable-next-line no-control-regex -- terminal escapes begin with a control character
  const plain = text.replace(/\x1b\[[0-9;?]*[A-Za-z]|\r/g, '');
  return plain.trimEnd().split('\n').slice(-lines).join('\n');
}
