import type { ForwardingMethod, Protocol } from '../../../lib/model/cluster.ts';
import type { IpvsDestination, IpvsRules, IpvsService } from '../../../lib/model/facts.ts';
import { ruleKey } from '../../../lib/model/service-rule.ts';

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
    const family = protocol === 'fwmark' && words[0] === '-6' ? words.splice(0, 1) : [];
    const key = ruleKey({ protocol, ...place, extra: family });
    const index = this.services.findIndex((each) => ruleKey(each) === key);
    const service = this.services[index];
    const options = (): Pick<IpvsService, 'scheduler' | 'persistenceS' | 'extra'> => {
      const { extra, ...rest } = serviceOptions(words);
      return { ...rest, extra: [...family, ...extra] };
    };
    if (command === '-A') {
      if (service !== undefined) throw new Error('Service already exists');
      this.services.push({ protocol, ...place, ...options(), destinations: [] });
      return;
    }
    if (service === undefined) throw new Error('No such service');
    if (command === '-D') this.services.splice(index, 1);
    else if (command === '-E') this.services[index] = { ...service, ...options() };
    else this.services[index] = { ...service, destinations: changed(service.destinations, command ?? '', words) };
  }

  /** `ipvsadm -R`: goes on after a line that fails; answers what it said, and the exit code of the last line. */
  restore(input: string): { readonly stderr: string; readonly exitCode: number } {
    let [stderr, exitCode] = ['', 0];
    for (const line of input.split('\n').filter((text) => text !== ''))
      try {
        this.run(['ipvsadm', ...line.split(' ')]);
        exitCode = 0;
      } catch (error) {
        stderr += `${(error as Error).message}\n`;
        exitCode = 2;
      }
    return { stderr, exitCode };
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
  // ip_vs_add_dest, ip_vs_edit_dest: -ERANGE.
  const limit = (option: string) => Number(options.extra[options.extra.indexOf(option) + 1] ?? 0);
  if (options.extra.includes('-y') && limit('-y') > (options.extra.includes('-x') ? limit('-x') : 0))
    throw new Error('Numerical result out of range');
  return options;
}

function endpoint(text: string): { address: string; port: number } {
  const [, address = '', port = ''] = /^\[?([^\]]+)\]?:(\d+)$/.exec(text) ?? [];
  return { address, port: Number(port) };
}
