/** Numbers and names of /etc/protocols that a packet filter may print, each under one name. */
const names: Readonly<Record<string, string>> = {
  '0': 'all',
  ip: 'all',
  '1': 'icmp',
  '4': 'ipip',
  ipencap: 'ipip',
  'ip-encap': 'ipip',
  ipv4: 'ipip',
  '6': 'tcp',
  '17': 'udp',
  '41': 'ipv6',
  '47': 'gre',
  '50': 'esp',
  '51': 'ah',
  '58': 'icmpv6',
  'ipv6-icmp': 'icmpv6',
  '112': 'vrrp',
  '132': 'sctp',
  '136': 'udplite',
};

/** `tcp`, `icmpv6`, `ipip`, …; `all` for any. A word that is not known stays as it is. */
export function protocolName(word: string): string {
  const lower = word.toLowerCase();
  return names[lower] ?? lower;
}
