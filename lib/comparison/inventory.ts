/** What of the cluster itself is different. */
import type { Baseline, InventoryChange } from '../model/comparison.ts';

export function inventoryChanges(before: Baseline, after: Baseline): readonly InventoryChange[] {
  const [was, is] = [before.cluster, after.cluster];
  return [
    ...changed(
      'cluster',
      is.name,
      { name: was.name, environment: was.environment },
      { name: is.name, environment: is.environment },
    ),
    ...listed('host', was.hosts, is.hosts, ({ role, address }) => ({ role, address })),
    ...systems(before, after),
    ...listed('service', was.services, is.services, ({ vip, port, protocol, forwarding, scheduler }) => ({
      vip,
      port: String(port),
      protocol,
      forwarding,
      scheduler,
    })),
    ...was.services.flatMap((service) => {
      const other = is.services.find(({ name }) => name === service.name);
      const inService = ({ name, ...rest }: (typeof service.realServers)[number]) => ({
        ...rest,
        name: `${service.name}/${name}`,
      });
      return other === undefined
        ? []
        : listed('real-server', service.realServers.map(inService), other.realServers.map(inService), (one) => ({
            address: one.address,
            weight: String(one.weight),
          }));
    }),
    ...changed('tool', 'ipvet', { version: before.run.tool.version }, { version: after.run.tool.version }),
  ];
}

/** A host that could not be asked did not say; that is no change. */
function systems(before: Baseline, after: Baseline): InventoryChange[] {
  return after.hosts.flatMap((host) => {
    const was = before.hosts.find(({ name }) => name === host.name);
    return (['os', 'kernel'] as const).flatMap((what): InventoryChange[] => {
      const [from, to] = [was?.[what], host[what]];
      return from === undefined || to === undefined || from === to
        ? []
        : [{ what, change: 'changed', name: host.name, before: from, after: to }];
    });
  });
}

function listed<T extends { readonly name: string }>(
  what: 'host' | 'service' | 'real-server',
  before: readonly T[],
  after: readonly T[],
  properties: (one: T) => Readonly<Record<string, string>>,
): InventoryChange[] {
  const text = (one: T) => Object.values(properties(one)).join(' ');
  return [
    ...after.flatMap((one): InventoryChange[] => {
      const was = before.find(({ name }) => name === one.name);
      return was === undefined
        ? [{ what, change: 'added', name: one.name, after: text(one) }]
        : changed(what, one.name, properties(was), properties(one));
    }),
    ...before
      .filter(({ name }) => !after.some((one) => one.name === name))
      .map((one): InventoryChange => ({ what, change: 'removed', name: one.name, before: text(one) })),
  ];
}

function changed(
  what: InventoryChange['what'],
  name: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): InventoryChange[] {
  return Object.entries(after)
    .filter(([key, value]) => before[key] !== value)
    .map(([key, value]) => ({
      what,
      change: 'changed',
      name,
      key,
      ...(before[key] === undefined ? {} : { before: before[key] }),
      after: value,
    }));
}
