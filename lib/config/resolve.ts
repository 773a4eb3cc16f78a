/** A valid cluster file → the cluster, every default filled in, addresses in the form the kernel prints. */
import { dirname, resolve } from 'node:path';
import type {
  Client,
  Cluster,
  ConnectionThresholds,
  Destination,
  Director,
  Exchange,
  HostDeclaration,
  Identification,
  RealServer,
  Threshold,
  VirtualService,
} from '../model/cluster.ts';
import type {
  ClientEntry,
  ClusterFile,
  CommandEntry,
  DirectorEntry,
  RealServerEntry,
  ThresholdEntry,
  VirtualServiceEntry,
} from '../model/cluster-file.ts';
import { canonicalAddress } from './address.ts';
import { optional } from './optional.ts';
import { delayAbortS, smoke } from './defaults.ts';
import { checksOf } from './own-checks.ts';
import { profileOf } from './profile.ts';
import { addressesOf } from './source-pool.ts';
import { durationMs, limitValue } from './units.ts';

/** `path` is the absolute path of the file. Call with a file that has no problems. */
export function resolveCluster(file: ClusterFile, path: string): Cluster {
  const realServers = file.real_servers.map((entry): RealServer => ({
    role: 'real-server',
    ...hostOf(entry, file),
    rip: canonicalAddress(entry.rip),
    ...optional('interface', entry.interface),
    weight: entry.weight ?? 1,
    ...optional('thresholds', thresholdsOf(entry.thresholds)),
  }));
  const declared = Object.entries(file.load?.profiles ?? {}).map(([name, entry]) => profileOf(name, entry));
  return {
    name: file.name,
    environment: file.environment,
    file: path,
    ssh: {
      ...optional('user', file.ssh?.user),
      become: file.ssh?.become ?? 'sudo',
      parallel: file.ssh?.parallel ?? 32,
      ...optional('configFile', file.ssh?.config === undefined ? undefined : resolve(dirname(path), file.ssh.config)),
    },
    directors: file.directors.map((entry): Director => ({
      role: 'director',
      ...hostOf(entry, file),
      dip: canonicalAddress(entry.dip),
      interface: entry.interface,
      vipInterface: entry.vip_interface ?? entry.interface,
      ...optional('power', entry.power && { off: wordsOf(entry.power.off), on: wordsOf(entry.power.on) }),
    })),
    realServers,
    clients: (file.clients ?? []).map((entry): Client => ({
      role: 'client',
      ...hostOf(entry, file),
      ...optional('netns', entry.netns),
      ...sourcesOf(entry.cip),
      ...optional('interface', entry.interface),
    })),
    dns: (file.dns ?? []).map(({ name, address, server }) => ({
      name,
      address: canonicalAddress(address),
      ...optional('server', server === undefined ? undefined : canonicalAddress(server)),
    })),
    virtualServices: file.virtual_services.map((entry) => serviceOf(entry, realServers)),
    rules: { managedBy: file.rules?.managed_by ?? 'ipvsadm' },
    ...optional(
      'ha',
      file.ha && {
        ...optional('vrid', file.ha.vrid),
        ...optional('advertIntervalMs', file.ha.advert_int === undefined ? undefined : durationMs(file.ha.advert_int)),
      },
    ),
    loadProfiles: declared.some(({ name }) => name === smoke.name) ? declared : [smoke, ...declared],
    thresholds: (file.thresholds ?? []).map(thresholdOf),
    waivers: (file.waivers ?? []).map(({ check, hosts, why, by, expires }) => ({
      check,
      hosts: hosts ?? [],
      why,
      ...optional('by', by),
      expires,
    })),
    checks: checksOf(file, path),
  };
}

const wordsOf = (command: CommandEntry): readonly string[] =>
  typeof command === 'string' ? ['sh', '-c', command] : command;

function sourcesOf(cip: ClientEntry['cip']): Pick<Client, 'cip' | 'pool'> {
  const pool = addressesOf(cip);
  return { cip: pool[0] ?? '', ...(pool.length > 1 ? { pool } : {}) };
}

function hostOf(entry: DirectorEntry | RealServerEntry | ClientEntry, file: ClusterFile): HostDeclaration {
  const host = entry.host ?? entry.name;
  return {
    name: entry.name,
    host,
    // This machine is not logged in to.
    ...optional('user', entry.user ?? (host === 'localhost' ? undefined : file.ssh?.user)),
    ...optional('port', entry.port),
    ...optional('jump', entry.jump),
  };
}

function serviceOf(entry: VirtualServiceEntry, realServers: readonly RealServer[]): VirtualService {
  const { real_servers: chosen = 'all' } = entry;
  const chosenOnes = chosen === 'all' ? realServers.map(({ name }) => name) : chosen;
  const destinations = chosenOnes.flatMap((choice): Destination[] => {
    const { name, port, weight, thresholds } = typeof choice === 'string' ? { name: choice } : choice;
    const realServer = realServers.find((other) => other.name === name);
    return realServer === undefined
      ? []
      : [
          {
            realServer,
            port: port ?? entry.port,
            weight: weight ?? realServer.weight,
            ...optional('thresholds', thresholdsOf(thresholds) ?? realServer.thresholds),
          },
        ];
  });
  return {
    name: entry.name,
    vip: canonicalAddress(entry.vip),
    port: entry.port,
    protocol: entry.protocol ?? 'tcp',
    ...optional('fwmark', entry.fwmark),
    forwarding: entry.forwarding,
    // ipvsadm(8): "The default scheduler is wlc."
    scheduler: entry.scheduler ?? 'wlc',
    persistenceS: entry.persistence ?? 0,
    ...optional(
      'persistenceNetmask',
      entry.persistence_netmask === undefined ? undefined : String(entry.persistence_netmask),
    ),
    ...optional('persistenceEngine', entry.persistence_engine),
    ...optional('schedulerFlags', entry.scheduler_flags),
    ...optional('onePacket', entry.one_packet),
    destinations,
    health: { httpPath: entry.health?.http ?? '/', expectStatus: entry.health?.expect ?? 200 },
    identifyBy: identificationOf(entry.identify_by),
    ...optional('exchange', exchangeOf(entry)),
  };
}

function identificationOf(entry: VirtualServiceEntry['identify_by']): Identification {
  if (entry === undefined) return { kind: 'none' };
  if ('header' in entry) return { kind: 'header', name: entry.header };
  return 'body' in entry ? { kind: 'body', pattern: entry.body } : { kind: 'certificate' };
}

function exchangeOf({ exchange, protocol }: VirtualServiceEntry): Exchange | undefined {
  if (exchange === undefined) return undefined;
  return {
    protocol: exchange.protocol ?? (protocol === 'udp' ? 'udp' : 'http'),
    ...optional('send', exchange.send),
    ...optional('expect', exchange.expect),
    ...optional('serverName', exchange.server_name),
  };
}

function thresholdsOf(entry: RealServerEntry['thresholds']): ConnectionThresholds | undefined {
  return entry === undefined ? undefined : { upper: entry.upper, lower: entry.lower ?? 0 };
}

function thresholdOf(entry: ThresholdEntry): Threshold {
  const { load, metric, max, min } = entry;
  return {
    load,
    metric,
    ...optional('max', max === undefined ? undefined : limitValue(metric, max)),
    ...optional('min', min === undefined ? undefined : limitValue(metric, min)),
    ...optional(
      'abortAfterMs',
      entry.abort_on_fail === true ? durationMs(entry.delay_abort ?? delayAbortS) : undefined,
    ),
  };
}
