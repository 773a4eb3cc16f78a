/**
 * The two programs that stay on a host while it is being changed, in POSIX sh (dash, bash, busybox). Both run as the
 * login user and keep everything in one folder, whose making is the lock.
 *
 * The keeper talks with the run over ssh: signs of life and undo steps in, answers out. It ends with the connection.
 * The guard outlives it: when it has heard no sign of life for long enough it runs the undo steps, the last one first.
 *
 * /var/tmp is where an ordinary user may write on every distribution, where logind does not clean up behind a user who
 * has logged out (it does in /dev/shm: logind.conf(5), RemoveIPC), and what a reboot leaves alone.
 */
import type { ClusterHost } from '../model/cluster.ts';
import { guardCommand, guardFile } from '../privileges/index.ts';
import { quoteWord } from '../ssh/quote.ts';

/** Where on a host, and how long the guard waits for a sign of life before it undoes; it looks every 2 s. */
export interface GuardPlace {
  readonly folder: string;
  readonly holdS: number;
}

export const guardPlace: GuardPlace = { folder: '/var/tmp/ipvet', holdS: 20 };

/**
 * Network namespaces of a machine share its files: each has a folder of its own. systemd, which knows nothing of the
 * namespace, does not start that guard, so it is a process of the namespace.
 */
export function guardPlaceOf({ netns }: Pick<ClusterHost, 'netns'>): GuardPlace {
  if (netns === undefined) return guardPlace;
  return { ...guardPlace, folder: `${guardPlace.folder}.netns-${netns.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}` };
}

/** `root CMD…` runs a program as root. */
const rootPrelude = String.raw`LC_ALL=C; export LC_ALL; PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"; export PATH
uid=$(id -u); root() { if [ "$uid" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
`;

/** The name that a program which makes a change goes by, in /proc/PID/cmdline. */
const changeName = 'ipvet-change';

/**
 * Part of every undo step, so that each works by itself. `settle FOLDER N` closes change N: what would make it and has
 * not begun, such as words still under way on a broken connection, no longer begins; what has begun is waited for.
 */
const undoPrelude = String.raw`${rootPrelude}settle() {
  rm -f "$1/open.$2"; i=0
  for f in "$1/making.$2".*; do
    while [ -e "$f" ] && grep -qsF ${changeName} "/proc/${'${f##*.}'}/cmdline"; do
      if [ $i -ge 50 ]; then printf 'what makes the change has not ended\n' >&2; return 1; fi
      i=$((i + 1)); sleep 0.2 2>/dev/null || sleep 1
    done
  done
}
`;

/** An undo step as the run itself runs it: the text that the keeper writes into `step.N`. */
export function undoProgram(number: number, script: string, { folder }: GuardPlace = guardPlace): string {
  return `${undoPrelude}settle ${quoteWord(folder)} ${number} || exit 1\n${script.trimEnd()}\n`;
}

/**
 * `field NAME` puts the first line of a file of the folder in $value; `now` puts the uptime in whole seconds in $up;
 * `alive` says whether $value, from `armed`, is the guard: its number may be another program's by now, always after a restart.
 */
const common = String.raw`
field() { value=; if [ -r "$d/$1" ]; then IFS= read -r value <"$d/$1"; fi; }
now() { up=; read -r up rest </proc/uptime; up=${'${up%%.*}'}; }
alive() { field armed; [ -n "$value" ] && grep -qsF "$d/guard" "/proc/$value/cmdline"; }
`;

/** `sh guard` watches, `sh guard now` undoes at once: for a lock that is taken over, and for an operator. */
function guardProgram({ folder, holdS }: GuardPlace): string {
  return String.raw`# ipvet: takes back what a run changed on this host, when that run is gone. sh ${folder}/guard now: at once.
d=${folder}
${rootPrelude}${common}
field id; id=$value
fire() {
  mkdir "$d/firing" 2>/dev/null || exit 0
  printf 'at %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >>"$d/log"
  steps=
  while read -r n; do steps="$n $steps"; done <"$d/order"
  try=0
  while [ $try -lt 5 ]; do
    left=
    for n in $steps; do
      if grep -qx "$n" "$d/done" 2>/dev/null; then continue; fi
      if sh "$d/step.$n" >"$d/said" 2>&1; then
        printf '%s\n' "$n" >>"$d/done"; field "what.$n"; printf 'undone %s\n' "$value" >>"$d/log"
      else left="$n $left"; fi
    done
    if [ -z "$left" ]; then break; fi
    try=$((try + 1)); sleep 2
  done
  if [ -z "$left" ]; then rm -rf "$d.restored"; mv "$d" "$d.restored"; exit 0; fi
  for n in $left; do field "what.$n"; printf 'failed %s\n' "$value" >>"$d/log"; done
  printf '%s\n' "$left" >"$d/failed"; rmdir "$d/firing"; exit 1
}
if [ "$1" = now ]; then
  if alive; then kill "$value" 2>/dev/null; fi
  rm -f "$d/failed"; rmdir "$d/firing" 2>/dev/null
  fire
fi
printf '%s\n' $$ >"$d/armed"
while :; do
  field id; if [ -z "$id" ] || [ "$value" != "$id" ]; then exit 0; fi
  now; field beat
  case $value in
  '' | *[!0-9]*) ;;
  *) if [ $((up - value)) -ge ${holdS} ]; then fire; fi ;;
  esac
  sleep 2
done
`;
}

