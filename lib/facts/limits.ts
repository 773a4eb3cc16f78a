import { ParseError } from '../parse/parse-error.ts';
import { type Collector, requireFile, Unanswered, wholeNumber } from './collector.ts';

const portsFile = '/proc/sys/net/ipv4/ip_local_port_range';

/** Of the login user: sudo and root have limits of their own. `unlimited` is Number.MAX_SAFE_INTEGER. */
export const limits: Collector<'limits'> = {
  fact: 'limits',
  needsRoot: false,
  files: () => [portsFile],
  command: () => 'ulimit -n; sysctl net.ipv4.ip_local_port_range',
  script: () => '',
  parse: (section) => {
    if (section.openFiles === undefined)
      throw new Unanswered('command-failed', `${section.host}: ulimit -n printed nothing`);
    const ports = requireFile(section, portsFile);
    const [, first, last] = /^\s*(\d+)\s+(\d+)\s*$/.exec(ports) ?? [];
    if (first === undefined || last === undefined) throw new ParseError(portsFile, ports);
    return {
      openFiles:
        section.openFiles.trim() === 'unlimited'
          ? Number.MAX_SAFE_INTEGER
          : wholeNumber(section.openFiles, 'ulimit -n'),
      ephemeralPorts: [Number(first), Number(last)],
    };
  },
  show: (section) => `${section.openFiles ?? ''}\n${section.files.get(portsFile) ?? ''}`,
};
