/**
 * /proc/net/ip_vs (ip_vs_ctl.c, ip_vs_info_seq_show): services, and their destinations in the order in which schedulers go
 * through them.
 */
import type { ListedDestination, ListedPersistence, ListedService } from '../model/facts.ts';
import { ParseError } from './parse-error.ts';
import { addressFromTable, portFromTable } from './table-address.ts';

const source = '/proc/net/ip_vs';

type Draft = Omit<ListedService, 'destinations'> & { readonly destinations: ListedDestination[] };

const protocolOf: Readonly<Record<string, 'tcp' | 'udp' | 'sctp'>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/** Throws ParseError. */
export function parseServiceListing(text: string): readonly ListedService[] {
  const [head = '', , columns = '', ...lines] = text.split('\n');
  if (!head.startsWith('IP Virtual Server version ') || !columns.includes('RemoteAddress:Port'))
    throw new ParseError(source, text);
  const services: Draft[] = [];
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const words = line.trim().split(/\s+/);
    const service = services.at(-1);
    if (words[0] !== '->') services.push(serviceOf(words, line));
    else if (service === undefined) throw new ParseError(source, line);
    else service.destinations.push(destinationOf(words, line));
  }
  return services;
}

function serviceOf([kind = '', place = '', scheduler, ...rest]: readonly string[], line: string): Draft {
  if (scheduler === undefined) throw new ParseError(source, line);
  const persistence = persistenceOf(rest, line);
  const common = {
    scheduler,
    onePacket: rest.includes('ops'),
    ...(persistence === undefined ? {} : { persistence }),
    destinations: [],
  };
  if (kind === 'FWM') {
    if (!/^[\dA-F]{8}$/i.test(place)) throw new ParseError(source, line);
    return { protocol: 'fwmark', address: '', port: 0, fwmark: Number.parseInt(place, 16), ...common };
  }
  const protocol = protocolOf[kind];
  if (protocol === undefined) throw new ParseError(source, line);
  return { protocol, ...placeOf(place, line), ...common };
}

function persistenceOf(words: readonly string[], line: string): ListedPersistence | undefined {
  const at = words.indexOf('persistent');
  if (at === -1) return undefined;
  const [timeout = '', netmask = ''] = words.slice(at + 1);
  if (!/^\d+$/.test(timeout) || !/^[\dA-F]{8}$/i.test(netmask)) throw new ParseError(source, line);
  return { timeoutJiffies: Number(timeout), netmask: Number.parseInt(netmask, 16) };
}

const methodOf: Readonly<Record<string, ListedDestination['forwarding']>> = {
  Masq: 'nat',
  Route: 'dr',
  Tunnel: 'tun',
  Local: 'local',
};

function destinationOf(words: readonly string[], line: string): ListedDestination {
  const [, place = '', method = '', ...figures] = words;
  const forwarding = methodOf[method];
  if (forwarding === undefined || figures.length !== 3 || !figures.every((figure) => /^-?\d+$/.test(figure)))
    throw new ParseError(source, line);
  const [weight = 0, active = 0, inactive = 0] = figures.map(Number);
  return { ...placeOf(place, line), forwarding, weight, active, inactive };
}

function placeOf(text: string, line: string): { readonly address: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):([^:]+)$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined || port === undefined) throw new ParseError(source, line);
  return { address: addressFromTable(address), port: portFromTable(port) };
}
