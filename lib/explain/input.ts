/** What there is to explain by: what a client does, and what a director says of itself. */
import type { ClientEntries } from '../model/client-entries.ts';
import type { Cluster, Protocol } from '../model/cluster.ts';
import type { Fact, InterfaceAddress, IpvsRules, ListedService, OperatingSystem, Sysctls } from '../model/facts.ts';

/** A connection that a client begins, or has. Addresses as the kernel prints them. */
export interface Flow {
  readonly client: string;
  /** Absent: any, one that the client has not used yet. */
  readonly clientPort?: number;
  readonly vip: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export interface AskedDirector {
  readonly name: string;
  readonly addresses: Fact<readonly InterfaceAddress[]>;
  readonly services: Fact<readonly ListedService[]>;
  /** Flags of the scheduler, persistence engine and thresholds; it takes root to read them. */
  readonly rules: Fact<IpvsRules>;
  readonly sysctl: Fact<Sysctls>;
  readonly os: Fact<OperatingSystem>;
  readonly entries: Fact<ClientEntries>;
  /** As the kernel was built; absent where its configuration could not be read. */
  readonly hashSizes?: HashSizes;
}

/** Of CONFIG_IP_VS_SH_TAB_BITS and CONFIG_IP_VS_MH_TAB_INDEX. */
export interface HashSizes {
  readonly shTableBits?: number;
  readonly mhTableIndex?: number;
}

export type Declared = Pick<Cluster, 'directors' | 'realServers' | 'virtualServices'>;

export const isIpv6 = (address: string): boolean => address.includes(':');

/** Undefined where the kernel does not have the key; `unknown` where it could not be read. */
export function setting({ sysctl }: Pick<AskedDirector, 'sysctl'>, key: string): string | undefined {
  return sysctl.known ? sysctl.value[`net.ipv4.vs.${key}`] : 'unknown';
}
