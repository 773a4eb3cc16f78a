/**
 * The programs a fix is on its host, in POSIX sh (dash, bash, busybox), run as root from the guard's folder. One does it,
 * one takes it back, one puts it in place again. What is needed for that is kept on the
 * host, where only root reads it: files the fix names, and addresses, routes, rules, kernel settings, units and the
 * packet filter as far as the fix is about them, before and after.
 */
import { guardFile } from '../privileges/index.ts';
import { quoteWord } from '../ssh/quote.ts';
import { type Fix, linesOf } from './plan.ts';
import { filesOf, filterListingsOf, sysctlPathsOf, unitsOf } from './settings.ts';

/** What the programs need to know besides the fix. */
export interface FixPlace {
  /** Of the plan: names its folder on the host. */
  readonly id: string;
  /** Folder of hosts for what is kept, root's own. */
  readonly keep?: string;
  /** Folder that is the lock. */
  readonly lock?: string;
  /** Below which the files of the host lie; for tests. */
  readonly root?: string;
}

/** Where a fix keeps what it found and left, until it is taken back. */
export const keepFolder = '/var/lib/ipvet';

const lockFolder = guardFile.slice(0, guardFile.lastIndexOf('/'));

/** Exit codes of the programs that are answers. */
export const fixExit = {
  /** A command failed; what it had changed is still there. */
  commandFailed: 1,
  /** The host is not as it is to be; the lines say where. */
  different: 3,
  /** The host keeps nothing of this fix: it was never applied, or was taken back. */
  nothingKept: 4,
  /** Somebody else has changed since what the fix left. */
  changedSince: 5,
  /** The lock is not this run's any more: nothing was done. */
  unlocked: 75,
} as const;

type Known = Pick<Fix, 'number' | 'host' | 'summary' | 'commands' | 'persistent' | 'undo'>;

/** Does it. Refuses with `fixExit.unlocked` unless the lock is run `runId`'s; then the host was not touched. */
export function applyProgram(fix: Known, place: FixPlace, runId: string): string {
  return `${head(fix, place)}
if ! { [ -r "$d/id" ] && IFS= read -r holder <"$d/id" && [ "$holder" = ${quoteWord(runId)} ]; }; then echo "the lock is not held any more" >&2; exit ${fixExit.unlocked}; fi
if [ -e "$k/before" ]; then echo "$k is there already" >&2; exit ${fixExit.commandFailed}; fi
mkdir -p "$k/before.d" "$k/after.d" || exit ${fixExit.commandFailed}
printf '%s\\n' $$ >"$k/pid"
save before || exit ${fixExit.commandFailed}
forth() {
  ${linesOf(fix).map(call).join(' &&\n  ')}
}
forth || { c=$?; rm -f "$k/pid"; exit ${fixExit.commandFailed}; }
save after || exit ${fixExit.commandFailed}
rm -f "$k/pid"
`;
}

/** Back to how it was found. Right also when it was never applied, or in part. Forgets what was kept, once it is so. */
export function undoProgram(fix: Known, place: FixPlace): string {
  return `${head(fix, place)}
if [ ! -e "$k/before" ]; then rm -rf "$k"; exit 0; fi
halt
travel before after || exit ${fixExit.different}
forget
`;
}

/**
 * As `undoProgram`, and nothing is forgotten. Where the host is no longer as the fix left it says so in lines (`- gone`,
 * `+ back`) and does nothing; with `force` it takes back the rest.
 */
export function backProgram(fix: Known, place: FixPlace, force: boolean): string {
  const unkept = force ? 'commands_before >/dev/null 2>&1; exit 0' : `exit ${fixExit.nothingKept}`;
  const look = `state >"$k/now" || exit ${fixExit.commandFailed}
changed after before >"$k/differs"; rm -f "$k/now"
if [ -s "$k/differs" ]; then cat "$k/differs"; rm -f "$k/differs"; exit ${fixExit.changedSince}; fi`;
  return `${head(fix, place)}
if [ ! -e "$k/after" ]; then ${unkept}; fi
${force ? 'force=y' : look}
: >"$k/going"
travel before after || exit ${fixExit.different}
`;
}

