/** What keepalived.conf says of VRRP, connection sync and health checks, with keepalived's defaults (vrrp.h, vrrp_data.c). */
import type {
  CheckedServer,
  CheckedService,
  ConfLine,
  KeepalivedConf,
  LvsSync,
  VrrpAddress,
  VrrpInstance,
  VrrpSyncGroup,
} from '../model/facts.ts';
import { Secret } from '../model/secret.ts';
import { type ConfSources, type Line, readConf } from './conf-lines.ts';

/** Throws ParseError for braces or quotes that do not close, and for files that include each other. */
export function parseVrrpConf(sources: ConfSources): KeepalivedConf {
  const { lines, files, unsure } = readConf(sources);
  const globals = lines.filter(({ words }) => words[0] === 'global_defs').flatMap(({ block = [] }) => block);
  const sync = lines.filter(({ words }) => words[0] === 'vrrp_sync_group').map(syncGroupOf);
  const instances = lines.filter(({ words }) => words[0] === 'vrrp_instance').map((line) => instanceOf(line, globals));
  const lvsSync = syncDaemonOf(globals) ?? syncDaemonOfInstance(lines);
  return {
    files,
    unsure,
    instances,
    syncGroups: sync,
    ...(lvsSync === undefined ? {} : { lvsSync }),
    virtualServers: lines.filter(({ words }) => words[0] === 'virtual_server').map(serviceOf),
  };
}

/** The last of several counts. */
function said(lines: readonly Line[], ...keywords: readonly string[]): Line | undefined {
  return lines.findLast(({ words }) => keywords.includes(words[0] ?? ''));
}

function numberOf(line: Line | undefined): number | undefined {
  const word = line?.words[1] ?? '';
  return /^\d+(\.\d+)?$/.test(word) ? Number(word) : undefined;
}

const isOff = (word = ''): boolean => /^(false|no|off)$/.test(word);
/** A keyword by itself is true (check_true_false in lib/parser.c). */
const isOn = (line: Line | undefined): boolean => line !== undefined && !isOff(line.words[1]);

/** The names of a block of one word a line; several on a line are as many. */
const words = (line: Line | undefined): readonly string[] =>
  (line?.block ?? []).flatMap((inner) => inner.words).filter((word) => word !== '');

function instanceOf({ words: [, name = ''], at, block = [] }: Line, globals: readonly Line[]): VrrpInstance {
  const own = (...keywords: readonly string[]) => said(block, ...keywords);
  const global = (keyword: string) => said(globals, keyword);
  const either = (keyword: string) => own(keyword) ?? global(`vrrp_${keyword}`);
  const priority = numberOf(own('priority')) ?? 100;
  const advert = numberOf(own('advert_int'));
  const strict = own('strict_mode') === undefined ? isOn(global('vrrp_strict')) : isOn(own('strict_mode'));
  const acceptance = own('accept', 'no_accept')?.words[0];
  const repeat = numberOf(either('garp_master_repeat')) ?? 5;
  const name_ = own('interface')?.words[1];
  const vrid = numberOf(own('virtual_router_id'));
  const source = own('unicast_src_ip', 'mcast_src_ip')?.words[1];
  const group = global('vrrp_mcast_group4')?.words[1];
  const authentication = authenticationOf(own('authentication'));
  return {
    ...at,
    name,
    places: placesOf(block, globals),
    initialState: own('state')?.words[1]?.toUpperCase() === 'MASTER' ? 'MASTER' : 'BACKUP',
    ...(name_ === undefined ? {} : { interface: name_ }),
    ...(vrid === undefined ? {} : { vrid }),
    priority,
    advertIntervalMs: (advert ?? 1) * 1000,
    version: numberOf(own('version') ?? global('vrrp_version')) === 3 ? 3 : 2,
    addresses: addressesOf(block, 'virtual_ipaddress'),
    excluded: addressesOf(block, 'virtual_ipaddress_excluded'),
    ...(authentication === undefined ? {} : { authentication }),
    ...(group === undefined ? {} : { multicastGroup: group }),
    ...(source === undefined ? {} : { sourceAddress: source }),
    unicastPeers: (own('unicast_peer')?.block ?? []).flatMap((inner) => inner.words.slice(0, 1)),
    strict,
    accepts: priority === 255 || acceptance === 'accept' || (acceptance === undefined && !strict),
    nopreempt: own('preempt', 'nopreempt')?.words[0] === 'nopreempt',
    garp: {
      repeat,
      delayMs: (numberOf(either('garp_master_delay')) ?? 5) * 1000,
      refreshMs: (numberOf(either('garp_master_refresh')) ?? 0) * 1000,
      lowerPriorityRepeat: strict ? 0 : (numberOf(either('garp_lower_prio_repeat')) ?? repeat),
    },
  };
}

