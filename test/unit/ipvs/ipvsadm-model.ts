import type { ForwardingMethod, Protocol } from '../../../lib/model/cluster.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../../../lib/model/facts.ts';

const protocols: Readonly<Record<string, Protocol | 'fwmark'>> = {
  '-t': 'tcp',
  '-u': 'udp',
  '--sctp-service': 'sctp',
  '-f': 'fwmark',
};
const methods: Readonly<Record<string, ForwardingMethod>> = { '-m': 'nat', '-g': 'dr', '-i': 'tun' };

/**
 * What ipvsadm and the kernel do, as ipvsadm(8) and ip_vs_ctl.c say: an edit replaces everything that is not said
 * again (no -p: not persistent; no -w: weight 1; no -x: no threshold), what exists cannot be added, what is gone
 * cannot be changed.
 */
export class IpvsadmModel {
  services: IpvsService[];

  constructor(rules: IpvsRules) {
    this.services = [...rules.services];
  }

  get rules(): IpvsRules {
    return { services: this.services };
  }

  run(argv: readonly string[]): void {
    const [program, command, flag = '', name = '', ...words] = argv;
    if (program !== 'ipvsadm') throw new Error(`not ipvsadm: ${argv.join(' ')}`);
    const protocol = protocols[flag];
    if (protocol === undefined) throw new Error(`unexpected ${flag}`);
    const place = protocol === 'fwmark' ? { address: '', port: 0, fwmark: Number(name) } : endpoint(name);
    const index = this.services.findIndex(
      (each) => each.protocol === protocol && each.address === place.address && each.port === place.port,
    );
    const service = this.services[index];
    if (command === '-A') {
      if (service !== undefined) throw new Error('Service already exists');
      this.services.push({ protocol, ...place, ...serviceOptions(words), destinations: [] });
      return;
    }
    if (service === undefined) throw new Error('No such service');
    if (command === '-D') this.services.splice(index, 1);
    else if (command === '-E') this.services[index] = { ...service, ...serviceOptions(words) };
    else this.services[index] = { ...service, destinations: changed(service.destinations, command ?? '', words) };
  }
}

function changed(list: readonly IpvsDestination[], command: string, words: readonly string[]): IpvsDestination[] {
  const next = destinationOptions(words);
  const same = (each: IpvsDestination) => each.address === next.address && each.port === next.port;
  if (command === '-a') {
    if (list.some(same)) throw new Error('Destination already exists');
    return [...list, next];
  }
  if (!list.some(same)) throw new Error('No such destination');
  if (command === '-d') return list.filter((each) => !same(each));
  if (command === '-e') return list.map((each) => (same(each) ? next : each));
  throw new Error(`unexpected ${command}`);
}

function serviceOptions(words: readonly string[]): Pick<IpvsService, 'scheduler' | 'persistenceS' | 'extra'> {
  const options = { scheduler: 'wlc', persistenceS: 0, extra: [] as string[] };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '-s') options.scheduler = rest.shift() ?? '';
    else if (word === '-p') options.persistenceS = Number(rest.shift());
    else if (word === '--ops') options.extra.push(word);
    else if (['-M', '--pe', '-b'].includes(word)) options.extra.push(word, rest.shift() ?? '');
    else throw new Error(`unexpected argument ${word}`);
  }
  return options;
}

function destinationOptions(words: readonly string[]): IpvsDestination {
  const options = { address: '', port: 0, forwarding: 'dr' as ForwardingMethod, weight: 1, extra: [] as string[] };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const method = methods[word];
    if (word === '-r') Object.assign(options, endpoint(rest.shift() ?? ''));
    else if (method !== undefined) options.forwarding = method;
    else if (word === '-w') options.weight = Number(rest.shift());
    else if (['-x', '-y', '--tun-type', '--tun-port'].includes(word)) options.extra.push(word, rest.shift() ?? '');
    else if (word.startsWith('--tun-')) options.extra.push(word);
    else throw new Error(`unexpected argument ${word}`);
  }
  return options;
}

function endpoint(text: string): { address: string; port: number } {
  const [, address = '', port = ''] = /^\[?([^\]]+)\]?:(\d+)$/.exec(text) ?? [];
  return { address, port: Number(port) };
}
