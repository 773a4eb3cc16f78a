import { keyOfSysctlPath, pathOfSysctlKey } from '../parse/sysctl.ts';
import type { Collector } from './collector.ts';

/** A key the kernel does not have is absent, as is a pattern that matched nothing. */
export const sysctl: Collector<'sysctl'> = {
  fact: 'sysctl',
  needsRoot: false,
  files: ({ sysctlKeys }) => sysctlKeys.map(pathOfSysctlKey),
  command: () => 'sysctl -a',
  script: () => '',
  parse: ({ files }) => {
    const values: Record<string, string> = {};
    for (const [path, text] of files) {
      const key = keyOfSysctlPath(path);
      if (key !== undefined) values[key] = text.trim();
    }
    return values;
  },
  show: ({ files }) => [...files].map(([path, text]) => `${keyOfSysctlPath(path) ?? path} = ${text.trim()}\n`).join(''),
};
