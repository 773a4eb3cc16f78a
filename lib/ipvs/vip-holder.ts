/** Which director of several clients talk to now: the one that has the VIP. */
import type { VirtualService } from '../model/cluster.ts';
import { parseIpAddressText } from '../parse/ip-address.ts';
import { addressInTable } from '../parse/table-address.ts';
import type { Host } from '../ssh/host.ts';

/** Also what a dry run shows. */
export const addressesArgv: readonly string[] = ['ip', '-o', 'address', 'show'];

const askLimitMs = 10_000;

type HasVip = Pick<VirtualService, 'vip'>;

/** Whether `ip -o address show` has the VIP of one of the services; on lo, where a standby may keep it, it does not count. */
export function vipIn(text: string, services: readonly HasVip[]): boolean {
  const there = parseIpAddressText(text)
    .filter(({ interface: name }) => name !== 'lo')
    .map(({ address }) => addressInTable(address));
  return services.some(({ vip }) => there.includes(addressInTable(vip)));
}

/** Throws what `Host` throws. */
export async function holdsVip(host: Host, services: readonly HasVip[], signal: AbortSignal): Promise<boolean> {
  const { stdout } = await host.exec(addressesArgv, { signal, timeoutMs: askLimitMs });
  return vipIn(stdout, services);
}

/** Those whom clients do not talk to come first: what does not work there is taken back before anybody notices. */
export async function standbysFirst(
  hosts: readonly Host[],
  services: readonly HasVip[],
  signal: AbortSignal,
): Promise<readonly Host[]> {
  if (hosts.length < 2) return hosts;
  const active = await Promise.all(hosts.map((host) => holdsVip(host, services, signal)));
  return [
    ...hosts.filter((_host, index) => active[index] !== true),
    ...hosts.filter((_host, index) => active[index] === true),
  ];
}
