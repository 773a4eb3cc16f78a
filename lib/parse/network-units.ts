/** systemd.network(5) files, and NetworkManager's profiles: as keyfiles (nm-settings-keyfile(5)) and as nmcli shows them. */
import { addressWithPrefix, iniSections, isAddressText, type NetworkDraft, type TextFile } from './boot-settings.ts';

export const networkdPatterns = [
  '/etc/systemd/network/*.network',
  '/etc/systemd/network/*.network.d/*.conf',
  '/usr/lib/systemd/network/*.network',
  '/run/systemd/network/*.network',
];
export const keyfilePatterns = [
  '/etc/NetworkManager/system-connections/*',
  '/usr/lib/NetworkManager/system-connections/*',
];

/** Adds what one `.network` file, with its drop-ins, says. */
export function readNetworkd({ path, text }: TextFile, dropIns: readonly TextFile[], draft: NetworkDraft): void {
  draft.files.push(path, ...dropIns.map((dropIn) => dropIn.path));
  const parts = [{ path, text }, ...dropIns].flatMap((file) =>
    iniSections(file.text).map((section) => ({ ...section, file: file.path })),
  );
  const values = (section: string, key: string) =>
    parts.flatMap(({ name, entries, file }) =>
      name === section ? entries.flatMap(([own, value]) => (own === key ? [{ value, file }] : [])) : [],
    );
  const names = values('Match', 'Name').flatMap(({ value }) => value.split(/\s+/));
  const only = names.length === 1 && !/[*?[!]/.test(names[0] ?? '') ? names[0] : undefined;
  const own = only === undefined ? {} : { interface: only };
  for (const { value, file } of [...values('Network', 'Address'), ...values('Address', 'Address')]) {
    const found = addressWithPrefix(value);
    if (found !== undefined) draft.addresses.push({ ...own, ...found, file });
  }
  for (const { value, file } of values('Network', 'Gateway'))
    if (isAddressText(value)) draft.gateways.push({ address: value, standard: true, file });
  for (const { value, file } of values('Route', 'Gateway'))
    if (isAddressText(value)) draft.gateways.push({ address: value, file });
  const dynamic = values('Network', 'DHCP').find(({ value }) => !/^(no|false|off|0|none)$/i.test(value));
  if (dynamic !== undefined) draft.dynamic.push({ ...own, file: dynamic.file });
  for (const key of ['IPForward', 'IPv4Forwarding']) {
    for (const { value, file } of values('Network', key))
      if (/^(yes|true|on|1|ipv4|both)$/i.test(value))
        draft.settings.push({ key: 'net.ipv4.ip_forward', value: '1', file });
  }
  for (const { value, file } of values('Network', 'IPForward')) {
    if (/^(yes|true|on|1|ipv6|both)$/i.test(value))
      draft.settings.push({ key: 'net.ipv6.conf.all.forwarding', value: '1', file });
  }
  const keep = values('Network', 'KeepConfiguration').at(-1)?.value;
  draft.networkd.push({
    file: path,
    names,
    unmanaged: values('Link', 'Unmanaged').some(({ value }) => /^(yes|true|on|1)$/i.test(value)),
    ...(keep === undefined ? {} : { keepConfiguration: keep.toLowerCase() }),
  });
}

/** Adds what one keyfile says. */
export function readKeyfile({ path, text }: TextFile, draft: NetworkDraft): void {
  draft.files.push(path);
  const entries = new Map(
    iniSections(text).flatMap((section) =>
      section.entries.map(([key, value]) => [`${section.name}.${key}`, value] as const),
    ),
  );
  const atBoot = !/^(false|no|0)$/i.test(entries.get('connection.autoconnect') ?? 'true');
  const device = entries.get('connection.interface-name') ?? entries.get('ip-tunnel.interface-name');
  for (const [key, value] of entries) {
    // address1=10.0.0.1/24,10.0.0.254: the second is the gateway. routes1=10.0.0.0/8,10.0.0.254,100
    const kind = /^ipv[46]\.(address(?:es)?|routes?|gateway|method)\d*$/.exec(key)?.[1];
    if (kind === undefined) continue;
    const parts = value.split(/[,;]/).map((part) => part.trim());
    if (kind === 'method') {
      if (/^(auto|dhcp)$/.test(value))
        draft.dynamic.push({ ...(device === undefined ? {} : { interface: device }), file: path });
    } else if (kind.startsWith('address')) {
      addProfileAddress(parts[0] ?? '', device, atBoot, path, draft);
      addGateway(parts[1], atBoot, path, draft);
    } else addGateway(kind === 'gateway' ? parts[0] : parts[1], atBoot, path, draft);
  }
}

/**
 * Adds what `nmcli -t -e no -m multiline connection show` prints of each profile: `ipv4.addresses:10.0.0.1/24, 10.0.0.2/24`.
 * Any user may ask; the keyfiles are for root alone.
 */
export function readNmcli(text: string, draft: NetworkDraft): void {
  for (const profile of text.split(/\n(?=connection\.id:)/)) {
    const entries = new Map(
      profile.split('\n').flatMap((line) => {
        const [, key, value] = /^([\w.-]+):\s*(.*)$/.exec(line) ?? [];
        return key === undefined ? [] : [[key, value === '--' ? '' : (value ?? '').trim()] as const];
      }),
    );
    const id = entries.get('connection.id');
    if (id === undefined) continue;
    const file = `NetworkManager profile ${id}`;
    draft.files.push(file);
    const atBoot = entries.get('connection.autoconnect') !== 'no';
    const named = entries.get('connection.interface-name') ?? '';
    const device = named === '' ? undefined : named;
    for (const family of ['ipv4', 'ipv6']) {
      if (/^(auto|dhcp)$/.test(entries.get(`${family}.method`) ?? ''))
        draft.dynamic.push({ ...(device === undefined ? {} : { interface: device }), file });
      for (const each of (entries.get(`${family}.addresses`) ?? '').split(','))
        addProfileAddress(each.trim(), device, atBoot, file, draft);
      addGateway(entries.get(`${family}.gateway`), atBoot, file, draft);
      for (const route of (entries.get(`${family}.routes`) ?? '').matchAll(
        /nh = ([0-9A-Fa-f:.]+)|^\S+ ([0-9A-Fa-f:.]+)/g,
      ))
        addGateway(route[1] ?? route[2], atBoot, file, draft);
    }
  }
}

function addProfileAddress(
  text: string,
  device: string | undefined,
  atBoot: boolean,
  file: string,
  draft: NetworkDraft,
): void {
  const found = addressWithPrefix(text);
  if (found === undefined) return;
  draft.addresses.push({
    ...(device === undefined ? {} : { interface: device }),
    ...found,
    ...(atBoot ? {} : { atBoot: false as const }),
    file,
  });
}

function addGateway(text: string | undefined, atBoot: boolean, file: string, draft: NetworkDraft): void {
  if (text !== undefined && isAddressText(text) && atBoot) draft.gateways.push({ address: text, file });
}
