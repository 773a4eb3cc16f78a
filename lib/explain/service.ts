/**
 * Which service takes a packet: ip_vs_service_find of ip_vs_ctl.c. First one of its firewall mark, then of protocol,
 * address and port, then FTP for its data connections, then one of port 0.
 */
import { endpoint } from '../model/endpoint.ts';
import type { IpvsService, ListedService } from '../model/facts.ts';
import { serviceOptions } from '../model/service-rule.ts';
import type { Way } from './explanation.ts';
import { type AskedDirector, type Declared, type Flow, isIpv6 } from './input.ts';

export interface Found {
  readonly service: ListedService;
  readonly way: Way;
  /** The same as `ipvsadm -Sn` has it; absent where that could not be read. */
  readonly rule?: IpvsService;
}

const ftp = 21;
/** Ports below are taken for servers' own (ip_unprivileged_port_start). */
const unprivileged = 1024;

export function declaredService({ virtualServices }: Pick<Declared, 'virtualServices'>, flow: Flow) {
  return virtualServices.find(
    ({ vip, port, protocol }) => vip === flow.vip && port === flow.port && protocol === flow.protocol,
  );
}

/** Undefined where no service takes it, as far as its mark is what the cluster file says. */
export function findService(
  listed: readonly ListedService[],
  director: Pick<AskedDirector, 'rules'>,
  flow: Flow,
  declared: Pick<Declared, 'virtualServices'>,
): Found | undefined {
  const { vip, port, protocol } = flow;
  const at = (wanted: number) =>
    listed.find((one) => one.protocol === protocol && one.address === vip && one.port === wanted);
  const mark = declaredService(declared, flow)?.fwmark;
  const marked = mark === undefined ? undefined : marksOf(listed, flow).find(({ fwmark }) => fwmark === mark);
  const data = protocol === 'tcp' && (port === 20 || port >= unprivileged) ? at(ftp) : undefined;
  const ways: readonly (readonly [Way, ListedService | undefined])[] = [
    ['mark', marked],
    ['address', at(port)],
    ['ftp-data', data],
    ['any-port', at(0)],
  ];
  for (const [way, service] of ways) {
    if (service === undefined) continue;
    const rule = ruleOf(service, director, flow);
    return { service, way, ...(rule === undefined ? {} : { rule }) };
  }
  return undefined;
}

/** Services by mark of the packet's address family, which only their destinations tell. */
export function marksOf(listed: readonly ListedService[], { vip }: Flow): readonly ListedService[] {
  return listed.filter(
    ({ fwmark, destinations }) =>
      fwmark !== undefined &&
      (destinations.length === 0 || destinations.some(({ address }) => isIpv6(address) === isIpv6(vip))),
  );
}

function ruleOf(service: ListedService, { rules }: Pick<AskedDirector, 'rules'>, { vip }: Flow) {
  if (!rules.known) return undefined;
  return rules.value.services.find((one) => {
    if (service.fwmark !== undefined)
      return one.fwmark === service.fwmark && serviceOptions(one.extra).ipv6Mark === isIpv6(vip);
    return one.protocol === service.protocol && one.address === service.address && one.port === service.port;
  });
}

/** `TCP 192.168.122.100:80`, `FWM 7`. */
export function serviceLabel({ protocol, address, port, fwmark }: ListedService): string {
  return fwmark === undefined ? `${protocol.toUpperCase()} ${endpoint(address, port)}` : `FWM ${fwmark}`;
}

/** How the scheduler is told to work: `sh (sh-port), persistent for 300 s`. */
export function manner(found: Found): string {
  const { service, rule } = found;
  const flags = serviceOptions(rule?.extra ?? []).schedulerFlags;
  return [
    `${service.scheduler}${flags.length === 0 ? '' : ` (${flags.join(', ')})`}`,
    ...(service.persistence === undefined
      ? []
      : [`persistent${rule === undefined ? '' : ` for ${rule.persistenceS} s`}`]),
    ...(onePacket(found) ? ['one-packet'] : []),
  ].join(', ');
}

export function onePacket({ service, rule }: Found): boolean {
  return service.onePacket || serviceOptions(rule?.extra ?? []).onePacket;
}
