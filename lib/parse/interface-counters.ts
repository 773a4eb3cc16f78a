/** /proc/net/dev: two lines of headings, then `NAME: BYTES PACKETS …`, eight figures received and eight sent (proc_pid_net(5)). */

/** Frames that interfaces received, the loopback and what has no device below it (tunnels, bridges) left out; undefined for other text. */
export function parseFramesReceived(text: string): number | undefined {
  const received = text.split('\n').flatMap((line) => {
    const [, name = '', figures = ''] = /^\s*(\S+):\s*(\d[\d\s]*)$/.exec(line) ?? [];
    const packets = Number(figures.split(/\s+/)[1] ?? 'NaN');
    return Number.isInteger(packets) && !/^(lo|tun|tap|ip6?tnl|sit|gre|br|docker|dummy|ifb|bond|team)\w*$/.test(name)
      ? [packets]
      : [];
  });
  return received.length === 0 ? undefined : received.reduce((sum, packets) => sum + packets, 0);
}
