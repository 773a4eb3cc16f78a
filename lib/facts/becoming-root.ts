/**
 * How the script, which runs as the login user, runs single programs as root. sudo is asked once for all that it allows,
 * and then only for what it allows: a refusal goes into the system's log as an incident, and by mail to root.
 */
import { type RootCommand, rootCommandsOf } from '../privileges/index.ts';
import { quoteArgv } from '../ssh/quote.ts';
import { ownSections } from './own-sections.ts';
import type { FactQuestions } from './questions.ts';

/** Before the words of a command that sudo does not allow, on standard error. */
const refusedMark = '@refused ';
/** Before the name of a program that the host has. */
const programMark = '@program ';

/** A line of a collector's script. Its exit code is the program's; 127 without the program, 126 where root is not to be had. */
export function asRoot({ argv }: RootCommand): string {
  return `root ${quoteArgv(argv)}`;
}

/**
 * Sets $U to the user id, $L to what sudo lists and $S to whether that can be used: `no`, `listed`, or `try` where sudo
 * allows something and its list cannot be read. $W are words for `root` to put first, none to begin with. Without `asksSudo` nothing is run as root. `may` judges as lib/parse/sudo-listing.ts does.
 */
export function becomingRoot({ become, root }: FactQuestions, asksSudo = true): string {
  const programs = [...new Set(rootCommandsOf(root).map(({ argv: [program = ''] }) => program))];
  const ask = String.raw`elif ! has sudo; then printf 'sudo is not installed\n' >&2; c=127
else
L=$(sudo -n -l -l); c=$?; printf '%s\n' "$L"
if [ $c = 0 ]; then case "$L" in *' entry'*:*"$T"* | *' Role: '*"$T"*) S=listed ;; *) S=try ;; esac; fi
`;
  return String.raw`T='${'\t'}' E='
'
may() {
if [ $S != listed ]; then [ $S = try ]; return; fi
sp=$1 sc=$* sd= sv= sr=n
set -f; IFS=$E; set -- $L; unset IFS; set +f
for sl do
case $sl in
[!\ $T]*' entry'*:* | [!\ $T]*' Role: '*) sr=y sf=$sd ;;
\ *RunAsUsers:*) case " ${'${sl#*:}'}," in *[\ ,]root,* | *[\ ,]ALL,* | *[\ ,]'#0',*) sr=y ;; *) sr=n ;; esac ;;
\ *Options:*'!authenticate'*) sf=y ;;
\ *Options:*authenticate*) sf= ;;
\ *'!authenticate'*) sd=y ;;
$T*)
[ $sr = y ] || continue
sl=${'${sl#$T}'} sw=$sf
case $sl in *\\*) for se in : , = '#'; do
while case $sl in *"\\$se"*) ;; *) false ;; esac; do sl=${'${sl%%"\\\\$se"*}$se${sl#*"\\\\$se"}'}; done
done ;; esac
case $sl in \!*) sl=${'${sl#!}'} sw= ;; esac
case $sl in
ALL | "$sp" | */"$sp" | "$sc" | */"$sc") sv=$sw ;;
*[*?[^]* | */) if [ "$sw" = y ] && [ "$sv" != y ]; then sv=perhaps; fi ;;
esac ;;
esac
done
[ "$sv" != '' ]
}
root() {
has "$1" || { printf '%s: not found\n' "$1" >&2; return 127; }
if [ "$U" = 0 ]; then $W "$@"
elif may "$@"; then $W sudo -n "$@"
else printf '${refusedMark}%s\n' "$*" >&2; return 126; fi
}
m b ${ownSections.become}
U= L= S=no W= c=0; { while read -r k r e x; do if [ "$k" = Uid: ]; then U=$e; break; fi; done </proc/self/status; } 2>/dev/null
[ -n "$U" ] || U=$(id -u)
for p in ${programs.join(' ')}; do if has "$p"; then printf '${programMark}%s\n' "$p"; fi; done
if [ "$U" = 0 ]; then :
${become === 'none' || !asksSudo ? '' : ask}fi
m e ${ownSections.become} $c
m b ${ownSections.root}; printf '%s\n' "$U"; m e ${ownSections.root} 0
`;
}

/** The section `become`, apart. */
export function parseBecoming(text: string): { readonly listing: string; readonly programs: readonly string[] } {
  const lines = text.split('\n');
  const isProgram = (line: string): boolean => line.startsWith(programMark);
  return {
    listing: lines.filter((line) => !isProgram(line)).join('\n'),
    programs: lines.filter(isProgram).map((line) => line.slice(programMark.length)),
  };
}

/** What a collector's script was not allowed to run, as far as it was not even tried. */
export function refusedCommand(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .find((line) => line.startsWith(refusedMark))
    ?.slice(refusedMark.length);
}
