/** Two directors under keepalived that stand in for each other, and what they say while the first one is master. */
import type { Cluster, ClusterHost } from '../lib/model/cluster.ts';
import type { HostFacts, KeepalivedConf, VrrpInstance } from '../lib/model/facts.ts';
import { Secret } from '../lib/model/secret.ts';
import { aCluster, aDirectCluster, aDirector } from './builders.ts';

export const conf = '/etc/keepalived/keepalived.conf';
/** Of the pair with NAT: the real servers' gateway. */
export const insideVip = '10.10.10.1';

/** VS/DR in one segment: director1 has priority 150, director2 100. */
export function aPair(change: Partial<Cluster> = {}): Cluster {
  const outside = { interface: 'eth0', vipInterface: 'eth0' };
  return aDirectCluster('dr', {
    directors: [
      aDirector({ ...outside, dip: '192.168.122.10' }),
      aDirector({ ...outside, name: 'director2', host: 'lb2.mgmt', dip: '192.168.122.9' }),
    ],
    rules: { managedBy: 'keepalived' },
    ha: { vrid: 51, advertIntervalMs: 1000 },
    ...change,
  });
}

/** VS/NAT, with an inner VIP as the gateway of the real servers. */
export function aNatPair(change: Partial<Cluster> = {}): Cluster {
  return aCluster({
    directors: [
      aDirector({ dip: '10.10.10.2' }),
      aDirector({ name: 'director2', host: 'lb2.mgmt', dip: '10.10.10.3' }),
    ],
    rules: { managedBy: 'keepalived' },
    ha: { vrid: 51, advertIntervalMs: 1000 },
    ...change,
  });
}

export function anInstance(change: Partial<VrrpInstance> = {}): VrrpInstance {
  return {
    path: conf,
    line: 5,
    name: 'VI_1',
    places: {},
    initialState: 'BACKUP',
    interface: 'eth0',
    vrid: 51,
    priority: 100,
    advertIntervalMs: 1000,
    version: 2,
    addresses: [{ path: conf, line: 12, address: '192.168.122.100', prefixLength: 32 }],
    excluded: [],
    authentication: { type: 'PASS', password: new Secret('s3cr3tpw') },
    unicastPeers: [],
    strict: false,
    accepts: true,
    nopreempt: false,
    garp: { repeat: 5, delayMs: 5000, refreshMs: 0, lowerPriorityRepeat: 5 },
    ...change,
  };
}

export function aConf(instances: readonly VrrpInstance[], change: Partial<KeepalivedConf> = {}): KeepalivedConf {
  return {
    files: [conf],
    unsure: [],
    instances,
    syncGroups: [],
    lvsSync: { path: conf, line: 3, interface: instances[0]?.interface ?? 'eth0', instance: 'VI_1', id: 51 },
    virtualServers: [
      {
        path: conf,
        line: 20,
        name: '192.168.122.100 80',
        realServers: [{ path: conf, line: 25, address: '10.10.10.10', checks: ['TCP_CHECK'], lookedAt: [] }],
      },
    ],
    ...change,
  };
}

type PairFacts = Pick<
  HostFacts,
  'keepalived' | 'keepalivedConf' | 'keepalivedTest' | 'keepalivedJournal' | 'connectionSync' | 'multicast'
>;

const none: PairFacts = {
  keepalived: { running: false },
  keepalivedConf: { files: [], unsure: [], instances: [], syncGroups: [], virtualServers: [] },
  keepalivedTest: { exitCode: 0, complaints: [] },
  keepalivedJournal: { transitions: [], complaints: [] },
  connectionSync: { daemons: [] },
  multicast: [],
};

/** Where one director is all there is, nobody runs keepalived. */
export function pairFactsOf(cluster: Cluster, host: ClusterHost): PairFacts {
  if (host.role !== 'director' || cluster.directors.length < 2) return none;
  const first = cluster.directors[0]?.name === host.name;
  const priority = first ? 150 : 100;
  const initialState = first ? 'MASTER' : 'BACKUP';
  const outer = anInstance({ priority, initialState, interface: host.vipInterface });
  const inner = anInstance({
    ...{ name: 'VI_GATEWAY', line: 30, priority, initialState, interface: host.interface, vrid: 52 },
    addresses: [{ path: conf, line: 37, address: insideVip, prefixLength: 24 }],
  });
  const nat = host.interface !== host.vipInterface;
  const instances = nat ? [outer, inner] : [outer];
  const sync = { interface: host.interface, id: 51 };
  return {
    keepalived: { version: '2.2.7', running: true },
    keepalivedConf: aConf(instances, {
      lvsSync: { path: conf, line: 3, interface: host.interface, instance: 'VI_1', id: 51 },
      ...(nat ? { syncGroups: [{ path: conf, line: 44, name: 'VG_1', members: ['VI_1', 'VI_GATEWAY'] }] } : {}),
      virtualServers: cluster.virtualServices.map(({ vip, port, destinations }) => ({
        path: conf,
        line: 50,
        name: `${vip} ${port}`,
        realServers: destinations.map(({ realServer }, index) => ({
          ...{ path: conf, line: 60 + 10 * index },
          ...{ address: realServer.rip, checks: ['TCP_CHECK', 'HTTP_GET'], lookedAt: [] },
        })),
      })),
    }),
    keepalivedTest: { exitCode: 0, complaints: [] },
    keepalivedJournal: {
      transitions: instances.flatMap(({ name }) => [
        { instance: name, state: 'BACKUP' as const, agoS: 3600 },
        ...(first ? [{ instance: name, state: 'MASTER' as const, agoS: 3596 }] : []),
      ]),
      complaints: [],
      sinceS: 3600,
    },
    connectionSync: {
      daemons: [{ role: first ? 'master' : 'backup', ...sync }],
      rows: first ? { local: 40, synced: 0 } : { local: 0, synced: 40 },
    },
    multicast: [
      ...instances.map((instance) => ({ interface: instance.interface ?? '', group: '224.0.0.18' })),
      ...(first ? [] : [{ interface: host.interface, group: '224.0.0.81' }]),
    ],
  };
}
