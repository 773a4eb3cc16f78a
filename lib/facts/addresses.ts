import { parseIpAddressJson, parseIpAddressText } from '../parse/ip-address.ts';
import { type Collector, requireSuccess } from './collector.ts';

export const addresses: Collector<'addresses'> = {
  fact: 'addresses',
  needsRoot: false,
  tool: { name: 'ip', packages: 'iproute2 (Debian) or iproute (RHEL)' },
  command: () => 'ip -j addr',
  // Exit code 255 is iproute2's "Option "-j" is unknown"; busybox ip prints its usage and exits 1.
  script: () => `if has ip; then ip -j addr || { ip -o link && ip -o addr; }; else ip; fi`,
  parse: (section) => {
    requireSuccess(section, 'ip addr');
    return section.stdout.startsWith('[') ? parseIpAddressJson(section.stdout) : parseIpAddressText(section.stdout);
  },
};
