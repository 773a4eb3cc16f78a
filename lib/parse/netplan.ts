/** netplan(5): YAML in /etc/netplan, of which it makes files for systemd-networkd or NetworkManager at boot. */
import { parse } from 'yaml';
import { addressWithPrefix, isAddressText, type NetworkDraft, type TextFile } from './boot-settings.ts';
import { ParseError } from './parse-error.ts';

export const netplanPatterns = ['/etc/netplan/*.yaml', '/run/netplan/*.yaml', '/usr/lib/netplan/*.yaml'];

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapping = (value: unknown): Mapping => (isMapping(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Adds what one file says. Throws ParseError for what is no YAML. */
export function readNetplan({ path, text }: TextFile, draft: NetworkDraft): void {
  let document: unknown;
  try {
    document = parse(text, { logLevel: 'error', uniqueKeys: false });
  } catch (cause) {
    throw new ParseError(path, text, cause);
  }
  draft.files.push(path);
  const network = mapping(mapping(document)['network']);
  for (const [kind, devices] of Object.entries(network)) {
    if (!isMapping(devices) || kind === 'openvswitch') continue;
    for (const [id, raw] of Object.entries(devices)) readDevice(id, mapping(raw), path, draft);
  }
}

function readDevice(id: string, device: Mapping, file: string, draft: NetworkDraft): void {
  const match = mapping(device['match']);
  // Told apart by MAC or driver, a device keeps a name that is not in the file.
  const named = device['match'] === undefined ? id : undefined;
  const name = [device['set-name'], match['name'], named].find((value) => typeof value === 'string');
  const own = typeof name === 'string' && !/[*?[]/.test(name) ? { interface: name } : {};
  if (device['dhcp4'] === true || device['dhcp6'] === true || device['dhcp4'] === 'yes')
    draft.dynamic.push({ ...own, file });
  for (const entry of list(device['addresses'])) {
    // With options it is a mapping of one key: `- 10.0.0.1/32: { lifetime: 0 }`.
    const written = isMapping(entry) ? Object.keys(entry)[0] : entry;
    const found = typeof written === 'string' ? addressWithPrefix(written) : undefined;
    if (found !== undefined) draft.addresses.push({ ...own, ...found, file });
  }
  const hops = [
    device['gateway4'],
    device['gateway6'],
    ...list(device['routes']).map((route) => mapping(route)['via']),
  ];
  for (const hop of hops)
    if (typeof hop === 'string' && isAddressText(hop)) draft.gateways.push({ address: hop, file });
}
