import { parseIgmp, parseIgmp6 } from '../parse/multicast.ts';
import { type Collector, requireFile } from './collector.ts';

const [four, six] = ['/proc/net/igmp', '/proc/net/igmp6'] as const;

export const multicast: Collector<'multicast'> = {
  fact: 'multicast',
  needsRoot: false,
  files: () => [four, six],
  command: () => `cat ${four} ${six}`,
  script: () => '',
  parse: (section) => [...parseIgmp(requireFile(section, four)), ...parseIgmp6(section.files.get(six) ?? '')],
};
