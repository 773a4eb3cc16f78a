/**
 * The IPVS rule that a declared service asks for, in the shape in which live rules are read. What the cluster file does
 * not speak of is as the live rule has it, as far as it still fits.
 */
import type { ConnectionThresholds, Destination, VirtualService } from './cluster.ts';
import type { IpvsDestination, IpvsService } from './facts.ts';

/** What `extra` of a service says, taken apart. */
export interface ServiceOptions {
  /** `-6`: a firewall mark of IPv6 packets. */
  readonly ipv6Mark: boolean;
  /** Word of `-M`; undefined is every client on its own, which ipvsadm does not print. */
  readonly netmask: string | undefined;
  readonly engine: string | undefined;
  readonly onePacket: boolean;
  readonly schedulerFlags: readonly string[];
  /** Words of a later ipvsadm. */
  readonly rest: readonly string[];
}

/** 1.26 and before print `pe` and `ops` without dashes, and a flag without a name is printed as `-b` and nothing. */
export function serviceOptions(extra: readonly string[]): ServiceOptions {
  let [ipv6Mark, onePacket] = [false, false];
  let netmask: string | undefined;
  let engine: string | undefined;
  let schedulerFlags: readonly string[] = [];
  const rest: string[] = [];
  const words = [...extra];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-6') ipv6Mark = true;
    else if (word === '-M') netmask = words.shift();
    else if (word === '--pe' || word === 'pe') engine = words.shift();
    else if (word === '--ops' || word === '-o' || word === 'ops') onePacket = true;
    else if (word === '-b') schedulerFlags = (words.shift() ?? '').split(',').filter((flag) => flag !== '');
    else rest.push(word);
  }
  return { ipv6Mark, netmask, engine, onePacket, schedulerFlags: schedulerFlags.toSorted(), rest };
}

/** The words again, always in one order, so that equal options are equal words. */
export function optionWords(options: ServiceOptions): readonly string[] {
  const { ipv6Mark, netmask, engine, onePacket, schedulerFlags, rest } = options;
  return [
    ...(ipv6Mark ? ['-6'] : []),
    ...(netmask === undefined ? [] : ['-M', netmask]),
    ...(engine === undefined ? [] : ['--pe', engine]),
    ...(onePacket ? ['--ops'] : []),
    ...(schedulerFlags.length === 0 ? [] : ['-b', schedulerFlags.join(',')]),
    ...rest,
  ];
}

/** Connection thresholds of a live destination; 0 is none. */
export function thresholdsOf({ extra }: Pick<IpvsDestination, 'extra'>): ConnectionThresholds {
  const value = (option: string) => Number(extra[extra.indexOf(option) + 1] ?? 0);
  return { upper: extra.includes('-x') ? value('-x') : 0, lower: extra.includes('-y') ? value('-y') : 0 };
}

/** `tcp 10.0.0.1:80`, `fwmark 7`, `fwmark 7 IPv6`: what a service is found by in the kernel; the same for declared and live. */
export function ruleKey(service: Pick<IpvsService, 'protocol' | 'address' | 'port' | 'fwmark' | 'extra'>): string {
  const { protocol, address, port, fwmark, extra } = service;
  if (fwmark !== undefined) return `fwmark ${fwmark}${extra.includes('-6') ? ' IPv6' : ''}`;
  return `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/**
 * Port of a destination in the rule. The packets of a firewall mark may have any port, and 0 leaves it as it is, so it
 * is said only where the destination's port is not the one that clients use.
 */
export function rulePort(service: VirtualService, { port }: Destination): number {
  return service.fwmark !== undefined && port === service.port ? 0 : port;
}

/** The live destination that is the declared one. */
export function liveDestination(
  service: VirtualService,
  destination: Destination,
  live: Pick<IpvsService, 'destinations'>,
): IpvsDestination | undefined {
  // For the port that clients use, a destination of a mark with that port written out is the same as one with port 0.
  const ports = [rulePort(service, destination), destination.port];
  return ports
    .map((port) => live.destinations.find((each) => each.address === destination.realServer.rip && each.port === port))
    .find((each) => each !== undefined);
}

/** The rule as it should be, destinations in the order declared. `live` is the rule of the same key, where there is one. */
export function ruleOf(service: VirtualService, live?: IpvsService): IpvsService {
  const { vip, port, protocol, fwmark, scheduler, persistenceS } = service;
  const place =
    fwmark === undefined
      ? { protocol, address: vip, port }
      : { protocol: 'fwmark' as const, address: '', port: 0, fwmark };
  return {
    ...place,
    scheduler,
    persistenceS,
    extra: optionWords(optionsOf(service, live)),
    destinations: service.destinations.map((destination) =>
      destinationOf(service, destination, live === undefined ? undefined : liveDestination(service, destination, live)),
    ),
  };
}

/** What ipvsadm leaves out, because it is what there is without `-M`. */
const everyClient = ['255.255.255.255', '128'];

function optionsOf(service: VirtualService, live: IpvsService | undefined): ServiceOptions {
  const found = serviceOptions(live?.extra ?? []);
  const persistent = service.persistenceS > 0;
  const netmask = service.persistenceNetmask ?? found.netmask;
  const engine = service.persistenceEngine ?? found.engine;
  const keptFlags = live?.scheduler === service.scheduler ? found.schedulerFlags : [];
  return {
    ipv6Mark: service.fwmark !== undefined && service.vip.includes(':'),
    netmask: !persistent || netmask === undefined || everyClient.includes(netmask) ? undefined : netmask,
    engine: !persistent || engine === 'none' ? undefined : engine,
    onePacket: service.onePacket ?? found.onePacket,
    schedulerFlags: service.schedulerFlags?.toSorted() ?? keptFlags,
    rest: found.rest,
  };
}

function destinationOf(
  service: VirtualService,
  destination: Destination,
  live: IpvsDestination | undefined,
): IpvsDestination {
  // Old kernels show every destination on the director itself as local, whatever was asked for.
  const forwarding = live?.forwarding === 'local' ? 'local' : service.forwarding;
  const { upper, lower } = destination.thresholds ?? (live === undefined ? { upper: 0, lower: 0 } : thresholdsOf(live));
  const others = withoutThresholds(live?.extra ?? []);
  return {
    address: destination.realServer.rip,
    port: live?.port ?? rulePort(service, destination),
    forwarding,
    weight: destination.weight,
    extra: [
      ...(forwarding === 'tun' ? others : withoutTunnel(others)),
      ...(upper === 0 ? [] : ['-x', String(upper)]),
      ...(lower === 0 ? [] : ['-y', String(lower)]),
    ],
  };
}

function withoutThresholds(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => !['-x', '-y'].some((option) => option === word || option === words[index - 1]));
}

/** `--tun-type` and `--tun-port` have a value, the others of their kind have none. */
function withoutTunnel(words: readonly string[]): readonly string[] {
  return words.filter(
    (word, index) => !word.startsWith('--tun-') && !['--tun-type', '--tun-port'].includes(words[index - 1] ?? ''),
  );
}