/** The way forth again, when taking back was begun and went wrong. */
export function againProgram(fix: Known, place: FixPlace): string {
  return `${head(fix, place)}
if [ ! -e "$k/going" ]; then exit 0; fi
travel after before || exit ${fixExit.different}
rm -f "$k/going"
`;
}

/** Throws away what was kept for taking it back. */
export function forgetProgram(fix: Known, place: FixPlace): string {
  return `${head(fix, place)}\nforget\n`;
}

function call(line: string): string {
  // A shell of its own for each line: one that is cut short, or says exit, is not the end of the program.
  return `run ${quoteWord(line)}`;
}

function head(fix: Known, { id, keep = keepFolder, lock = lockFolder, root = '' }: FixPlace): string {
  const lines = [...linesOf(fix), ...fix.undo];
  const files = filesOf(lines).map((file) => `${root}${file}`);
  const units = unitsOf(lines);
  const sysctls = sysctlPathsOf(lines).map((path) => `${root}/proc/sys/${path}`);
  const list = (words: readonly string[]): string => words.map((word) => ` ${quoteWord(word)}`).join('');
  return String.raw`# ipvet ${id}, fix ${fix.number} of ${fix.host}
LC_ALL=C; export LC_ALL; PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH
umask 077; d=${quoteWord(lock)} k=${quoteWord(`${keep}/${id}/${fix.number}`)} force=
has() { command -v "$1" >/dev/null 2>&1; }
run() { (umask 022; exec sh -c "$1") </dev/null; }
each_file() { for f in${list(files)}; do "$1" "$f" || return 1; done; }
look_file() {
  if [ -f "$1" ]; then
    { ls -lnd "$1"; cksum <"$1"; } | { read -r mode _ uid gid _; read -r sum; printf 'file %s %s %s:%s %s\n' "$1" "$mode" "$uid" "$gid" "$sum"; }
  elif [ ! -e "$1" ]; then printf 'file %s absent\n' "$1"; fi
}
# One program for all lines: a process is what costs on a slow host.
look() {
  {
    if has ip; then
      echo @address; ip -o address show; echo @link; ip -o link show
      for v in -4 -6; do echo "@route $v"; ip -o $v route show table all; echo "@rule $v"; ip $v rule show; done
    fi
    echo @sysctl; grep -s '' /dev/null ${root}/proc/sys/net/ipv4/ip_forward ${root}/proc/sys/net/ipv4/conf/*/* ${root}/proc/sys/net/ipv6/conf/*/*${list(sysctls)}
    echo @hostname; cat /proc/sys/kernel/hostname
    if has systemctl; then for u in${list(units)}; do echo "@unit $u"; systemctl show -p ActiveState -p UnitFileState "$u"; done; fi
${filterListingsOf(lines).map(filterLines).join('')}    echo @; each_file look_file
  } 2>/dev/null | awk '
    /^@/ { kind = substr($0, 2); next }
    kind == "" { print; next }
    kind == "sysctl" || kind == "hostname" || kind ~ /^unit / { print kind " " $0; next }
    kind == "link" {
      if ($3 !~ /[<,]UP[,>]/) next
      for (i = 4; i < NF; i++) if ($i == "mtu") print "link " $2 " up mtu " $(i + 1)
      next
    }
    / table local( |$)/ || (kind ~ /-save$/ && /^(#|COMMIT)/) { next }
    {
      gsub(/\\/, " "); sub(/ *valid_lft.*/, ""); sub(/ counter packets [0-9]* bytes [0-9]*/, ""); sub(/ \[[0-9]+:[0-9]+\]/, "")
      sub(/ expires [0-9]*sec/, ""); sub(/ error -?[0-9]+/, ""); gsub(/ (tentative|linkdown|dead)/, "")
      if (kind == "address") sub(/^[0-9]+: */, "")
      gsub(/[ \t]+/, " "); sub(/^ /, ""); sub(/ $/, ""); print kind " " $0
    }'
}
state() { look >"$k/looked" 2>/dev/null; sort -u "$k/looked"; rm -f "$k/looked"; }
save_file() { if [ -f "$1" ]; then mkdir -p "$k/$s.d$(dirname "$1")" && cp -p "$1" "$k/$s.d$1"; fi; }
save() { s=$1; each_file save_file && state >"$k/$s.new" && mv "$k/$s.new" "$k/$s"; }
# A fix whose connection was cut may still be at work.
halt() {
  p=; if [ -r "$k/pid" ]; then read -r p <"$k/pid"; fi
  i=0; while [ -n "$p" ] && [ $i -lt 50 ] && grep -qsF "$d/fix" "/proc/$p/cmdline"; do
    if read -r _ _ _ _ g _ <"/proc/$p/stat" 2>/dev/null && [ "$g" -gt 1 ]; then if [ $i -lt 25 ]; then kill -TERM "-$g" 2>/dev/null; else kill -KILL "-$g" 2>/dev/null; fi; fi
    i=$((i + 1)); sleep 0.1 2>/dev/null || sleep 1
  done
}
# What side $1 has and the other one has not, and what of it the host has not now, and the other way round.
changed() {
  comm -23 "$k/$1" "$k/$2" >"$k/own"; comm -13 "$k/$1" "$k/$2" >"$k/foreign"
  comm -23 "$k/own" "$k/now" | sed 's/^/- /'; comm -12 "$k/foreign" "$k/now" | sed 's/^/+ /'
  rm -f "$k/own" "$k/foreign"
}
commands_before() {
  ${fix.undo.map(call).join('\n  ')}
  :
}
commands_after() {
  ${linesOf(fix).map(call).join('\n  ')}
  :
}
# What somebody else has changed since is left as the commands make it.
held_file() { if look_file "$1" | grep -qxFf - "$k/$from"; then printf '%s\n' "$1" >>"$k/held"; fi; }
# Also one of the same content: what wrote it anew has changed its time.
put_file() {
  if ! grep -qxF -- "$1" "$k/held"; then return 0; fi
  if [ -f "$k/$to.d$1" ]; then cp -p "$k/$to.d$1" "$1"
  elif grep -qxF -- "file $1 absent" "$k/$to"; then rm -f "$1"; fi
}
# Lines of side $to, or with $2 of the other, that begin with $1 and that the host has not, or has, now.
missing() { grep -- "^$1 " "$k/due" | comm -23 - "$k/now"; }
spare() { grep -- "^$1 " "$k/undue" | comm -12 - "$k/now"; }
travel() {
  to=$1 from=$2; if [ ! -e "$k/$from" ]; then state >"$k/now"; cp "$k/now" "$k/$from.cut"; from=$from.cut; fi
  comm -23 "$k/$to" "$k/$from" >"$k/due"; comm -13 "$k/$to" "$k/$from" >"$k/undue"
  : >"$k/held"; each_file held_file
  "commands_$1" >"$k/said" 2>&1
  each_file put_file
  i=0; while [ $i -lt 2 ]; do
    grep '^sysctl ' "$k/due" | while IFS= read -r line; do
      line=${'${line#sysctl }'}; f=${'${line%%:*}'}; v=${'${line#*:}'}
      IFS= read -r n <"$f"; if [ "$n" != "$v" ]; then printf '%s\n' "$v" >"$f"; fi
    done 2>/dev/null
    i=$((i + 1))
  done
  if grep -qs '^route ' "$k/due" "$k/undue"; then
    state >"$k/now"
    missing route | while read -r _ v line; do set -f; ip $v route replace $line </dev/null; set +f; done >>"$k/said" 2>&1
    state >"$k/now"
    spare route | while read -r _ v line; do set -f; ip $v route delete $line </dev/null; set +f; done >>"$k/said" 2>&1
  fi
  state >"$k/now"; changed "$to" "$from" >"$k/differs"
  c=0; if [ -s "$k/differs" ] && [ -z "$force" ]; then head -n 20 "$k/differs" >&2; c=1; fi
  rm -f "$k/now" "$k/differs" "$k/due" "$k/undue" "$k/held" "$k/$2.cut"; return $c
}
forget() { rm -rf "$k"; rmdir ${quoteWord(`${keep}/${id}`)} ${quoteWord(keep)} 2>/dev/null; :; }
`;
}

function filterLines(program: 'iptables-save' | 'ip6tables-save' | 'nft'): string {
  const words = program === 'nft' ? 'nft list ruleset' : program;
  return `    if has ${program}; then echo @${program}; ${words}; fi\n`;
}
