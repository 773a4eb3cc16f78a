/** Shell lines that a boot runs, as far as they give an address, a route or a kernel parameter in plain words. */
import {
  addressWithPrefix,
  isAddressText,
  namesAddress,
  type NetworkDraft,
  prefixLengthOf,
  unquoted,
} from './boot-settings.ts';
import { keyOfSysctlPath } from './sysctl.ts';

/**
 * Adds what the line does to the draft. A line that names an address, or sets a kernel parameter, in a way that is not
 * known here is kept as it is. `device` stands in for $IFACE; `line` is the whole line of the file, kept with an address
 * that is all it is about.
 */
export function readBootCommand(
  line: string,
  draft: NetworkDraft,
  from: { readonly file: string; readonly device?: string; readonly line?: string },
): void {
  const text = line.replaceAll(/\$\{?IFACE\}?(?!\w)/g, from.device ?? '$IFACE');
  const commands = text.split(/&&|\|\||[;|]/).filter((command) => command.trim() !== '');
  const before = draft.addresses.length;
  let known = true;
  // An assignment alone is for lines to come.
  for (const words of commands.map(wordsOf)) {
    known = words.length > 0 && readCommand(words, draft, from.file) && known;
  }
  const alone = commands.filter((command) => !/^\s*(true|:)\s*$/.test(command)).length === 1;
  const { line: whole } = from;
  if (alone && whole !== undefined)
    draft.addresses.push(...draft.addresses.splice(before).map((entry) => ({ ...entry, line: whole })));
  if (!known && (namesAddress(text) || setsParameter(text))) draft.other.push({ text: line.trim(), file: from.file });
}

/** Whether a line changes a kernel parameter of the network, in whatever words. */
export function setsParameter(text: string): boolean {
  return /\/proc\/sys\/net\/|\bsysctl\b.*\bnet[./]/.test(text);
}

function wordsOf(command: string): string[] {
  const words = command
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  while (/^(sudo|exec|then|else|do|\{|!|[A-Za-z_]\w*=\S*)$/.test(words[0] ?? '')) words.shift();
  return words.filter((word) => !/^(\d?>&\d|[&\d]?>?\/dev\/null|[&\d]>)$/.test(word));
}

function readCommand(words: readonly string[], draft: NetworkDraft, file: string): boolean {
  const [program = '', ...args] = words;
  switch (program.slice(program.lastIndexOf('/') + 1)) {
    case 'ip':
      return readIp(
        args.filter((word) => !word.startsWith('-')),
        draft,
        file,
      );
    case 'ifconfig':
      return readIfconfig(args, draft, file);
    case 'route':
      return readRoute(args, 'gw', draft, file);
    case 'sysctl':
      return readSysctl(args, draft, file);
    case 'echo':
    case 'printf':
      return readEcho(args, draft, file);
    case 'true':
    case 'false':
    case 'modprobe':
    case ':':
      return true;
    default:
      return false;
  }
}

const begins = (whole: string, word: string | undefined): boolean => word !== undefined && whole.startsWith(word);

function readIp(words: readonly string[], draft: NetworkDraft, file: string): boolean {
  const [object, verb = '', ...rest] = words;
  if (begins('address', object) || object === 'addr') {
    if (!['add', 'a', 'ad', 'replace', 'change'].includes(verb)) return /^(del|d|flush|show|list)/.test(verb);
    const dev = rest[rest.indexOf('dev') + 1];
    const local = rest.includes('local') ? rest[rest.indexOf('local') + 1] : rest[0];
    const found = addressWithPrefix(local ?? '');
    if (found === undefined) return false;
    draft.addresses.push({ ...(rest.includes('dev') && dev !== undefined ? { interface: dev } : {}), ...found, file });
    return true;
  }
  if (begins('route', object))
    return !/^(a|add|ap|append|r|replace|c|change)$/.test(verb) || readRoute(rest, 'via', draft, file);
  return begins('link', object) || begins('tunnel', object) || begins('rule', object) || begins('neighbour', object);
}

function readIfconfig(words: readonly string[], draft: NetworkDraft, file: string): boolean {
  const [device, ...rest] = words;
  const given = rest.map(addressWithPrefix);
  const first = given.findIndex((address, index) => {
    const before = rest[index - 1];
    return address !== undefined && (index === 0 || before === 'inet' || before === 'inet6' || before === 'add');
  });
  const found = given[first];
  if (device === undefined) return false;
  if (found === undefined) return /^(up|down|mtu|-?arp|-?promisc|txqueuelen)$/.test(rest[0] ?? '');
  const length = found.prefixLength ?? prefixLengthOf(rest[rest.indexOf('netmask') + 1]);
  draft.addresses.push({
    interface: device,
    address: found.address,
    ...(length === undefined ? {} : { prefixLength: length }),
    ...(found.prefixLength === undefined ? { lengthApart: true as const } : {}),
    file,
  });
  return true;
}

/** A route without a next hop says nothing of a gateway, and is known all the same. */
function readRoute(words: readonly string[], hop: 'via' | 'gw', draft: NetworkDraft, file: string): boolean {
  const at = words.lastIndexOf(hop);
  if (at === -1) return !words.some((word) => word.includes('$'));
  const [next = '', second = ''] = words.slice(at + 1);
  const gateway = next === 'inet' || next === 'inet6' ? second : next;
  if (!isAddressText(gateway)) return false;
  draft.gateways.push({ address: gateway, file });
  return true;
}

function readSysctl(words: readonly string[], draft: NetworkDraft, file: string): boolean {
  const settings = words.filter((word) => !word.startsWith('-'));
  // `sysctl -p FILE` and `--system` read files that are read here as well.
  if (settings.every((word) => !word.includes('='))) return true;
  for (const word of settings) {
    const [key = '', value = ''] = word.split('=');
    if (key.includes('$') || value.includes('$')) return false;
    draft.settings.push({ key: key.replaceAll('/', '.'), value: unquoted(value), file });
  }
  return true;
}

/** `echo 1 > /proc/sys/net/ipv4/ip_forward`, with or without blanks. */
function readEcho(words: readonly string[], draft: NetworkDraft, file: string): boolean {
  const [, value = '', target = ''] = /^(.*?)\s*>>?\s*(\/\S+)$/.exec(words.join(' ')) ?? [];
  const key = keyOfSysctlPath(target);
  if (key === undefined) return !target.includes('/proc/sys');
  if (value.includes('$') || key.includes('$')) return false;
  draft.settings.push({ key, value: unquoted(value), file });
  return true;
}
