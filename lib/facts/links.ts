import { parseIpLinkJson, parseIpLinkText } from '../parse/ip-link.ts';
import { type Collector, requireAnswer } from './collector.ts';
import { interfaceLines, interfaces, iproute2 } from './ip-questions.ts';

const details = ['linkinfo', 'info_kind', 'info_data', 'local', 'remote'];
const shownKeys = ['ifname', 'flags', 'mtu', 'master', 'link_type', 'address', ...details];

export const links: Collector<'links'> = {
  fact: 'links',
  needsRoot: false,
  tool: iproute2,
  ip: () => [interfaces],
  command: () => 'ip -d -j link',
  script: () => '',
  parse: (section) => {
    const { kind, output } = requireAnswer(section, interfaces.words);
    return kind === 'json' ? parseIpLinkJson(output) : parseIpLinkText(output);
  },
  show: ({ ip }) => interfaceLines(ip, shownKeys),
};
