/** Rules as words of ipvsadm(8). An edit replaces everything, so what is to stay is said again. */
import { endpoint } from './endpoint.ts';
import type { IpvsDestination, IpvsService } from './facts.ts';
import { optionWords, serviceOptions } from './service-rule.ts';

type ServiceName = Pick<IpvsService, 'protocol' | 'address' | 'port' | 'fwmark' | 'extra'>;

const protocolFlag = { tcp: '-t', udp: '-u', sctp: '--sctp-service', fwmark: '-f' } as const;
const forwardingFlag = { nat: '-m', dr: '-g', tun: '-i' } as const;

/** `-t 10.0.0.100:80` */
export function serviceName(service: ServiceName): readonly string[] {
  if (service.fwmark === undefined) return [protocolFlag[service.protocol], endpoint(service.address, service.port)];
  return ['-f', String(service.fwmark), ...(service.extra.includes('-6') ? ['-6'] : [])];
}

/** `-t 10.0.0.100:80 -s rr -p 300` and the words beyond the model. */
export function serviceWords(service: IpvsService): readonly string[] {
  const persistence = service.persistenceS === 0 ? [] : ['-p', String(service.persistenceS)];
  const options = optionWords({ ...serviceOptions(service.extra), ipv6Mark: false });
  return [...serviceName(service), '-s', service.scheduler, ...persistence, ...options];
}

/** `-t 10.0.0.100:80 -r 10.0.0.1:80` */
export function destinationName(service: ServiceName, destination: IpvsDestination): readonly string[] {
  return [...serviceName(service), '-r', endpoint(destination.address, destination.port)];
}

/** `-t 10.0.0.100:80 -r 10.0.0.1:80 -m -w 1` and the words beyond the model. */
export function destinationWords(service: ServiceName, destination: IpvsDestination): readonly string[] {
  // `local` is what old kernels say of a destination that is an address of the director; they find that out by themselves.
  const flag = destination.forwarding === 'local' ? '-g' : forwardingFlag[destination.forwarding];
  return [...destinationName(service, destination), flag, '-w', String(destination.weight), ...destination.extra];
}
