/** /etc/sysconfig/network-scripts (RHEL, Fedora; nm-settings-ifcfg-rh(5)) and /etc/sysconfig/network (SUSE; ifcfg(5)). */
import {
  addressWithPrefix,
  isAddressText,
  type NetworkDraft,
  prefixLengthOf,
  type TextFile,
  unquoted,
} from './boot-settings.ts';

export const ifcfgPatterns = [
  '/etc/sysconfig/network-scripts/ifcfg-*',
  '/etc/sysconfig/network-scripts/route-*',
  '/etc/sysconfig/network-scripts/route6-*',
  '/etc/sysconfig/network',
  '/etc/sysconfig/network/ifcfg-*',
  '/etc/sysconfig/network/routes',
  '/etc/sysconfig/network/ifroute-*',
];

/** Adds what one such file says. */
export function readIfcfg({ path, text }: TextFile, draft: NetworkDraft): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // What editors and package managers leave beside it is not read by anybody.
  if (/(~|\.(bak|orig|rpm(new|save|orig)|old))$/.test(name)) return;
  draft.files.push(path);
  if (/^(route6?-|ifroute-|routes$)/.test(name)) readRoutes(path, text, draft);
  else readVariables(path, text, name.startsWith('ifcfg-') ? name.slice('ifcfg-'.length) : undefined, draft);
}

function variablesOf(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(.*)$/gm);
  // A comment may follow the value.
  return new Map([...lines].map(([, key = '', value = '']) => [key, unquoted(value.replace(/\s#.*$/, ''))]));
}

function readVariables(file: string, text: string, named: string | undefined, draft: NetworkDraft): void {
  const variables = variablesOf(text);
  const get = (key: string): string | undefined => variables.get(key);
  const device = get('DEVICE') ?? (get('HWADDR') === undefined ? named : undefined);
  const atBoot = !/^(no|off|manual)$/i.test(get('ONBOOT') ?? get('STARTMODE') ?? 'yes');
  const own = { ...(device === undefined ? {} : { interface: device }), ...(atBoot ? {} : { atBoot: false as const }) };
  if (/dhcp|bootp|auto/i.test(get('BOOTPROTO') ?? '') || /^yes$/i.test(get('DHCPV6C') ?? ''))
    draft.dynamic.push({ ...(device === undefined ? {} : { interface: device }), file });
  for (const [key, value] of variables) {
    const suffix = /^IPADDR(_?\w*)$/.exec(key)?.[1];
    if (suffix !== undefined) {
      const found = addressWithPrefix(value);
      if (found === undefined) continue;
      const length =
        found.prefixLength ??
        prefixLengthOf(get(`PREFIX${suffix}`) ?? get(`PREFIXLEN${suffix}`) ?? get(`NETMASK${suffix}`));
      draft.addresses.push({
        ...own,
        address: found.address,
        ...(length === undefined ? {} : { prefixLength: length }),
        ...(found.prefixLength === undefined ? { lengthApart: true as const } : {}),
        file,
      });
    } else if (/^IPV6ADDR(_SECONDARIES)?$/.test(key)) {
      for (const each of value.split(/[\s,]+/)) {
        const found = addressWithPrefix(each);
        if (found !== undefined) draft.addresses.push({ ...own, ...found, file });
      }
    } else if (/^(GATEWAY\d*|IPV6_DEFAULTGW)$/.test(key) && atBoot) {
      const address = value.replace(/%.*$/, '');
      if (isAddressText(address)) draft.gateways.push({ address, file });
    }
  }
}

/** `default via 10.0.0.1 dev eth0`, `GATEWAY0=10.0.0.1`, and SUSE's `default 10.0.0.1 - eth0`. */
function readRoutes(file: string, text: string, draft: NetworkDraft): void {
  for (const [key, value] of variablesOf(text)) {
    if (/^GATEWAY\d+$/.test(key) && isAddressText(value)) draft.gateways.push({ address: value, file });
  }
  for (const raw of text.split('\n')) {
    const words = raw.replace(/#.*$/, '').trim().split(/\s+/);
    const hop = words.includes('via') ? words[words.indexOf('via') + 1] : words[1];
    if (hop !== undefined && isAddressText(hop)) draft.gateways.push({ address: hop, file });
  }
}
