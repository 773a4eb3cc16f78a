/** Waiting for hosts as an operator would see them come up: sshd says its banner, nginx answers. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { IpvetError } from '../lib/errors.ts';
import { namespaceFile } from './network.ts';

export interface Awaited {
  readonly host: string;
  readonly address: string;
  /** Port 80 too. */
  readonly web: boolean;
}

/**
 * One bash for all hosts, inside the infrastructure host's network: connecting through /dev/tcp costs no process. A
 * neighbour that is not there yet is asked ten times a second rather than once, so that no second is lost to that.
 * It ends when its standard input does.
 */
const PROBE = `
for each in /proc/sys/net/ipv[46]/neigh/eth*/retrans_time_ms; do echo 100 > "$each"; done
answers() { # address port request
  local word
  { exec 3<>"/dev/tcp/$1/$2"; } 2>/dev/null || return 1
  printf "$3" >&3
  IFS= read -r -t 5 -N 4 word <&3
  local code=$?
  exec 3>&-
  [ $code = 0 ] && { [ "$word" = SSH- ] || [ "$word" = HTTP ]; }
}
watch() { # host address web
  until answers "$2" 22 ''; do sleep 0.1; done
  if [ "$3" = true ]; then until answers "$2" 80 'GET / HTTP/1.0\\r\\n\\r\\n'; do sleep 0.1; done; fi
  echo "$1"
}
trap 'kill $(jobs -p) 2>/dev/null' EXIT
while [ $# -gt 0 ]; do watch "$1" "$2" "$3" & shift 3; done
read -r _
`;

/**
 * Waits until every host is ready; `onReady` is called for each as it happens. `failed` is asked twice a second whether
 * a host has died. Throws LAB naming the hosts that did not come up in time, or ABORTED.
 */
export async function awaitHosts(
  netns: string,
  hosts: readonly Awaited[],
  options: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly onReady: (host: string) => void;
    /** Name of a host whose process has ended. */
    readonly died: () => string | undefined;
  },
): Promise<void> {
  const waiting = new Set(hosts.map(({ host }) => host));
  const words = hosts.flatMap(({ host, address, web }) => [host, address, String(web)]);
  const probe = spawn('nsenter', [`--net=${namespaceFile(netns)}`, 'bash', '-c', PROBE, 'probe', ...words], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // Ctrl-C is for ipvet, which ends the probe.
    detached: true,
  });
  probe.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    probe.once('close', () => {
      resolve();
    });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const left = (): string => [...waiting].join(', ');
      const timer = setTimeout(() => {
        reject(new HostDown([...waiting], `${left()} did not come up within ${options.timeoutMs / 1000} s`));
      }, options.timeoutMs);
      const pulse = setInterval(() => {
        const dead = options.died();
        if (dead !== undefined) reject(new HostDown([dead], `${dead} ended while it was booting`));
      }, 500);
      const abort = (): void => {
        reject(new IpvetError('ABORTED', 'the lab was interrupted while its hosts were booting'));
      };
      options.signal?.addEventListener('abort', abort, { once: true });
      if (options.signal?.aborted === true) abort();
      const finish = (): void => {
        clearTimeout(timer);
        clearInterval(pulse);
        options.signal?.removeEventListener('abort', abort);
      };
      probe.once('error', (error) => {
        reject(new IpvetError('LAB', `hosts cannot be probed: ${error.message}`, { cause: error }));
      });
      void ended.then(() => {
        finish();
        if (waiting.size > 0) reject(new IpvetError('LAB', `probing ended before ${left()} answered`));
      });
      createInterface(probe.stdout).on('line', (host) => {
        if (!waiting.delete(host)) return;
        options.onReady(host);
        if (waiting.size === 0) resolve();
      });
    });
  } finally {
    // The probe ends its watchers and itself when its input ends.
    probe.stdin.end();
    await ended;
  }
}

/** Hosts that did not come up; their consoles tell more. */
export class HostDown extends IpvetError {
  readonly hosts: readonly string[];
  constructor(hosts: readonly string[], message: string) {
    super('LAB', message, hosts[0] === undefined ? {} : { host: hosts[0] });
    this.hosts = hosts;
  }
}