function placesOf(block: readonly Line[], globals: readonly Line[]): Readonly<Record<string, ConfLine>> {
  const inner = block.flatMap((line) => (line.words[0] === 'authentication' ? [line, ...(line.block ?? [])] : [line]));
  const named = [...globals, ...inner].flatMap(({ words: [keyword], at }) =>
    keyword === undefined ? [] : [[keyword, at]],
  );
  return Object.fromEntries(named) as Readonly<Record<string, ConfLine>>;
}

function authenticationOf(line: Line | undefined): VrrpInstance['authentication'] {
  if (line === undefined) return undefined;
  const inner = line.block ?? [];
  const password = said(inner, 'auth_pass')?.words[1];
  return {
    type: said(inner, 'auth_type')?.words[1]?.toUpperCase() ?? 'NONE',
    ...(password === undefined ? {} : { password: new Secret(password) }),
  };
}

/** `ADDRESS[/LENGTH] [dev NAME] …`, one a line; keyword and block may come more than once. */
function addressesOf(block: readonly Line[], keyword: string): readonly VrrpAddress[] {
  return block
    .filter(({ words: [first] }) => first === keyword)
    .flatMap((line) => line.block ?? [])
    .flatMap(({ words: entry, at }) => {
      const [address = '', length] = (entry[0] ?? '').split('/');
      if (address === '') return [];
      const device = entry[entry.indexOf('dev') + 1];
      return [
        {
          ...at,
          address,
          ...(length !== undefined && /^\d{1,3}$/.test(length) ? { prefixLength: Number(length) } : {}),
          ...(entry.includes('dev') && device !== undefined ? { interface: device } : {}),
        },
      ];
    });
}

function syncGroupOf({ words: [, name = ''], at, block = [] }: Line): VrrpSyncGroup {
  return { ...at, name, members: words(said(block, 'group')) };
}

/** `lvs_sync_daemon INTERFACE INSTANCE [id N] …`; before 1.3 the number stood there without `id`. */
function syncDaemonOf(globals: readonly Line[]): LvsSync | undefined {
  const line = said(globals, 'lvs_sync_daemon');
  const [, name, instance, ...rest] = line?.words ?? [];
  if (line === undefined || name === undefined) return undefined;
  const id = rest.includes('id') ? rest[rest.indexOf('id') + 1] : rest.find((word) => /^\d+$/.test(word));
  return {
    ...line.at,
    interface: name,
    ...(instance === undefined ? {} : { instance }),
    ...(id !== undefined && /^\d{1,3}$/.test(id) ? { id: Number(id) } : {}),
  };
}

/** As 1.2 has it, inside the instance. */
function syncDaemonOfInstance(lines: readonly Line[]): LvsSync | undefined {
  for (const {
    words: [keyword, instance = ''],
    block = [],
  } of lines) {
    const line = keyword === 'vrrp_instance' ? said(block, 'lvs_sync_daemon_interface') : undefined;
    if (line?.words[1] !== undefined) return { ...line.at, interface: line.words[1], instance };
  }
  return undefined;
}

function serviceOf({ words: [, ...name], at, block = [] }: Line): CheckedService {
  const sorry = said(block, 'sorry_server')?.words[1];
  return {
    ...at,
    name: name.join(' '),
    ...(sorry === undefined ? {} : { sorryServer: sorry }),
    realServers: block.filter(({ words: [first] }) => first === 'real_server').map(serverOf),
  };
}

function serverOf({ words: [, address = ''], at, block = [] }: Line): CheckedServer {
  const checks = block.filter(({ words: [first = ''] }) => /^[A-Z]+_(CHECK|GET)$/.test(first));
  return {
    ...at,
    address,
    checks: checks.map(({ words: [first = ''] }) => first),
    lookedAt: checks.flatMap((check) => said(check.block ?? [], 'connect_ip')?.words[1] ?? []),
  };
}
