import { type Collector, requireFile } from './collector.ts';

const file = '/proc/sys/kernel/hostname';

export const hostname: Collector<'hostname'> = {
  fact: 'hostname',
  needsRoot: false,
  files: () => [file],
  command: () => 'hostname',
  script: () => '',
  parse: (section) => requireFile(section, file).trim(),
  show: ({ files }) => files.get(file) ?? '',
};
