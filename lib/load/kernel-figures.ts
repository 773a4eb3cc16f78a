/** What the kernel says of the generator's own network namespace and limits. Undefined where there is no Linux to say it. */
import { readFileSync } from 'node:fs';

/** SYNs sent again since the namespace was made: TcpExt TCPSynRetrans of /proc/net/netstat. */
export function synsSentAgain(): number | undefined {
  const lines = readText('/proc/net/netstat')?.split('\n') ?? [];
  const [names, values] = lines.filter((line) => line.startsWith('TcpExt:')).map((line) => line.split(' '));
  const at = names?.indexOf('TCPSynRetrans') ?? -1;
  return at === -1 ? undefined : finite(values?.[at]);
}

/** Sockets in TIME_WAIT: `TCP: inuse 5 orphan 0 tw 12 …` of /proc/net/sockstat. */
export function timeWaitSockets(): number | undefined {
  return finite(/^TCP: .*\btw (\d+)/m.exec(readText('/proc/net/sockstat') ?? '')?.[1]);
}

/** Ports that one source address has for connections. */
export function ephemeralPorts(): number | undefined {
  const [, low, high] = /^(\d+)\s+(\d+)/.exec(readText('/proc/sys/net/ipv4/ip_local_port_range') ?? '') ?? [];
  return low === undefined || high === undefined ? undefined : Number(high) - Number(low) + 1;
}

/** RLIMIT_NOFILE of this process, soft. */
export function descriptorLimit(): number | undefined {
  return finite(/^Max open files\s+(\d+)/m.exec(readText('/proc/self/limits') ?? '')?.[1]);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function finite(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}
