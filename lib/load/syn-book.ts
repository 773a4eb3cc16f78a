/** Which handshakes took as long as a lost SYN makes them. */
import { readFileSync } from 'node:fs';
import type { SynRetransmits } from '../model/load-result.ts';

/** How much longer than the kernel's wait a handshake may take: the way there and back, and a busy machine. */
const slackMs = 500;
const longestS = 127;

/**
 * When SYNs go out after the first, in s: the wait doubles from 1 s (RFC 6298), after so many waits of 1 s where the kernel
 * has `tcp_syn_linear_timeouts` (Linux 6.5: 4).
 */
export function synTimesS(linearTimeouts: number): readonly number[] {
  const times: number[] = [];
  let at = 0;
  let wait = 1;
  for (let sent = 0; at + wait <= longestS; sent++) {
    at += wait;
    times.push(at);
    if (sent >= linearTimeouts) wait *= 2;
  }
  return times;
}

export class SynBook {
  readonly #timesS: readonly number[];
  /** Second of the SYN that was answered → connections. */
  readonly connections = new Map<number, number>();

  constructor(linearTimeouts = linearTimeoutsHere()) {
    this.#timesS = synTimesS(linearTimeouts);
  }

  /** `retransmits` is what the kernel counted for the connection; without it the time alone must tell. */
  handshake(elapsedMs: number, retransmits: number | undefined): void {
    if (retransmits === 0) return;
    const afterS = this.#timesS.findLast((second) => second * 1000 <= elapsedMs + 50);
    if (afterS === undefined) return;
    if (retransmits === undefined && elapsedMs - afterS * 1000 > slackMs) return;
    this.connections.set(afterS, (this.connections.get(afterS) ?? 0) + 1);
  }

  add(other: ReadonlyMap<number, number>): void {
    for (const [afterS, count] of other) this.connections.set(afterS, (this.connections.get(afterS) ?? 0) + count);
  }

  result(kernelCount: number | undefined): SynRetransmits {
    return {
      handshakes: [...this.connections]
        .sort(([a], [b]) => a - b)
        .map(([afterS, connections]) => ({ afterS, connections })),
      ...(kernelCount === undefined ? {} : { kernelCount }),
    };
  }
}

/** 0 where the kernel has no such thing. */
function linearTimeoutsHere(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/tcp_syn_linear_timeouts', 'latin1'));
  } catch {
    return 0;
  }
}
