import { parseProcNetTcp, parseSsListeners } from '../parse/listeners.ts';
import { type Collector, requireSuccess } from './collector.ts';

const fromProc = '@proc';

export const listeners: Collector<'listeners'> = {
  fact: 'listeners',
  needsRoot: false,
  command: () => 'ss -Hltun',
  script: () => `if has ss; then ss -Hltun; else
printf '${fromProc}\\n'; grep -hs ' 0A ' /proc/net/tcp /proc/net/tcp6; printf '${fromProc}\\n'; grep -hs ' 07 ' /proc/net/udp /proc/net/udp6; fi`,
  parse: (section) => {
    if (section.stdout.startsWith(fromProc)) {
      const [, tcp = '', udp = ''] = section.stdout.split(`${fromProc}\n`);
      return [...parseProcNetTcp(tcp), ...parseProcNetTcp(udp, 'udp')];
    }
    requireSuccess(section, 'ss -Hltun');
    return parseSsListeners(section.stdout);
  },
  show: ({ stdout, stderr }) => `${stdout.replaceAll(`${fromProc}\n`, '')}${stderr}`,
};
