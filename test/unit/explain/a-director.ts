/** A director that answered everything, with one service of three real servers; tests change one thing. */
import { explain } from '../../../lib/explain/explain.ts';
import type { Explanation } from '../../../lib/explain/explanation.ts';
import type { AskedDirector, Flow } from '../../../lib/explain/input.ts';
import { templateKey } from '../../../lib/explain/template.ts';
import type { ClientEntries, NamedEntry } from '../../../lib/model/client-entries.ts';
import type { Cluster } from '../../../lib/model/cluster.ts';
import {
  type InterfaceAddress,
  type IpvsService,
  known,
  type ListedDestination,
  type ListedService,
  missing,
} from '../../../lib/model/facts.ts';
import { aCluster, cip, vip } from '../../builders.ts';

const evidence = { host: 'director1', command: '', output: '' };

export const refusedToTell = missing('permission', 'director1: ipvsRules needs root');

export function aFlow(change: Partial<Flow> = {}): Flow {
  return { client: cip, clientPort: 40_001, vip, port: 80, protocol: 'tcp', ...change };
}

/** `rs1` has 10.10.10.10, … */
export function destination(number: number, change: Partial<ListedDestination> = {}): ListedDestination {
  return {
    address: `10.10.10.${number * 10}`,
    port: 80,
    forwarding: 'nat',
    weight: 1,
    active: 0,
    inactive: 0,
    ...change,
  };
}

export function service(change: Partial<ListedService> = {}): ListedService {
  return {
    protocol: 'tcp',
    address: vip,
    port: 80,
    scheduler: 'rr',
    onePacket: false,
    destinations: [3, 2, 1].map((number) => destination(number)),
    ...change,
  };
}

export const persistent = { timeoutJiffies: 30_000, netmask: 0xffffffff } as const;

/** As `ipvsadm -Sn` has it; `extra` of the service, and of each destination by address. */
export function ruleOf(
  listed: ListedService,
  extra: readonly string[] = [],
  limits: Readonly<Record<string, readonly string[]>> = {},
): IpvsService {
  const { protocol, address, port, fwmark, scheduler, persistence, destinations } = listed;
  return {
    protocol,
    address,
    port,
    ...(fwmark === undefined ? {} : { fwmark }),
    scheduler,
    persistenceS: persistence === undefined ? 0 : 300,
    extra,
    destinations: destinations.map(({ address: rip, port: own, forwarding, weight }) => ({
      address: rip,
      port: own,
      forwarding,
      weight,
      extra: limits[rip] ?? [],
    })),
  };
}

export function entry(change: Partial<NamedEntry> = {}): NamedEntry {
  return {
    key: 'TCP C0A87A01 9C41 C0A87A64 0050',
    clientAddress: cip,
    clientPort: 40_001,
    destination: '10.10.10.20:80',
    state: 'ESTABLISHED',
    expiresS: 893,
    fromPeer: false,
    ...change,
  };
}

export function template(listed: ListedService, flow: Flow, change: Partial<NamedEntry> = {}): NamedEntry {
  const key = templateKey(listed, flow);
  if (key === undefined) throw new Error('the service has no persistence');
  return entry({ key, clientPort: 0, state: 'ASSURED', expiresS: 120, ...change });
}

export function entries(change: Partial<ClientEntries> = {}): ClientEntries {
  return { extent: 'whole', rows: 100, entries: [], found: change.entries?.length ?? 0, templates: [], ...change };
}

export const own = (...addresses: readonly string[]): readonly InterfaceAddress[] =>
  addresses.map((address) => ({
    interface: 'eth0',
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    address,
    prefixLength: 24,
    up: true,
  }));

export interface Said {
  readonly services?: readonly ListedService[];
  readonly rules?: readonly IpvsService[];
  readonly entries?: ClientEntries;
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly addresses?: readonly InterfaceAddress[];
  readonly kernel?: string;
}

export function aDirector(said: Said = {}, change: Partial<AskedDirector> = {}): AskedDirector {
  const services = said.services ?? [service()];
  const keys = { conn_reuse_mode: '1', expire_nodest_conn: '0', expire_quiescent_template: '0', ...said.sysctl };
  return {
    name: 'director1',
    addresses: known(said.addresses ?? own('192.168.122.10', vip, '10.10.10.1'), evidence),
    services: known(services, evidence),
    rules: known({ services: said.rules ?? services.map((one) => ruleOf(one)) }, evidence),
    sysctl: known(
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [`net.ipv4.vs.${key}`, value])),
      evidence,
    ),
    os: known({ id: 'debian', prettyName: 'Debian', kernel: said.kernel ?? '6.1.176' }, evidence),
    entries: known(said.entries ?? entries(), evidence),
    ...change,
  };
}

export function explained(
  said: Said = {},
  flow: Flow = aFlow(),
  change: Partial<AskedDirector> = {},
  cluster: Cluster = aCluster(),
): Explanation {
  return explain(aDirector(said, change), flow, cluster);
}

/** `rs2 by entry`, `rs1|rs2 or refused by scheduler`, `icmp-port-unreachable`, `dropped`, `untold`. */
export function inShort({ answer }: Explanation): string {
  switch (answer.kind) {
    case 'real-server':
      return `${answer.to.realServer ?? answer.to.destination} by ${answer.by}`;
    case 'one-of':
      return `${answer.to.map(({ realServer, destination: led }) => realServer ?? led).join('|')}${answer.orRefused ? ' or refused' : ''} by ${answer.by}`;
    case 'refused':
      return answer.reply;
    case 'dropped':
    case 'untold':
      return answer.kind;
  }
}

/** With its details. */
export function textOf({ steps }: Explanation, name: string): string {
  const found = steps.find(({ step }) => step === name);
  return [found?.text ?? '', ...(found?.details ?? [])].join('\n');
}
