/**
 * What runs on the director, as the login user: anybody may read these files (ip_vs_conn.c and ip_vs_ctl.c make them
 * 0444). It reads once for each line it is given and answers with sums, so that neither the table nor a process per
 * sample crosses anything: between two readings it waits in read(2), and when the connection is lost its input ends and
 * so does it. POSIX sh and awk (mawk, gawk, busybox, one-true-awk).
 */
import type { VirtualService } from '../model/cluster.ts';
import { addressInTable, portInTable } from '../parse/table-address.ts';

export const tablePath = '/proc/net/ip_vs_conn';

/** Longest one reading of the table may take, whatever was asked for. */
const readLimitS = 2;
/** Connections whose timers are remembered from one reading to the next: about 10 MB of awk's memory. */
const remembered = 20_000;

/**
 * mawk waits for 4 KiB of input unless it is told that somebody is waiting; the others do not know the option.
 *
 * Each read(2) of the table gives a page at most, however large the buffer (seq_read_iter() in fs/seq_file.c), and before
 * Linux 6.14 walks the table from its start. mawk asks for a page at a time. gawk and the others take st_blksize, which is
 * 1 KiB in /proc, and need four times as many reads; so they let cat read a large table for them.
 */
const startAwk = String.raw`
case "$(awk -W version 2>&1 </dev/null)" in mawk*) set -- -W interactive "$@" ;; *) set -- -v small=1 "$@" ;; esac
exec awk "$@"
`;
/** Reading fewer rows is cheaper than starting cat. */
const manyRows = 2000;

/**
 * The line it is given is a number of rows: 0 for the cheap files alone, else as many rows of the table at most.
 *
 * ip_vs_conn_sync has the same rows as ip_vs_conn, and before the timer whether the entry came from a peer (SYNC). Of a
 * row, $2 and $3 are the client's address and port, $4 and $5 the VIP and port, $6 and $7 the destination, $8 the state.
 * Persistence templates have client port 0000 and are no connections. A SYN_RECV entry begins at 60 s.
 *
 * What a timer tells, from one reading to the next: every packet of a connection that the director handles sets it back,
 * so an entry that ends later than it did had a packet since, and one that is in SYN_RECV still had one more SYN (or
 * SYN-ACK with NAT). Seconds are whole, and a row is read up to as late as the reading took, so a timer that stands may
 * seem to move by one second and that much more. Counted where it moved further.
 *
 * With DR and TUN the director sees no answers, and what it has of a finished connection stays in FIN_WAIT for 120 s. A
 * client that comes back from the same port in that time goes on in the old entry, to the old destination, and is not
 * counted as a connection (is_new_conn_expected() in ip_vs_core.c, without bit 2 of conn_reuse_mode). Such an entry is
 * known by its timer too: it ends later than it did, and its last packet (its end less the state's timeout, of which the
 * largest seen stands) came before its old end. Counted where reuse is 1.
 *
 * schedstat has nanoseconds on a CPU, where the kernel has it; stat has ticks, and those of programs that were started.
 */
