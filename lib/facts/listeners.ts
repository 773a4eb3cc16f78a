import { parseProcNetTcp, parseSsListeners } from '../parse/listeners.ts';
import { type Collector, requireSuccess } from './collector.ts';

const fromProc = '@proc';

export const listeners: Collector<'listeners'> = {
  fact: 'listeners',
  needsRoot: false,
  command: () => 'ss -Hltun',
  // The ss of iproute 3.10 (CentOS 7.0 to 7.3) has no -H; its heading is passed over.
  script: () => `if has ss; then ss -Hltun 2>/dev/null || ss -ltun; else
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
