/**
 * /proc/net/stat/nf_conntrack: a line of names, then a line for each processor, in hexadecimal
 * (net/netfilter/nf_conntrack_standalone.c, ct_cpu_seq_show).
 */

/** By name, summed over the processors: `drop` are packets that found no room to be tracked in. Empty for other text. */
export function parseConntrackCounters(text: string): ReadonlyMap<string, number> {
  const [head = '', ...rows] = text.split('\n').filter((line) => line.trim() !== '');
  const names = head.trim().split(/\s+/);
  const sums = new Map<string, number>();
  for (const row of rows) {
    const values = row.trim().split(/\s+/);
    if (values.length !== names.length || !values.every((value) => /^[\da-f]{1,16}$/.test(value))) return new Map();
    names.forEach((name, index) => sums.set(name, (sums.get(name) ?? 0) + parseInt(values[index] ?? '0', 16)));
  }
  return sums;
}
