/**
 * Asking on the wire who answers for a VIP. The words are settled by the cluster file alone, and always name a source
 * address of the host's own: without one a host that has the VIP itself would ask with the VIP, and so announce it.
 */
import type { Cluster, ClusterHost } from '../model/cluster.ts';
import type { RootCommand } from './root-command.ts';

export interface CensusQuestion {
  readonly vip: string;
  /** Asked from this interface, with this source address. */
  readonly interface: string;
  readonly source: string;
  /** How many real servers ask the same in the same segment: those that the VIP is forwarded to by DR. */
  readonly askers: number;
  readonly command: RootCommand;
}

/**
 * What the host is asked to find out: every VIP of the family of its own address, where the cluster file says which
 * interface has that address. A real server is asked about the services that are forwarded to it by DR or TUN, a director
 * where it has its DIP on the interface of the VIPs.
 */
export function censusQuestions(
  { virtualServices }: Pick<Cluster, 'virtualServices'>,
  host: ClusterHost,
): readonly CensusQuestion[] {
  const vantage = vantageOf(host);
  if (vantage === undefined) return [];
  const services =
    host.role === 'real-server'
      ? virtualServices.filter(
          ({ forwarding, destinations }) =>
            forwarding !== 'nat' && destinations.some(({ realServer }) => realServer.name === host.name),
        )
      : virtualServices;
  const vips = [...new Set(services.map(({ vip }) => vip))];
  return vips
    .filter((vip) => isIpv6(vip) === isIpv6(vantage.source))
    .map((vip) => ({
      vip,
      ...vantage,
      askers: askersOf(virtualServices, vip),
      command: censusCommand(vip, vantage, host.role),
    }));
}

function askersOf(virtualServices: Cluster['virtualServices'], vip: string): number {
  const servers = virtualServices
    .filter((service) => service.vip === vip && service.forwarding === 'dr')
    .flatMap(({ destinations }) => destinations.map(({ realServer }) => realServer));
  const asking = servers.filter((server) => vantageOf(server) !== undefined && isIpv6(server.rip) === isIpv6(vip));
  return new Set(asking.map(({ name }) => name)).size;
}

export function censusCommands(cluster: Pick<Cluster, 'virtualServices'>, host: ClusterHost): readonly RootCommand[] {
  return censusQuestions(cluster, host).map(({ command }) => command);
}

interface Vantage {
  readonly interface: string;
  readonly source: string;
}

function vantageOf(host: ClusterHost): Vantage | undefined {
  switch (host.role) {
    case 'director':
      return host.interface === host.vipInterface ? { interface: host.interface, source: host.dip } : undefined;
    case 'real-server':
      return host.interface === undefined ? undefined : { interface: host.interface, source: host.rip };
    case 'client':
      return host.interface === undefined ? undefined : { interface: host.interface, source: host.cip };
  }
}

/**
 * One question, and every answer within a second. arping gets no deadline (-w): with one it ends at the first answer, and
 * that of iputils 20190709 never ends. -b keeps to broadcasts.
 */
function censusCommand(
  vip: string,
  { interface: name, source }: Vantage,
  role: RootCommand['roles'][number],
): RootCommand {
  return {
    argv: isIpv6(vip)
      ? ['ndisc6', '-m', '-r', '1', '-w', '1000', '-s', source, vip, name]
      : ['arping', '-b', '-c', '1', '-I', name, '-s', source, vip],
    tier: 'read',
    roles: [role],
    only: source,
    why: `asks on the wire who answers for the VIP ${vip}`,
    optional: 'then who answers for the VIP is not asked from there',
  };
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}
