/** Whether the directors are as they should be before and after a drill: asked of all at once, with one program each. */
import type { Cluster, VirtualService } from '../../model/cluster.ts';
import { IpvetError } from '../../errors.ts';
import { vipIn } from '../../ipvs/vip-holder.ts';
import { addressFromTable, portFromTable } from '../../parse/table-address.ts';
import type { Fleet } from '../../ssh/host.ts';

/** Also what a dry run shows. */
export const stateArgv: readonly string[] = [
  'sh',
  '-c',
  String.raw`LC_ALL=C; export LC_ALL; PATH="$PATH:/usr/sbin:/sbin"
printf '@keepalived %s\n' "$(systemctl is-active keepalived 2>/dev/null)"
printf '@addresses\n'; ip -o address show
printf '@table\n'; cat /proc/net/ip_vs`,
  'ipvet-state',
];

/** A director as it is now. */
export interface DirectorState {
  readonly name: string;
  readonly keepalived: string;
  readonly hasVip: boolean;
  /** `ADDRESS:PORT` of the declared destinations that have a weight above 0 in its table. */
  readonly destinations: readonly string[];
}

export interface ClusterState {
  readonly directors: readonly DirectorState[];
  /** The one director that has the VIP. */
  readonly owner: string | undefined;
  /** Why it is not stable, one clause each; empty where it is. */
  readonly unstable: readonly string[];
}

const limitMs = 15_000;

/** Throws what `Fleet.host` and `Host.exec` throw: a director that cannot be asked is no state. */
export async function readState(
  { directors }: Pick<Cluster, 'directors'>,
  service: VirtualService,
  fleet: Fleet,
  signal: AbortSignal,
): Promise<ClusterState> {
  const found = await Promise.all(
    directors.map(async ({ name }) => {
      const host = await fleet.host(name);
      const { stdout } = await host.exec(stateArgv, { exitCodes: 'any', timeoutMs: limitMs, signal });
      return directorState(name, stdout, service);
    }),
  );
  return judged(found, service);
}

/** Throws EXEC_FAILED where the program did not get to its end. */
export function directorState(name: string, text: string, service: VirtualService): DirectorState {
  const parts = /^@keepalived (\S*)\n@addresses\n([^]*)@table\n([^]*)$/.exec(text);
  if (parts === null)
    throw new IpvetError('EXEC_FAILED', `${name} does not tell its addresses and its table`, { host: name });
  const [, keepalived = '', addresses = '', table = ''] = parts;
  const declared = service.destinations.map(({ realServer, port }) => `${realServer.rip}:${port}`);
  return {
    name,
    keepalived,
    hasVip: vipIn(addresses, [service]),
    destinations: declared.filter((destination) => weighed(table).includes(destination)),
  };
}

/** `ADDRESS:PORT` of every destination in `/proc/net/ip_vs` whose weight is not 0. */
export function weighed(table: string): readonly string[] {
  return [...table.matchAll(/^\s*-> (\S+):([0-9A-F]{4})\s+\S+\s+(\d+)/gm)].flatMap(
    ([, address = '', port = '', weight]) =>
      weight === '0' ? [] : [`${addressFromTable(address.replaceAll(/[[\]]/g, ''))}:${portFromTable(port)}`],
  );
}

export function judged(directors: readonly DirectorState[], service: VirtualService): ClusterState {
  const holders = directors.filter(({ hasVip }) => hasVip).map(({ name }) => name);
  const wanted = service.destinations.filter(({ weight }) => weight > 0).length;
  const unstable = [
    ...(holders.length === 1
      ? []
      : [
          holders.length === 0
            ? `no director has the VIP ${service.vip}`
            : `${holders.join(' and ')} all have the VIP ${service.vip}`,
        ]),
    ...directors.flatMap(({ name, keepalived, destinations }) => [
      ...(keepalived === 'active'
        ? []
        : [`keepalived on ${name} is ${keepalived === '' ? 'not known to systemd' : keepalived}`]),
      ...(destinations.length === wanted
        ? []
        : [`${name} has ${destinations.length} of ${wanted} real servers of ${service.name} in its table`]),
    ]),
  ];
  return { directors, owner: holders.length === 1 ? holders[0] : undefined, unstable };
}