/**
 * Conversation by lines. In: `begin ID` or `resume ID`, each followed by three lines (owner, purpose, since); then `beat`,
 * `step N`, its phrase, its lines and `@end`, `done N`, `release`. Out, one line for each: see lib/changes/channel.ts.
 */
function keeperProgram(): string {
  const [program, ...args] = guardCommand('$user').argv;
  const systemd = [program, ...args.map((word) => (word.includes('$') ? `"${word}"` : word))].join(' ');
  return String.raw`umask 022; d=$2
${rootPrelude}${common}
user=$(id -un); boot=; { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
put() { printf '%s\n' "$2" >"$d/$1"; }
# A command that sudo refuses is an incident in its log: it is asked first, which is none.
may() { [ "$uid" = 0 ] || sudo -n -l "$@" >/dev/null 2>&1; }
arm() {
  rm -f "$d/armed"; how=
  if [ -d /run/systemd/system ] && [ "$d/guard" = ${guardFile} ] && may ${systemd} && root ${systemd} </dev/null >/dev/null 2>&1; then how=systemd
  elif command -v setsid >/dev/null 2>&1; then setsid sh "$d/guard" </dev/null >/dev/null 2>&1 & how=detached
  else nohup sh "$d/guard" </dev/null >/dev/null 2>&1 & how=detached; fi
  i=0
  while [ $i -lt 25 ]; do if alive; then return 0; fi; i=$((i + 1)); sleep 0.2 2>/dev/null || sleep 1; done
  return 1
}
held() {
  # The one who made the folder may not have come to saying who he is.
  i=0; field id; while [ -z "$value" ] && [ $i -lt 3 ]; do sleep 1; i=$((i + 1)); field id; done
  printf 'held'; for f in id owner purpose since; do field $f; printf '\t%s' "$value"; done
  field beat; now; case $value in '' | *[!0-9]*) age= ;; *) age=$((up - value)) ;; esac
  case $age in -*) age= ;; esac
  # Without the guard's number the holder is only just starting it.
  if alive || { [ ! -e "$d/armed" ] && [ -n "$age" ] && [ "$age" -lt 20 ]; }; then g=alive; else g=dead; fi
  n=0; if [ -r "$d/order" ]; then while read -r x; do n=$((n + 1)); done <"$d/order"; fi
  if [ -O "$d" ]; then own=own; else own=foreign; fi
  field failed; printf '\t%s\t%s\t%s\t%s\t%s\n' "$age" $g $n $own "$value"
}
earlier() {
  if [ -O "$d.restored" ] && [ -r "$d.restored/log" ]; then
    IFS= read -r value <"$d.restored/id"; printf 'earlier %s\n' "$value"
    while IFS= read -r line; do printf '| %s\n' "$line"; done <"$d.restored/log"
    rm -rf "$d.restored"
  fi
}
read -r word id; IFS= read -r owner; IFS= read -r purpose; IFS= read -r since
if [ "$word" = resume ]; then
  field id
  if [ -d "$d" ] && [ "$value" = "$id" ]; then
    now; put beat "$up"; field failed
    if [ -n "$value" ]; then printf 'failed %s\n' "$value"; exit 0; fi
    if alive || arm; then :; else printf 'unarmed\n'; exit 0; fi
    # Over a restart the folder stays and what was changed does not: the run does not go on, but it cleans up.
    field boot; if [ "$value" = "$boot" ]; then printf 'armed again %s\n' "$boot"; else printf 'restarted\n'; fi
  else
    value=; if [ -r "$d.restored/id" ]; then IFS= read -r value <"$d.restored/id"; fi
    if [ "$value" = "$id" ]; then earlier; printf 'fired\n'; elif [ -d "$d" ]; then held; else printf 'absent %s\n' "$boot"; fi
    exit 0
  fi
else
  earlier
  if ! said=$(mkdir "$d" 2>&1); then
    if [ -d "$d" ]; then held; else printf 'unwritable %s\n' "$said"; fi
    exit 0
  fi
  now
  if put beat "$up" && printf '%s' "$1" >"$d/guard" && true >"$d/order" && put owner "$owner" && put purpose "$purpose" && put since "$since" && put boot "$boot" && put id "$id"
  then :; else rm -rf "$d"; printf 'unwritable %s: no space left\n' "$d"; exit 0; fi
  if arm; then printf 'armed %s %s\n' $how "$boot"; else rm -rf "$d"; printf 'unarmed\n'; exit 0; fi
fi
while IFS= read -r line; do
  word=${'${line%% *}'}; n=${'${line#* }'}
  field id
  if [ "$value" != "$id" ] || [ -d "$d/firing" ]; then printf 'gone\n'; exit 0; fi
  case $word in
  beat)
    now; put beat "$up"
    if alive; then printf 'ok\n'; elif arm; then printf 'rearmed\n'; else printf 'unarmed\n'; fi ;;
  step)
    IFS= read -r what; ok=1
    printf "%ssettle '%s' %s || exit 1\n" "$3" "$d" "$n" >"$d/step.$n" || ok=0
    while IFS= read -r line && [ "$line" != @end ]; do printf '%s\n' "$line" >>"$d/step.$n" || ok=0; done
    put "what.$n" "$what" || ok=0
    true >"$d/open.$n" || ok=0
    if [ $ok = 1 ] && printf '%s\n' "$n" >>"$d/order"; then printf 'ok\n'; else printf 'unwritable %s: no space left\n' "$d"; fi ;;
  done) rm -f "$d/open.$n"; printf '%s\n' "$n" >>"$d/done"; printf 'ok\n' ;;
  release)
    now; put beat "$up"; if alive; then kill "$value" 2>/dev/null; fi
    rm -rf "$d"; printf 'released\n'; exit 0 ;;
  esac
done
`;
}

