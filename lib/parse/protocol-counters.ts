/**
 * /proc/net/snmp, netstat and sockstat (pairs of lines `Tcp: NAMES` and `Tcp: VALUES`, or `TCP: NAME VALUE …`), and
 * /proc/net/snmp6 (`Ip6InReceives  VALUE`): net/ipv4/proc.c, net/ipv6/proc.c.
 */

/** By `Group.Name`: `Tcp.PassiveOpens`, `TcpExt.ListenDrops`, `sockstat.TCP.tw`; those of snmp6 by their own names. */
export function parseProtocolCounters(text: string): ReadonlyMap<string, number> {
  const counters = new Map<string, number>();
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && /^-?\d+$/.test(value)) counters.set(name, Number(value));
  };
  let names: { readonly group: string; readonly words: readonly string[] } | undefined;
  for (const line of text.split('\n')) {
    const [, group, rest] = /^(\w+): *(.*)$/.exec(line.trimEnd()) ?? [];
    if (group === undefined || rest === undefined) {
      names = undefined;
      const [, name, value] = /^(\w+)\s+(\d+)$/.exec(line.trim()) ?? [];
      if (name !== undefined) put(name, value);
      continue;
    }
    const words = rest.split(/\s+/).filter((word) => word !== '');
    if (names?.group === group) {
      names.words.forEach((word, index) => {
        put(`${group}.${word}`, words[index]);
      });
      names = undefined;
    } else if (words.some((word) => /^-?\d+$/.test(word))) {
      for (let index = 0; index + 1 < words.length; index += 2)
        put(`sockstat.${group}.${words[index] ?? ''}`, words[index + 1]);
    } else names = { group, words };
  }
  return counters;
}
