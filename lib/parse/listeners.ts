/** Sockets that take connections (TCP) or datagrams (UDP). */
import ipaddr from 'ipaddr.js';

import type { Listener } from '../model/facts.ts';
import { ParseError } from './parse-error.ts';

/**
 * `ss -Hltun`: Netid State Recv-Q Send-Q Local:Port Peer:Port, without Netid where one protocol was asked for. For a
 * listening row Recv-Q waits and Send-Q may wait (ss(8)); for UDP they are bytes, and no queue of connections.
 */
export function parseSsListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line): readonly Listener[] => {
    if (line.trim() === '' || /^\s*(Netid\s|State\s|Recv-Q)/.test(line)) return [];
    const [first = '', ...others] = line.trim().split(/\s+/);
    const words = first === 'tcp' || first === 'udp' ? others : [first, ...others];
    const [queued, backlog, local] = words[0] === 'LISTEN' || words[0] === 'UNCONN' ? words.slice(1) : words;
    const [, address, port] = /^(.*):(\d+)$/.exec(local ?? '') ?? [];
    if (!isCount(queued) || !isCount(backlog) || address === undefined) throw new ParseError('ss -Hltun', line);
    const at = { address: addressOf(address), port: Number(port) };
    return [
      first === 'udp'
        ? { protocol: 'udp', ...at, queued: 0, backlog: 0 }
        : { ...at, queued: Number(queued), backlog: Number(backlog) },
    ];
  });
}

function isCount(word: string | undefined): boolean {
  return word !== undefined && /^\d+$/.test(word);
}

/** `[::]` is any address of either family unless IPV6_V6ONLY is set, which ss does not say: both print as `*` or `::`. */
function addressOf(text: string): string {
  const bare = text.replace(/^\[(.*)\](?:%\S+)?$/, '$1').replace(/%[^%\]]*$/, '');
  return bare === '0.0.0.0' || bare === '::' || bare === '*' ? '*' : bare;
}

/** TCP_LISTEN, and the state of a UDP socket that is bound and not connected (TCP_CLOSE). */
const listening = { tcp: '0A', udp: '07' } as const;

/**
 * Rows of /proc/net/tcp, udp, tcp6 and udp6 (Documentation/networking/proc_net_tcp.rst), where there is no ss. The length
 * of a listening row's queue is its rx_queue; how long it may get is not there, and given as 0.
 */
export function parseProcNetTcp(text: string, protocol: 'tcp' | 'udp' = 'tcp'): readonly Listener[] {
  return text.split('\n').flatMap((line): readonly Listener[] => {
    const row = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) [0-9A-F]+:([0-9A-F]+) /.exec(
      line,
    );
    if (row === null) {
      if (line.trim() === '' || line.includes('local_address')) return [];
      throw new ParseError(`/proc/net/${protocol}`, line);
    }
    const [, address = '', port = '', state, queued = ''] = row;
    if (state !== listening[protocol]) return [];
    const at = { address: hexAddress(address), port: parseInt(port, 16) };
    return [
      protocol === 'udp'
        ? { protocol, ...at, queued: 0, backlog: 0 }
        : { ...at, queued: parseInt(queued, 16), backlog: 0 },
    ];
  });
}

/** Each 32-bit word is in the host's byte order, which is little-endian wherever this is met. */
function hexAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.every((byte) => byte === '00')) return '*';
  if (bytes.length === 4) return bytes.map((byte) => parseInt(byte, 16)).join('.');
  if (bytes.length !== 16) throw new ParseError('/proc/net/tcp6', hex);
  return ipaddr.fromByteArray(bytes.map((byte) => parseInt(byte, 16))).toString();
}
