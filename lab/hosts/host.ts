/** What a lab host is, whatever kind runs it. The network exists (bridges in the lab's switch namespace) before a host starts. */

export type HostKind = 'uml' | 'netns';

export interface LabInterface {
  /** Name inside the host: eth0, eth1. */
  readonly name: string;
  /** Bridge of the lab's switch namespace it is plugged into. */
  readonly bridge: string;
  readonly mac: string;
  /** Addresses with prefix length, the primary one first; `ip address add` options may follow. */
  readonly addresses: readonly string[];
}

/** A tunnel interface that is there once its module is loaded. */
export interface LabTunnel {
  readonly name: 'tunl0';
  readonly mtu: number;
  readonly addresses: readonly string[];
}

export interface LabHostSpec {
  readonly name: string;
  readonly role: 'director' | 'real-server' | 'client' | 'infrastructure';
  readonly kind: HostKind;
  readonly memoryMb: number;
  readonly interfaces: readonly LabInterface[];
  /** Kernel modules loaded at boot. */
  readonly modules?: readonly string[];
  /** What `lo` carries besides the loopback addresses, as LabInterface.addresses. */
  readonly loopback?: readonly string[];
  readonly tunnels?: readonly LabTunnel[];
  /** Default gateway, IPv4 or IPv6; a lab host without one reaches only its own links. */
  readonly gateway?: string;
  /** Options of the default route, as `ip route add` takes them: `advmss 1440`. */
  readonly gatewayOptions?: string;
  /** Other routes, as `ip route add` takes them: `10.10.10.0/24 via 192.168.122.10`. */
  readonly routes: readonly string[];
  /** systemd units (uml) or programs of the same name (netns) that run on it: ssh, nginx, chrony, dnsmasq. */
  readonly services: readonly string[];
  /** Files laid over the root, by path from /: /etc/hosts, host keys, authorized_keys, nginx pages, sysctl.conf, … */
  readonly files: readonly { readonly path: string; readonly mode: number; readonly content: string }[];
}

/** A process of ours, recorded so that only it is ever ended. `startTime` is field 22 of /proc/PID/stat. */
export interface ProcessId {
  readonly pid: number;
  readonly startTime: string;
}

export interface StartedHost {
  readonly process: ProcessId;
  /** Where the console output goes. */
  readonly consoleFile: string;
}
