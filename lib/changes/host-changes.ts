/** Changes of a host that are not rules of IPVS: each with the words that make it and the step that takes it back. */
import { quoteArgv, quoteWord } from '../ssh/quote.ts';
import type { UndoStep } from './undo-step.ts';

export interface HostChange {
  readonly what: string;
  /** Run as root. */
  readonly argv: readonly string[];
  readonly undo: UndoStep;
}

/** An address for a while, such as one more source of load. Only for an address the interface does not have. */
export function temporaryAddress(
  host: string,
  { device, address, prefix }: { readonly device: string; readonly address: string; readonly prefix: number },
): HostChange {
  const words = [`${address}/${prefix}`, 'dev', device];
  return {
    what: `address ${address}/${prefix} on ${device}`,
    argv: ['ip', 'address', 'add', ...words],
    undo: {
      host,
      what: `address ${address}/${prefix} on ${device}`,
      script: [
        `root ${quoteArgv(['ip', 'address', 'delete', ...words])} 2>/dev/null || :`,
        `! ip -o address show dev ${quoteWord(device)} | grep -qF ${quoteWord(` ${address}/${prefix} `)}`,
      ].join('\n'),
    },
  };
}

/** `key` as sysctl(8) names it (`net.ipv4.ip_forward`); `found` is its value now. */
export function temporarySysctl(
  host: string,
  { key, value, found }: { readonly key: string; readonly value: string; readonly found: string },
): HostChange {
  return {
    what: `sysctl ${key} ${value} (was ${found})`,
    argv: ['sysctl', '-qw', `${key}=${value}`],
    undo: {
      host,
      what: `sysctl ${key} ${found}`,
      script: [
        `root ${quoteArgv(['sysctl', '-qw', `${key}=${found}`])} || :`,
        `test "$(sysctl -n ${quoteWord(key)} | tr -s '\\t' ' ')" = ${quoteWord(found.replaceAll('\t', ' '))}`,
      ].join('\n'),
    },
  };
}

/** Marks packets to a VIP, in front of every other rule of the mangle table, so that a service by firewall mark gets them. */
export function temporaryMark(
  host: string,
  packets: {
    readonly vip: string;
    readonly protocol: 'tcp' | 'udp' | 'sctp';
    readonly port: number;
    readonly mark: number;
  },
): HostChange {
  const { vip, protocol, port, mark } = packets;
  const program = vip.includes(':') ? 'ip6tables' : 'iptables';
  const rule = ['-d', vip, '-p', protocol, '--dport', String(port), '-j', 'MARK', '--set-mark', String(mark)];
  const call = (command: string, words: readonly string[] = rule) =>
    quoteArgv([program, '-t', 'mangle', command, 'PREROUTING', ...words]);
  const what = `mark ${mark} on ${protocol} packets to ${vip} port ${port}`;
  return {
    what,
    argv: [program, '-t', 'mangle', '-I', 'PREROUTING', ...rule],
    undo: {
      host,
      what,
      script: [`root ${call('-D')} 2>/dev/null || :`, `! root ${call('-C')} 2>/dev/null`].join('\n'),
    },
  };
}
