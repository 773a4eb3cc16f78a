/** /proc/net/dev: two lines of headings, then `NAME: BYTES PACKETS …`, eight figures received and eight sent (proc_pid_net(5)). */

/**
 * Frames received, those of the loopback too, as IP counts its packets with the others; what stands on another interface is left
 * out (tunnels, bridges). Undefined for other text, and where there is no network interface.
 */
export function parseFramesReceived(text: string): number | undefined {
  const received = text.split('\n').flatMap((line) => {
    const [, name = '', figures = ''] = /^\s*(\S+):\s*(\d[\d\s]*)$/.exec(line) ?? [];
    const packets = Number(figures.split(/\s+/)[1] ?? 'NaN');
    return Number.isInteger(packets) && !/^(tun|tap|ip6?tnl|sit|gre|br|docker|dummy|ifb|bond|team)\w*$/.test(name)
      ? [{ name, packets }]
      : [];
  });
  if (received.every(({ name }) => name === 'lo')) return undefined;
  return received.reduce((sum, { packets }) => sum + packets, 0);
}
