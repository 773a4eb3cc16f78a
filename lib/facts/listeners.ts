import { parseProcNetTcp, parseSsListeners } from '../parse/listeners.ts';
import { type Collector, requireSuccess } from './collector.ts';

const fromProc = '@proc';

export const listeners: Collector<'listeners'> = {
  fact: 'listeners',
  needsRoot: false,
  command: () => 'ss -Hltn',
  script: () => `if has ss; then ss -Hltn; else
printf '${fromProc}\\n'; grep -hs ' 0A ' /proc/net/tcp /proc/net/tcp6; fi`,
  parse: (section) => {
    if (section.stdout.startsWith(fromProc)) return parseProcNetTcp(section.stdout.slice(fromProc.length));
    requireSuccess(section, 'ss -Hltn');
    return parseSsListeners(section.stdout);
  },
  show: ({ stdout, stderr }) => `${stdout.replace(`${fromProc}\n`, '')}${stderr}`,
};
