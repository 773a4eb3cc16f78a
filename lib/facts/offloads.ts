import { parseOffloads } from '../parse/offloads.ts';
import { quoteWord } from '../ssh/quote.ts';
import { type Collector, firstLine, Unanswered } from './collector.ts';
import { interfaces } from './ip-questions.ts';

const mark = '@offloads';
/** Calls of ethtool at most. */
const mostInterfaces = 16;

/**
 * Of the interfaces that carry the declared addresses, and of those below a bond or VLAN among them, which receive the
 * frames. They are found in the answer of ip by the shell itself; without JSON, the interfaces that are hardware are taken.
 */
export const offloads: Collector<'offloads'> = {
  fact: 'offloads',
  needsRoot: false,
  tool: { name: 'ethtool', packages: 'ethtool' },
  ip: ({ ownAddresses }) => (ownAddresses.length === 0 ? [] : [interfaces]),
  command: () => 'ethtool -k INTERFACE',
  script: ({ ownAddresses }) =>
    ownAddresses.length === 0
      ? ''
      : String.raw`if has ethtool; then
set --
case $I in
'[{'*)
for a in ${ownAddresses.map(addressInJson).join(' ')}; do
p=${'${I%%"$a"*}'}
if [ "$p" != "$I" ]; then p=${`\${p##*'"ifname":"'}`}; set -- "$@" "${`\${p%%'"'*}`}"; fi
done ;;
*) for p in /sys/class/net/*/device; do if [ -e "$p" ]; then p=${'${p%/device}'}; set -- "$@" "${'${p##*/}'}"; fi; done ;;
esac
for i do for p in "/sys/class/net/$i"/lower_*; do if [ -e "$p" ]; then set -- "$@" "${'${p##*/lower_}'}"; fi; done; done
d=' ' n=0
for i do
case "$i$d" in lo\ * | tunl* | dummy* | ip6tnl* | *" $i "*) continue ;; esac
d="$d$i "; n=$((n + 1)); [ $n -le ${mostInterfaces} ] || break
printf '${mark} %s\n' "$i"; ethtool -k "$i" 2>&1; printf '${mark} = %s\n' $?
done
:
else absent ethtool; fi`,
  parse: ({ host, stdout }) => {
    const answers = stdout.matchAll(new RegExp(`^${mark} (\\S+)\\n([^]*?)^${mark} = (\\d+)$`, 'gm'));
    return [...answers].map(([, name = '', output = '', exitCode]) => {
      if (exitCode === '0') return parseOffloads(output, name);
      throw new Unanswered('command-failed', `${host}: ethtool -k ${name} failed: ${firstLine(output) ?? ''}`);
    });
  },
  show: ({ stdout, stderr }) => `${stdout.replaceAll(new RegExp(`^${mark} .*\\n?`, 'gm'), '')}${stderr}`,
};

/** As ip prints it in an interface's list. */
function addressInJson(address: string): string {
  return quoteWord(`"family":"${address.includes(':') ? 'inet6' : 'inet'}","local":"${address}"`);
}
