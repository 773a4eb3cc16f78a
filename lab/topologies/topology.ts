/** A topology is data made by a pure function: hosts with their files, the bridges between them, and the cluster file. */
import type { ClusterFile } from '../../lib/model/cluster-file.ts';
import type { HostKind, LabHostSpec } from '../hosts/host.ts';

/** Where the client stands: in the segment of the VIP, or in a network of its own behind the router. */
export type ClientPlace = 'flat' | 'routed';

export interface TopologyOptions {
  readonly realServers: number;
  /** Only where the topology leaves the choice. */
  readonly client?: ClientPlace | undefined;
  readonly kinds: Readonly<Record<LabHostSpec['role'], HostKind>>;
}

export interface Topology {
  readonly name: string;
  /** Bridges of the lab's switch, at most 15 characters each. */
  readonly bridges: readonly string[];
  /** Without host keys and authorized_keys, which are the lab's. */
  readonly hosts: readonly LabHostSpec[];
  /** Where load comes from. */
  readonly client: string;
  /** The host with a leg on every network; the lab's own way to the others. */
  readonly infrastructure: string;
  /** By host name: the address the infrastructure host reaches it at. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Hosts an operator reaches through another one. */
  readonly jumps: Readonly<Record<string, string>>;
  /** The cluster as an operator would declare it. */
  cluster(access: { readonly name: string; readonly clientNetns: string; readonly sshConfig: string }): ClusterFile;
}
