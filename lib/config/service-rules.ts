import { familyOf } from './address.ts';
import {
  canonical,
  entries,
  hostEntries,
  type Loose,
  type LooseFile,
  mustBeUsable,
  mustDiffer,
  mustExist,
  nameAt,
  type Report,
} from './rule.ts';
import type { DestinationEntry, VirtualServiceEntry } from '../model/cluster-file.ts';
import type { Path } from './source.ts';

/** Virtual services against each other and against the hosts. */
export function serviceRules(file: LooseFile, report: Report): void {
  const services = entries(file.virtual_services, ['virtual_services']);
  mustDiffer(
    services.map(({ entry, path }) => ({ key: entry.name, path })),
    (path, _first, name) => {
      report([...path, 'name'], `two virtual services are called \`${name}\``);
    },
  );
  mustDiffer(
    services.map(({ entry, path }) => ({ key: listenKey(entry), path })),
    (path, first, key) => {
      report([...path, 'vip'], `two virtual services are at ${key}`, `the other is ${nameAt(file, first)}`);
    },
  );
  for (const { entry, path } of services) {
    mustBeUsable(report, [...path, 'vip'], 'vip', entry.vip);
    vipOfItsOwn(file, entry, path, report);
    destinationRules(file, entry, path, report);
    bodyPattern(entry, path, report);
  }
}

type LooseService = Loose<VirtualServiceEntry>;

function listenKey(service: LooseService): string | undefined {
  const vip = canonical(service.vip);
  if (vip === undefined || service.port === undefined) return undefined;
  return `${service.protocol ?? 'tcp'} ${vip.includes(':') ? `[${vip}]` : vip}:${service.port}`;
}

/** A VIP moves between hosts and is answered for by the director; an address that belongs to one host is not one. */
function vipOfItsOwn(file: LooseFile, service: LooseService, path: Path, report: Report): void {
  const vip = canonical(service.vip);
  if (vip === undefined) return;
  for (const { entry, path: hostPath } of hostEntries(file))
    for (const [key, address] of [
      ['dip', entry.dip],
      ['rip', entry.rip],
      ['cip', typeof entry.cip === 'string' ? entry.cip : undefined],
    ] as const)
      if (canonical(address) === vip) {
        report(
          [...path, 'vip'],
          `the VIP ${vip} is also the ${key.toUpperCase()} of ${nameAt(file, hostPath)}`,
          'a virtual service has an address of its own',
        );
        return;
      }
}

function destinationRules(file: LooseFile, service: LooseService, path: Path, report: Report): void {
  const realServers = entries(file.real_servers, ['real_servers']);
  const list = service.real_servers;
  const chosen =
    list === undefined || list === 'all'
      ? realServers.map(({ entry }) => ({
          name: entry.name,
          port: undefined,
          path: [...path, 'vip'],
          at: [...path, 'vip'],
        }))
      : entries<Loose<DestinationEntry>>(list, [...path, 'real_servers']).map(({ entry, path: at }) =>
          typeof entry === 'string'
            ? { name: entry, port: undefined, path: at, at }
            : { name: entry.name, port: entry.port, path: [...at, 'name'], at },
        );
  if (list !== undefined && list !== 'all') {
    const names = realServers.map(({ entry }) => entry.name);
    for (const { name, path: at } of chosen) mustExist(report, at, 'real server', name, names);
    mustDiffer(
      chosen.map(({ name, port, path: at }) => ({
        key: name === undefined ? undefined : `${name} ${port ?? service.port ?? ''}`,
        path: at,
      })),
      (at) => {
        report(at, 'this destination is in the list twice');
      },
    );
  }
  for (const { name, port, at } of chosen) {
    if (
      port !== undefined &&
      service.port !== undefined &&
      port !== service.port &&
      service.forwarding !== undefined &&
      service.forwarding !== 'nat'
    )
      report(
        [...at, 'port'],
        `with \`forwarding: ${service.forwarding}\` a destination has the port of the service, ${service.port}`,
        'only nat rewrites ports; remove `port` here',
      );
    const rip = realServers.find(({ entry }) => entry.name === name)?.entry.rip;
    // ip_vs_ctl.c: mixed address families are taken for tunnelling only.
    if (
      rip !== undefined &&
      service.vip !== undefined &&
      service.forwarding !== undefined &&
      service.forwarding !== 'tun' &&
      familyOf(rip) !== familyOf(service.vip)
    )
      report(
        at,
        `\`${name ?? ''}\` has an ${familyOf(rip)} address and the VIP is ${familyOf(service.vip)}`,
        `\`forwarding: ${service.forwarding}\` needs one address family; only tun can mix them`,
      );
  }
}

function bodyPattern(service: LooseService, path: Path, report: Report): void {
  const identification = service.identify_by;
  if (identification === undefined || !('body' in identification) || identification.body === undefined) return;
  try {
    new RegExp(identification.body);
  } catch (error) {
    report([...path, 'identify_by', 'body'], `this is no regular expression: ${(error as Error).message}`);
  }
}
