/**
 * Host kind `netns`: a process tree in its own network, mount, UTS, IPC and PID namespace on the running kernel, over
 * the lab root (read-only below, a tmpfs above). Its mounts live and die with its mount namespace, so that there is
 * nothing to unmount. It has no systemd: a small shell program is PID 1, starts the services and reaps.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { asIpvetError, IpvetError } from '../../lib/errors.ts';
import { hostLines, namespaceFile } from '../network.ts';
import { allEnded, childrenOf, processId, signalProcess } from '../processes.ts';
import type { LabHostSpec, ProcessId, StartedHost } from './host.ts';
import { layFiles } from './layer.ts';

export interface NetnsPlace {
  /** The lab root; only read. */
  readonly root: string;
  /** Directory of this host in the lab's state. */
  readonly stateDir: string;
  /** Its named network namespace, with the interfaces in it. */
  readonly netns: string;
  /** Called with the process before it does anything: what is recorded here can be ended after a crash. */
  readonly record: (started: StartedHost) => void;
}

/** How each service starts itself into the background, as its init script would. */
const SERVICES: Readonly<Record<string, string>> = {
  ssh: 'mkdir -p -m 755 /run/sshd && /usr/sbin/sshd -E /var/log/sshd.log',
  nginx: '/usr/sbin/nginx',
  // -x: the clock is this machine's, and nobody's business in here.
  chrony: 'mkdir -p -m 750 /run/chrony && chown _chrony: /run/chrony && /usr/sbin/chronyd -x',
  dnsmasq: '/usr/sbin/dnsmasq',
  'netfilter-persistent': '/usr/sbin/iptables-restore /etc/iptables/rules.v4',
};

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The first program. It waits for a word on its input, so that whoever starts it can record it first: without that
 * word it ends. Pure.
 */
export function initScript(spec: LabHostSpec, { root, stateDir }: Pick<NetnsPlace, 'root' | 'stateDir'>): string {
  const services = spec.services.map((name) => {
    const command = SERVICES[name];
    if (command === undefined) throw new IpvetError('LAB', `a host of kind netns cannot run "${name}" (${spec.name})`);
    return `{ ${command}; } || echo "${name} did not start"`;
  });
  const lower = `${path.join(stateDir, 'files')}:${root}`;
  return `#!/bin/sh
# First program of lab host ${spec.name}, PID 1 of its namespaces.
set -eu
read -r word && [ "$word" = go ] || exit 1
exec </dev/null
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
umask 022
echo ${spec.name} > /proc/sys/kernel/hostname

cd ${shellQuoted(stateDir)}
mount -t tmpfs -o mode=755 tmpfs layer
mkdir layer/upper layer/work layer/root
mount -t overlay -o ${shellQuoted(`lowerdir=${lower},upperdir=layer/upper,workdir=layer/work`)} overlay layer/root
cd layer/root
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755,nosuid tmpfs dev
for node in null zero full random urandom tty; do
  : > dev/$node
  mount --bind /dev/$node dev/$node
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs run
mkdir -m 1777 run/lock
pivot_root . mnt
exec chroot . /bin/sh -eu -c ${shellQuoted(`
umount -l /mnt
cd /
if [ -e /proc/sys/net/ipv6 ]; then
  for name in accept_ra autoconf router_solicitations accept_dad; do
    for each in /proc/sys/net/ipv6/conf/*/$name; do echo 0 > "$each"; done
  done
fi
if [ -e /etc/sysctl.conf ]; then sysctl -q -e -p /etc/sysctl.conf || true; fi
ip -batch - <<'END'
${hostLines(spec).join('\n')}
END
set +e
${services.join('\n')}
echo "${spec.name} is up"
while :; do
  sleep 86400 &
  wait $!
done
`)}
`;
}

/** Starts the host. Throws LAB. */
export function startNetns(spec: LabHostSpec, place: NetnsPlace): Promise<StartedHost> {
  try {
    return Promise.resolve(start(spec, place));
  } catch (error) {
    return Promise.reject(asIpvetError(error, 'LAB', `lab host ${spec.name} cannot be started`));
  }
}

function start(spec: LabHostSpec, place: NetnsPlace): StartedHost {
  const { stateDir } = place;
  mkdirSync(path.join(stateDir, 'layer'), { recursive: true });
  layFiles(spec.files, place.root, path.join(place.stateDir, 'files'));
  const script = path.join(stateDir, 'init');
  writeFileSync(script, initScript(spec, place), { mode: 0o755 });

  const consoleFile = path.join(stateDir, 'console.log');
  const console = openSync(consoleFile, 'a');
  const unshare = ['unshare', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '/bin/sh', script];
  let child: ChildProcess;
  try {
    child = spawn('nsenter', [`--net=${namespaceFile(place.netns)}`, ...unshare], {
      detached: true,
      cwd: '/',
      stdio: ['pipe', console, console],
    });
  } finally {
    closeSync(console);
  }
  // What goes wrong from here on shows in the console and in readiness; an event without listener would end ipvet.
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  if (child.pid === undefined) throw new IpvetError('LAB', `lab host ${spec.name} cannot be started: no nsenter`);
  const started = { process: processId(child.pid), consoleFile };
  place.record(started);
  child.stdin?.end('go\n');
  child.unref();
  return started;
}

/**
 * Ends the host: when `unshare` dies its child, PID 1 of the host, is killed, and the kernel kills the rest. Returns
 * when both have gone. Throws LAB when they do not.
 */
export async function stopNetns(process: ProcessId): Promise<void> {
  const family = [process, ...childrenOf(process)];
  signalProcess(process, 'SIGKILL');
  await allEnded(family, 5000);
}
