/** What is new in a keepalived.conf: lines of whole blocks, without outer indentation. Pure. */
import { IpvetError } from '../errors.ts';
import { redactor } from '../redaction.ts';
import type { ForwardingMethod, VirtualService } from '../model/cluster.ts';
import type { ConfService } from './keepalived-conf.ts';
import type { RealServerView, ServiceView } from './rules-view.ts';

export const methodWord: Readonly<Record<ForwardingMethod, string>> = { nat: 'NAT', dr: 'DR', tun: 'TUN' };

export interface NewRealServer {
  readonly server: RealServerView;
  /** For a real server that is forwarded to in another way than its service says. */
  readonly method?: string;
  readonly check: readonly string[];
  /** One level of indentation. */
  readonly unit: string;
}

export function realServerLines({ server, method, check, unit }: NewRealServer): readonly string[] {
  const { place, weight, upperThreshold = 0, lowerThreshold = 0 } = server;
  const [, six, four, port = '0'] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(place) ?? [];
  return [
    `real_server ${six ?? four ?? place}${port === '0' ? '' : ` ${port}`} {`,
    `${unit}weight ${weight ?? 1}`,
    ...(method === undefined ? [] : [`${unit}lvs_method ${method}`]),
    ...(upperThreshold === 0 ? [] : [`${unit}uthreshold ${upperThreshold}`]),
    ...(lowerThreshold === 0 ? [] : [`${unit}lthreshold ${lowerThreshold}`]),
    ...check.map((line) => `${unit}${line}`),
    '}',
  ];
}

/** The declared service as a block of its own, ending with a newline. */
export function newService(service: VirtualService, wanted: ServiceView, unit: string): string {
  const { vip, port, protocol, fwmark } = service;
  const check = newCheck(service, unit);
  const option = (keyword: string, value: string | undefined) =>
    value === undefined || value === 'none' ? [] : [`${unit}${keyword} ${value}`];
  const lines = [
    `virtual_server ${fwmark === undefined ? `${vip} ${port}` : `fwmark ${fwmark}`} {`,
    ...(fwmark !== undefined && vip.includes(':') ? [`${unit}ip_family inet6`] : []),
    `${unit}delay_loop 6`,
    `${unit}lb_algo ${service.scheduler}`,
    ...flagLines(wanted.flags).map((line) => `${unit}${line}`),
    ...(wanted.onePacket === true ? [`${unit}ops`] : []),
    `${unit}lb_kind ${methodWord[service.forwarding]}`,
    ...(service.persistenceS === 0
      ? []
      : [
          `${unit}persistence_timeout ${service.persistenceS}`,
          ...option('persistence_granularity', wanted.netmask),
          ...option('persistence_engine', wanted.engine),
        ]),
    ...(fwmark === undefined ? [`${unit}protocol ${protocol.toUpperCase()}`] : []),
    ...wanted.realServers.flatMap((server) => [
      '',
      ...realServerLines({ server, check, unit }).map((line) => `${unit}${line}`),
    ]),
    '}',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export function flagLines(flags: string | undefined): readonly string[] {
  return flags === undefined || flags === 'none' ? [] : flags.split(',');
}

/**
 * The declared health check. keepalived before 2.1 has none for UDP, and none has one for SCTP: such real servers
 * count as up.
 */
export function newCheck({ protocol, port, fwmark, health }: VirtualService, unit: string): readonly string[] {
  if (protocol !== 'tcp') return [];
  return [
    'HTTP_GET {',
    `${unit}url {`,
    `${unit}${unit}path ${pathWord(health.httpPath)}`,
    `${unit}${unit}status_code ${health.expectStatus}`,
    `${unit}}`,
    // A firewall mark has no port of its own to ask at.
    ...(fwmark === undefined ? [] : [`${unit}connect_port ${port}`]),
    `${unit}connect_timeout 3`,
    '}',
  ];
}

function pathWord(path: string): string {
  if (/^[^"\\$#!{}]+$/.test(path)) return path;
  if (!/["\\$]/.test(path)) return `"${path}"`;
  throw new IpvetError('REFUSED', `the path ${path} of a health check cannot be said in keepalived.conf`, {
    hint: 'a health check can ask for a path without quotes, backslashes and $',
  });
}

/** What names an address or a script is one real server's own. */
const special = /\d+\.\d+\.\d+\.\d+|[0-9a-fA-F]*:[0-9a-fA-F:]+|misc_path|connect_ip|bindto/;

/** The health check that all real servers of the service have word for word; undefined when they differ. */
export function sharedCheck(text: string, { realServers }: ConfService): readonly string[] | undefined {
  const checks = realServers.map(({ checks }) =>
    checks.map(({ start, end }) => text.slice(start, end).replaceAll(/\n[ \t]*/g, '\n')).join('\n'),
  );
  const [first] = checks;
  if (first === undefined || first === '' || special.test(first) || redactor.text(first) !== first) return undefined;
  if (checks.some((each) => each !== first)) return undefined;
  return realServers[0]?.checks.flatMap(({ start, end }) => dedented(text.slice(start, end)));
}

function dedented(text: string): readonly string[] {
  const [first = '', ...rest] = text.split('\n');
  const depth = /^[ \t]*/.exec(rest.at(-1) ?? '')?.[0].length ?? 0;
  return [first, ...rest.map((line) => (/^[ \t]*$/.test(line.slice(0, depth)) ? line.slice(depth) : line))];
}