/** What the run starts on the host, as the login user. */
export function keeperArgv(place: GuardPlace = guardPlace): readonly string[] {
  return ['sh', '-c', keeperProgram(), 'ipvet-keeper', guardProgram(place), place.folder, undoPrelude];
}

/** Ends what is sent to a change, so that a part of it is not taken for the whole. */
const whole = '@whole';

/**
 * Begins a change on input that is there to its last byte, and only while the run holds the lock and has not begun to take
 * the change back. A connection that is cut in the middle starts nothing, then or later. In: RUN-ID and number of the undo
 * step, the input, `@whole`. What ends the session does not end it half-way.
 */
const beginning = String.raw`d=$1; shift
${rootPrelude}refuse() { printf '${changeName}: %s\n' "$1" >&2; exit 75; }
IFS=' ' read -r id n || refuse cut
input=$(cat)
case $input in *${whole}) input=${'${input%'}${whole}} ;; *) refuse cut ;; esac
trap '' HUP INT TERM
m=$d/making.$n.$$; { true >"$m"; } 2>/dev/null || refuse gone
found=; { IFS= read -r found <"$d/id"; } 2>/dev/null
if [ "$found" != "$id" ] || [ ! -e "$d/open.$n" ]; then rm -f "$m"; refuse gone; fi
`;

/** Makes a change: a program as root. */
const changeProgram = String.raw`${beginning}printf '%s' "$input" | root "$@"; c=$?
rm -f "$m"; exit $c
`;

/**
 * Makes a change that cuts its own connection: its input is a program, which is kept and started by itself. It begins with
 * what it may run as root, and knows as $d the folder; it ends before it does anything when its undoing has begun.
 */
const detachProgram = String.raw`${beginning}p=$d/program.$n
if { printf '%s' "$1"; printf "d='%s'\nsleep 0.5 2>/dev/null || sleep 1\n[ -e "\$d/open.%s" ] || exit 0\n%s\n" "$d" "$n" "$input"; } >"$p"; then :; else rm -f "$m"; refuse gone; fi
if command -v setsid >/dev/null 2>&1; then setsid sh "$p" </dev/null >/dev/null 2>&1 &
else nohup sh "$p" </dev/null >/dev/null 2>&1 & fi
rm -f "$m"
`;

/** Started as the login user, who becomes root for `argv` alone; those are words of lib/privileges. */
export function changeArgv(argv: readonly string[], { folder }: GuardPlace = guardPlace): readonly string[] {
  return ['sh', '-c', changeProgram, changeName, folder, ...argv];
}

/** Started as the login user; its input is a program in sh that may say `root CMD…`. */
export function detachArgv({ folder }: GuardPlace = guardPlace): readonly string[] {
  return ['sh', '-c', detachProgram, changeName, folder, rootPrelude];
}

/** What goes to its standard input. */
export function changeInput(change: {
  readonly runId: string;
  readonly number: number;
  readonly text: string;
}): string {
  return `${change.runId} ${change.number}\n${change.text}${whole}\n`;
}

/** Why it did not start the program; undefined where it did. */
export function changeRefusal(exitCode: number | null, stderr: string): 'cut' | 'gone' | undefined {
  if (exitCode !== 75) return undefined;
  if (stderr.includes(`${changeName}: gone`)) return 'gone';
  return stderr.includes(`${changeName}: cut`) ? 'cut' : undefined;
}

/** Undoes at once what an earlier run has left behind, as the login user. */
export function takeOverArgv({ folder }: GuardPlace = guardPlace): readonly string[] {
  return ['sh', `${folder}/guard`, 'now'];
}