const sampleProgram = String.raw`
function first(file,  line) {
  if ((getline line < file) <= 0) line = ""
  close(file)
  return line
}
function seconds() {
  return first(proc "/uptime") + 0
}
function cpu(  line, parts, own) {
  own = fine ? first("/proc/self/schedstat") / 1000 : 0
  if (fine && !small) return own
  line = first("/proc/self/stat")
  sub(/^.*\) /, "", line)
  split(line, parts, " ")
  return (fine ? own : (parts[12] + parts[13]) * 10000) + (parts[14] + parts[15]) * 10000
}
function ending(kind, rows) {
  printf "s %s %d %d %.0f %d\n", kind, rows, size, cpu(), left
  fflush()
}
function levels(  line, inside, found, more, any, file, i) {
  size = 0
  inside = ""
  while ((found = (getline < (net "ip_vs"))) > 0) {
    if ($1 != "->") {
      inside = ($1 " " $2) in listed ? listed[$1 " " $2] : ""
      continue
    }
    if ($2 ~ /^Remote/) continue
    size += $(NF - 1) + $NF
    if (inside != "") print "d", inside, $2, $(NF - 2), $(NF - 1), $NF
  }
  close(net "ip_vs")
  if (found < 0) return 0
  while ((more = (getline line < (net "ip_vs_stats_percpu"))) > 0) {
    if (line ~ /~/) break
    if (line ~ /^ *[0-9A-F]+ .*[1-9A-F]/) { print "n", line; any = 1 }
  }
  if (more > 0 && !any) print "n 0 0 0 0 0 0"
  close(net "ip_vs_stats_percpu")
  if (more < 0) {
    file = net "ip_vs_stats"
    for (i = 0; i < 3; i++) more = (getline line < file)
    close(file)
    if (more > 0) print "m", line
  }
  return 1
}
function forget(  tuple, part) {
  kept = 0
  for (tuple in seen) {
    split(tuple, part, " ")
    if (seen[tuple] == round || (reuse[part[1]] == 1 && ends[tuple] > begun)) { kept++; continue }
    delete seen[tuple]
    delete ends[tuple]
    delete over[tuple]
    delete half[tuple]
    delete again[tuple]
  }
}
function follow(service, timer,  tuple, end, place, last) {
  tuple = service " " $2 " " $3
  last = 0
  if (tuple in seen) last = seen[tuple]
  else if (kept >= most) { left++; return }
  else kept++
  if (timer > top[$8]) top[$8] = timer
  end = begun + timer
  seen[tuple] = round
  live++
  if (last == round - 1 && half[tuple] && $8 == "SYN_RECV") {
    if (end <= ends[tuple] + 1.05 + slowest) return
    if (end - 60 < ends[tuple]) {
      place = service " " $6 " " $7
      resent[place]++
      if (!again[tuple]++) waiting[place]++
    }
  } else if (last && over[tuple] && reuse[service] == 1 && end > ends[tuple] + 2 && end - top[$8] <= ends[tuple])
    reused[service]++
  ends[tuple] = end
  half[tuple] = ($8 == "SYN_RECV")
  over[tuple] = ($8 == "FIN_WAIT" || $8 == "CLOSE")
}
function row() {
  return piped ? (source | getline) > 0 : (getline < source) > 0
}
function table(limit,  rows, kind, service, key, column, took, timer) {
  source = net "ip_vs_conn_sync"
  column = 10
  if ((key = first(source)) == "") {
    source = net "ip_vs_conn"
    column = 9
    key = first(source)
  }
  if (key == "") return ending("absent", 0)
  piped = small && (size > many || before > many)
  if (piped) source = "cat '" source "'"
  rows = 0
  kind = "whole"
  round++
  live = 0
  left = 0
  begun = seconds()
  row()
  while (row()) {
    if (++rows > limit || (rows % 2000 == 0 && seconds() > begun + longest)) {
      kind = "part"
      rows--
      break
    }
    key = $1 " " $4 " " $5
    if (!(key in wanted) || $3 == "0000" || $8 == "ASSURED") continue
    service = wanted[key]
    key = service " " $6 " " $7 " " $8
    if (column == 10 && $9 == "SYNC") { synced[key]++; continue }
    timer = $column + 0
    count[key]++
    if ($8 == "SYN_RECV" && timer <= 57) stuck[key]++
    if ($8 == "SYN_RECV" || reuse[service] == 1) follow(service, timer)
  }
  close(source)
  before = rows
  took = seconds() - begun
  if (took > slowest) slowest = took
  for (key in count) printf "c %s %d %d\n", key, count[key], stuck[key]
  for (key in synced) printf "y %s %d\n", key, synced[key]
  for (key in resent) printf "r %s %d %d\n", key, waiting[key], resent[key]
  for (key in reused) printf "u %s %d\n", key, reused[key]
  split("", count)
  split("", stuck)
  split("", synced)
  if (kept > 2 * live + 1000 || (kept >= most && live < most / 2)) forget()
  ending(kind, rows)
}
BEGIN {
  n = split(services, list, ",")
  for (i = 1; i <= n; i++) {
    split(list[i], part, " ")
    wanted[part[1] " " part[2] " " part[3]] = i - 1
    listed[part[4] " " part[5]] = i - 1
    reuse[i - 1] = part[6]
  }
  net = proc "/net/"
  fine = first("/proc/self/schedstat") + 0 > 0
  print "h", first(proc "/sys/kernel/random/boot_id")
  if ((line = first(net "ip_vs_status")) != "") print "k", line
  ending("ready", 0)
}
{
  limit = $1 + 0
  if (!levels()) ending("absent", 0)
  else if (limit > 0) table(limit)
  else ending("levels", 0)
}
`;

/** Prints the first rows that match, for evidence. Compared as text: awk takes 0E01 for the number 0 as well. */
const entriesProgram = String.raw`
BEGIN {
  while (found < limit && (getline < table) > 0) {
    if ($5 "" != port "" || $4 "" != vip "" || $1 != protocol || $3 == "0000" || $8 == "ASSURED") continue
    if (state != "" && $8 != state) continue
    if (client != "" && $2 "" != client "") continue
    if (ports != "" && index(ports, " " $3 " ") == 0) continue
    print
    found++
  }
}
`;

function assignments(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
}

function inTable({ protocol, vip, port }: VirtualService) {
  return { protocol: protocol.toUpperCase(), vip: addressInTable(vip), port: portInTable(port) };
}

/** Protocol, VIP and port of the table's rows; the two words /proc/net/ip_vs lists the service by; whether entries may be reused. */
function wordsOf(service: VirtualService): string {
  const { protocol, vip, port } = inTable(service);
  const { fwmark, forwarding } = service;
  const address = vip.includes(':') ? `[${vip}]` : vip;
  const listed =
    fwmark === undefined
      ? `${protocol} ${address}:${port}`
      : `FWM ${fwmark.toString(16).toUpperCase().padStart(8, '0')}`;
  return `${protocol} ${vip} ${port} ${listed} ${forwarding === 'nat' ? 0 : 1}`;
}

/** `proc` is where /proc is. */
export function samplerArgv(services: readonly VirtualService[], proc = '/proc'): string[] {
  const given = {
    services: services.map(wordsOf).join(','),
    proc,
    longest: readLimitS,
    most: remembered,
    many: manyRows,
  };
  return ['sh', '-c', startAwk, 'ipvet-sampler', ...assignments(given), sampleProgram];
}

export interface EntryFilter {
  readonly state?: string;
  readonly clientAddress?: string;
  readonly clientPorts?: readonly number[];
  readonly limit: number;
}

export function entriesArgv(service: VirtualService, table: string, filter: EntryFilter): string[] {
  const { state = '', clientAddress, clientPorts = [], limit } = filter;
  const client = clientAddress === undefined ? '' : addressInTable(clientAddress);
  const ports = clientPorts.length === 0 ? '' : ` ${clientPorts.map(portInTable).join(' ')} `;
  return ['awk', ...assignments({ ...inTable(service), table, limit, state, client, ports }), entriesProgram];
}
