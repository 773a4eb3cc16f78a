/**
 * Fills a director's connection table: sends synchronisation messages as a master director would, to the group every
 * backup listens to (net/netfilter/ipvs/ip_vs_sync.c, version 1; ipvsadm(8), --start-daemon). Runs in a network of the
 * lab, which has no way out.
 *
 *     node --import tsx bench/table-feed.ts SOURCE VIP:PORT FROM TO RIP...
 *
 * Entries FROM to TO of one service, on the destinations in turn: the same numbers give the same entries again, so what
 * was lost is made up by sending once more.
 */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

const group = { address: '224.0.0.81', port: 8848 };
const entryBytes = 36;
const perMessage = 38;
/** Messages at once, and the pause after them: more than a small guest takes are lost. */
const burst = { messages: 16, pauseMs: 4 };
const tcp = 6;
const inactiveFlag = 0x100;
const timeoutS = 3000;
/** Numbers of the kernel's TCP states (include/net/ip_vs.h): ESTABLISHED, SYN_RECV, TIME_WAIT. */
const states = [1, 3, 5] as const;

function addressBytes(address: string): readonly number[] {
  return address.split('.').map(Number);
}

function entry(number: number, vip: string, port: number, rips: readonly string[]): Buffer {
  const buffer = Buffer.alloc(entryBytes);
  const state = states[number % states.length] ?? 1;
  buffer.writeUInt8(0, 0);
  buffer.writeUInt8(tcp, 1);
  buffer.writeUInt16BE(entryBytes, 2);
  buffer.writeUInt32BE(state === 5 ? inactiveFlag : 0, 4);
  buffer.writeUInt16BE(state, 8);
  buffer.writeUInt16BE(1024 + (number % 60_000), 10);
  buffer.writeUInt16BE(port, 12);
  buffer.writeUInt16BE(port, 14);
  buffer.writeUInt32BE(0, 16);
  buffer.writeUInt32BE(timeoutS, 20);
  // Clients of 198.18.0.0/15 (RFC 2544), each with up to 60,000 ports.
  buffer.set([198, 18, 0, 1 + Math.floor(number / 60_000)], 24);
  buffer.set(addressBytes(vip), 28);
  buffer.set(addressBytes(rips[number % rips.length] ?? ''), 32);
  return buffer;
}

function message(entries: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(8 + entries.length * entryBytes, 2);
  head.writeUInt8(entries.length, 4);
  head.writeInt8(1, 5);
  return Buffer.concat([head, ...entries]);
}

const [source = '', service = '', from = '', to = '', ...rips] = process.argv.slice(2);
const [vip = '', port = ''] = service.split(':');
const socket = createSocket('udp4');
await new Promise<void>((resolve) => socket.bind(0, source, resolve));
socket.setMulticastInterface(source);
let sent = 0;
for (let number = Number(from); number < Number(to); number += perMessage) {
  const count = Math.min(perMessage, Number(to) - number);
  const entries = Array.from({ length: count }, (_, index) => entry(number + index, vip, Number(port), rips));
  await new Promise<void>((resolve, reject) => {
    socket.send(message(entries), group.port, group.address, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  if (++sent % burst.messages === 0) await sleep(burst.pauseMs);
}
socket.close();
