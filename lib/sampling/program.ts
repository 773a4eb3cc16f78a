/**
 * What runs on the director, as the login user: anybody may read the table (ip_vs_conn.c makes it 0444). It reads it once
 * for each line it is given and answers with sums, so that neither the table nor a process per sample crosses anything:
 * between two samples it waits in read(2), and when the connection is lost its input ends and so does it. POSIX sh and
 * awk (mawk, gawk, busybox, one-true-awk).
 */
import type { VirtualService } from '../model/cluster.ts';
import { addressInTable, portInTable } from '../parse/table-address.ts';

export const tablePath = '/proc/net/ip_vs_conn';

/** Longest one reading may take: reading a large table is quadratic before Linux 6.14, and holds a CPU in the kernel. */
const readLimitS = 2;

/** mawk waits for 4 KiB of input unless it is told that somebody is waiting; the others do not know the option. */
const startAwk = String.raw`
case "$(awk -W version 2>&1 </dev/null)" in mawk*) set -- -W interactive "$@" ;; esac
exec awk "$@"
`;

/**
 * Of a row, $3 is the client's port, $4 and $5 the VIP and port, $6 and $7 the destination, $8 the state, $9 its timer.
 * Persistence templates have client port 0000 and are no connections. A SYN_RECV entry begins at 60 s.
 *
 * With DR and TUN the director sees no answers, and what it has of a finished connection stays in FIN_WAIT for 120 s. A
 * client that comes back from the same port in that time goes on in the old entry, to the old destination, and is not
 * counted as a connection (is_new_conn_expected() in ip_vs_core.c, without bit 2 of conn_reuse_mode). Such an entry is
 * known by its timer: from one reading to the next it ends later than it did, and its last packet (its end less the
 * state's timeout, of which the largest seen stands) came before its old end. Counted where reuse is 1. Seconds are whole
 * and a reading takes time, so two of them more are needed. Readings of a table that changes leave out rows.
 */
const sampleProgram = String.raw`
function seconds(  line, parts) {
  if ((getline line < "/proc/uptime") <= 0) return 0
  close("/proc/uptime")
  split(line, parts, " ")
  return parts[1] + 0
}
function ticks(  line, parts) {
  if ((getline line < "/proc/self/stat") <= 0) return 0
  close("/proc/self/stat")
  sub(/^.*\) /, "", line)
  split(line, parts, " ")
  return parts[12] + parts[13]
}
BEGIN {
  printf "s 0 %d whole\n", ticks()
  fflush()
}
{
  rows = 0
  extent = "whole"
  round++
  begun = seconds()
  until = begun + limit
  while ((more = (getline < table)) > 0) {
    rows++
    if (rows % 2000 == 0 && seconds() > until) { extent = "cut"; break }
    if ($5 != port || $4 != vip || $1 != protocol || $3 == "0000" || $8 == "ASSURED") continue
    key = $6 " " $7 " " $8
    count[key]++
    if ($8 == "SYN_RECV" && $9 + 0 <= 57) stuck[key]++
    if (reuse != 1) continue
    tuple = $2 " " $3
    if ($9 + 0 > top[$8]) top[$8] = $9 + 0
    end = begun + $9
    if (!(tuple in seen)) kept++
    else if (over[tuple] && end > ends[tuple] + 2 && end - top[$8] <= ends[tuple]) reused++
    live++
    seen[tuple] = round
    ends[tuple] = end
    over[tuple] = ($8 == "FIN_WAIT" || $8 == "CLOSE")
  }
  close(table)
  if (more < 0) extent = "absent"
  if (rows > 0) rows--
  for (key in count) printf "c %s %d %d\n", key, count[key], stuck[key]
  split("", count)
  split("", stuck)
  if (kept > 2 * live + 1000) {
    for (tuple in seen) {
      if (seen[tuple] == round || ends[tuple] > begun) continue
      delete seen[tuple]
      delete ends[tuple]
      delete over[tuple]
    }
    kept = 0
    for (tuple in seen) kept++
  }
  live = 0
  printf "s %d %d %s %d\n", rows, ticks(), extent, reused
  fflush()
}
`;

/** Prints the first rows that match, for evidence. */
const entriesProgram = String.raw`
BEGIN {
  while (found < limit && (getline < table) > 0) {
    if ($5 != port || $4 != vip || $1 != protocol || $3 == "0000" || $8 == "ASSURED") continue
    if (state != "" && $8 != state) continue
    if (client != "" && $2 != client) continue
    print
    found++
  }
}
`;

function variables(service: VirtualService, others: Readonly<Record<string, string | number>>): string[] {
  const values = {
    protocol: service.protocol.toUpperCase(),
    vip: addressInTable(service.vip),
    port: portInTable(service.port),
    ...others,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
}

export function samplerArgv(service: VirtualService, table: string): string[] {
  const given = variables(service, { table, limit: readLimitS, reuse: service.forwarding === 'nat' ? 0 : 1 });
  return ['sh', '-c', startAwk, 'ipvet-sampler', ...given, sampleProgram];
}

export interface EntryFilter {
  readonly state?: string;
  readonly clientAddress?: string;
  readonly limit: number;
}

export function entriesArgv(service: VirtualService, table: string, filter: EntryFilter): string[] {
  const { state = '', clientAddress, limit } = filter;
  const client = clientAddress === undefined ? '' : addressInTable(clientAddress);
  return ['awk', ...variables(service, { table, limit, state, client }), entriesProgram];
}
