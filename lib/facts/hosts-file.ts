import { parseHostsFile } from '../parse/hosts-file.ts';
import { type Collector, requireFile } from './collector.ts';

const file = '/etc/hosts';

export const hostsFile: Collector<'hostsFile'> = {
  fact: 'hostsFile',
  needsRoot: false,
  files: () => [file],
  command: () => `cat ${file}`,
  script: () => '',
  parse: (section) => parseHostsFile(requireFile(section, file)),
  show: ({ files }) => files.get(file) ?? '',
};
