/**
 * What runs on the director, as the login user, to find what its connection table has of one client: one pass over the
 * table, 2 s at most. POSIX awk (mawk, gawk, busybox, one-true-awk).
 */

/** Longest the pass may take: before Linux 6.14 each read of the table walks it from its start. */
const readLimitS = 2;

/**
 * ip_vs_conn_sync has the same rows as ip_vs_conn, and before the timer whether the entry came from a peer (SYNC). cat
 * reads it in larger pieces than most awks would. Rows are compared as text: awk takes 0E01 for the number 0 as well.
 */
const program = String.raw`
function seconds(  line) {
  if ((getline line < uptime) <= 0) line = ""
  close(uptime)
  return line + 0
}
BEGIN {
  n = split(templates, list, ",")
  for (i = 1; i <= n; i++) wanted[list[i]] = 1
  file = net "ip_vs_conn_sync"
  column = 10
  if ((getline < file) <= 0) {
    file = net "ip_vs_conn"
    column = 9
    if ((getline < file) <= 0) { print "absent"; exit }
  }
  close(file)
  extent = "whole"
  begun = seconds()
  source = "cat '" file "'"
  source | getline
  while ((source | getline) > 0) {
    if (++rows % 2000 == 0 && seconds() > begun + longest) { extent = "part"; rows--; break }
    key = $1 " " $2 " " $3 " " $4 " " $5
    if (key in wanted) kind = "t"
    else if ($2 " " $4 == clientAndVip && $1 " " $5 == protocolAndPort && $3 != "0000" && (from == "" || "x" $3 == from)) {
      if (++found > limit) continue
      kind = "e"
    } else continue
    print kind, key, $6, $7, $8, $column, (column == 10 ? $9 : "LOCAL")
  }
  close(source)
  print extent, rows + 0, found + 0
}
`;

/** In the table's own digits. */
export interface ClientWords {
  readonly protocol: string;
  readonly client: string;
  /** Absent is any. */
  readonly clientPort?: string;
  readonly vip: string;
  readonly port: string;
  /** Keys of templates to look for: `TCP C0A87A00 0000 C0A87A64 0050`. */
  readonly templates: readonly string[];
  /** Most entries that are printed; the others are counted. */
  readonly limit: number;
}

/** `proc` is where /proc is. */
export function clientEntriesArgv(words: ClientWords, proc = '/proc'): string[] {
  const given = {
    clientAndVip: `${words.client} ${words.vip}`,
    protocolAndPort: `${words.protocol} ${words.port}`,
    // A letter first: never a number to awk.
    from: words.clientPort === undefined ? '' : `x${words.clientPort}`,
    templates: words.templates.join(','),
    limit: words.limit,
    longest: readLimitS,
    net: `${proc}/net/`,
    uptime: `${proc}/uptime`,
  };
  return ['awk', ...Object.entries(given).flatMap(([name, value]) => ['-v', `${name}=${value}`]), program];
}
