/**
 * IPVS rules from `ipvsadm -Sn` (ipvsadm(8); print_service_entry in ipvsadm.c). That listing has no connection
 * thresholds, in any version up to 1.31: they come from `ipvsadm -Ln --thresholds`.
 */
import type { ForwardingMethod, Protocol } from '../model/cluster.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../model/facts.ts';
import { optionWords, ruleKey, serviceOptions } from '../model/service-rule.ts';
import { ParseError } from './parse-error.ts';

const source = 'ipvsadm -Sn';

interface Words {
  readonly command: string;
  readonly service: Pick<IpvsService, 'protocol' | 'address' | 'port' | 'fwmark'>;
  readonly family: readonly string[];
  readonly rest: readonly string[];
}

type Draft = Omit<IpvsService, 'destinations'> & { readonly destinations: IpvsDestination[] };

/** Throws ParseError. Words the model has no field for are kept in `extra`, as `ipvsadm -A` and `-a` take them. */
export function parseIpvsRules(save: string): IpvsRules {
  const services = new Map<string, Draft>();
  for (const line of save.split('\n')) {
    if (line.trim() === '') continue;
    const words = wordsOf(line);
    const key = serviceKey(words.service, words.family);
    if (words.command === '-A') services.set(key, serviceOf(words, line));
    else {
      const service = services.get(key);
      if (service === undefined) throw new ParseError(source, line);
      service.destinations.push(destinationOf(words.rest, line));
    }
  }
  return { services: [...services.values()] };
}

/** What names a service in the kernel. */
function serviceKey(service: Words['service'], family: readonly string[]): string {
  return [service.protocol, service.address, service.port, service.fwmark ?? '', ...family].join(' ');
}

const protocolOf: Readonly<Record<string, Protocol>> = { '-t': 'tcp', '-u': 'udp', '--sctp-service': 'sctp' };

function wordsOf(line: string): Words {
  const [command, kind = '', name = '', ...rest] = line.trim().split(/\s+/);
  if (command !== '-A' && command !== '-a') throw new ParseError(source, line);
  if (kind === '-f') {
    // Printed with a sign (%d): marks above 2^31 come out negative.
    const fwmark = wholeNumber(name, line) >>> 0;
    const family = rest[0] === '-6' ? ['-6'] : [];
    return {
      command,
      service: { protocol: 'fwmark', address: '', port: 0, fwmark },
      family,
      rest: rest.slice(family.length),
    };
  }
  const protocol = protocolOf[kind];
  if (protocol === undefined) throw new ParseError(source, line);
  return { command, service: { protocol, ...endpoint(name, line) }, family: [], rest };
}

function serviceOf({ service, family, rest }: Words, line: string): Draft {
  let scheduler: string | undefined;
  let persistenceS = 0;
  const extra: string[] = [...family];
  const words = [...rest];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-s') scheduler = words.shift();
    else if (word === '-p') persistenceS = wholeNumber(words.shift(), line);
    else extra.push(word);
  }
  if (scheduler === undefined) throw new ParseError(source, line);
  return { ...service, scheduler, persistenceS, extra: optionWords(serviceOptions(extra)), destinations: [] };
}

const methodOf: Readonly<Record<string, ForwardingMethod | 'local'>> = {
  '-m': 'nat',
  '-g': 'dr',
  '-i': 'tun',
  '-l': 'local',
};

function destinationOf(rest: readonly string[], line: string): IpvsDestination {
  let place: { address: string; port: number } | undefined;
  let forwarding: IpvsDestination['forwarding'] | undefined;
  let weight: number | undefined;
  const extra: string[] = [];
  const words = [...rest];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const method = methodOf[word];
    if (word === '-r') place = endpoint(words.shift() ?? '', line);
    else if (method !== undefined) forwarding = method;
    else if (word === '-w') weight = wholeNumber(words.shift(), line);
    else extra.push(word);
  }
  if (place === undefined || forwarding === undefined || weight === undefined) throw new ParseError(source, line);
  return { ...place, forwarding, weight, extra };
}

function endpoint(text: string, line: string): { address: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) throw new ParseError(source, line);
  return { address: canonicalAddress(address, line), port: Number(port) };
}

/** IPv6 as RFC 5952 has it, with an IPv4 part as ipvsadm prints it. */
function canonicalAddress(text: string, line: string): string {
  if (text.includes('.')) return text.toLowerCase();
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch (cause) {
    throw new ParseError(source, line, cause);
  }
}

function wholeNumber(text: string | undefined, line: string): number {
  // Weights are signed in ipvsadm's output and in the kernel.
  if (text === undefined || !/^-?\d+$/.test(text)) throw new ParseError(source, line);
  return Number(text);
}

/**
 * The rules with the thresholds that `ipvsadm -Ln --thresholds` shows, as words `-x` and `-y` of each destination that
 * has them. Throws ParseError. Rows of services or destinations that the rules lack are left out: the two listings are
 * made one after the other.
 */
export function withThresholds(rules: IpvsRules, listing: string): IpvsRules {
  const thresholds = new Map<string, readonly string[]>();
  let service = '';
  for (const line of listing.split('\n')) {
    const words = line.trim().split(/\s+/);
    const [first = '', second = ''] = words;
    if (first === 'FWM') service = `fwmark ${Number(second) >>> 0}${words[2] === 'IPv6' ? ' IPv6' : ''}`;
    else if (/^(TCP|UDP|SCTP)$/.test(first)) service = `${first.toLowerCase()} ${second}`;
    else if (first === '->' && /:\d+$/.test(second)) {
      const [upper = '', lower = ''] = words.slice(2);
      if (!/^\d+$/.test(upper) || !/^\d+$/.test(lower)) throw new ParseError('ipvsadm -Ln --thresholds', line);
      const extra = [...(upper === '0' ? [] : ['-x', upper]), ...(lower === '0' ? [] : ['-y', lower])];
      if (extra.length > 0) thresholds.set(`${service} ${second}`, extra);
    }
  }
  if (thresholds.size === 0) return rules;
  return {
    services: rules.services.map((each) => ({
      ...each,
      destinations: each.destinations.map((destination) => {
        const extra = thresholds.get(`${ruleKey(each)} ${endpointText(destination)}`);
        return extra === undefined ? destination : { ...destination, extra: [...destination.extra, ...extra] };
      }),
    })),
  };
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function endpointText({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
