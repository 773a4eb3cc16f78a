/** The addresses of a client's pool, added for the time of a load and removed after it: words settled by the cluster file alone. */
import { type ClusterHost, sourcesOf } from '../model/cluster.ts';
import type { RootCommand } from './root-command.ts';

export interface PoolAddress {
  readonly address: string;
  /** As `ip -o address show` has it. */
  readonly entry: string;
  readonly add: RootCommand;
  readonly remove: RootCommand;
}

/** One for each address of the client's pool; none where it has none. A prefix of one address makes no route. */
export function poolAddresses(host: ClusterHost): readonly PoolAddress[] {
  if (host.role !== 'client' || host.pool === undefined || host.interface === undefined) return [];
  const device = host.interface;
  return sourcesOf(host).map((address) => {
    const ipv6 = address.includes(':');
    const entry = `${address}/${ipv6 ? 128 : 32}`;
    const shared = {
      tier: 'change',
      roles: ['client'],
      optional: 'then the addresses have to be there already',
    } as const;
    return {
      address,
      entry,
      add: {
        ...shared,
        // Duplicate address detection would keep it from being used for a second.
        argv: ['ip', 'address', 'add', entry, 'dev', device, ...(ipv6 ? ['nodad'] : [])],
        why: `adds ${address}, a source of load, to ${device} for the time of the load`,
      },
      remove: {
        ...shared,
        argv: ['ip', 'address', 'delete', entry, 'dev', device],
        why: `removes ${address} from ${device} again`,
      },
    };
  });
}

export function poolCommands(host: ClusterHost): readonly RootCommand[] {
  return poolAddresses(host).flatMap(({ add, remove }) => [add, remove]);
}
