import { parseIpAddressJson, parseIpAddressText } from '../parse/ip-address.ts';
import { type Collector, requireAnswer } from './collector.ts';
import { interfaceLines, interfaces, iproute2 } from './ip-questions.ts';

const flags = ['tentative', 'dadfailed', 'deprecated', 'secondary'];
const shownKeys = ['ifname', 'flags', 'addr_info', 'family', 'local', 'prefixlen', 'scope', ...flags];

export const addresses: Collector<'addresses'> = {
  fact: 'addresses',
  needsRoot: false,
  tool: iproute2,
  ip: () => [interfaces],
  command: () => 'ip -j addr',
  script: () => '',
  parse: (section) => {
    const { kind, output } = requireAnswer(section, interfaces.words);
    return kind === 'json' ? parseIpAddressJson(output) : parseIpAddressText(output);
  },
  show: ({ ip }) => interfaceLines(ip, shownKeys),
};
