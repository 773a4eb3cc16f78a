import { parseFirewall } from '../parse/firewall.ts';
import {
  arptablesLegacySave,
  arptablesSave,
  ip6tablesLegacySave,
  ip6tablesSave,
  iptablesLegacySave,
  iptablesSave,
  nftListing,
} from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, firstLine, type Section, Unanswered } from './collector.ts';

/** Marks between the tools' outputs; none of them prints a line that begins so. */
const mark = '@tool';

/**
 * nft shows what iptables-nft made without its conditions, so iptables-save is asked too, where nft showed a table at all;
 * ip6tables-save where it showed one of IPv6, arptables-save where it showed a rule about ARP with a target of xtables.
 * The legacy variants have rules of their own where the kernel has their tables; the usual name may be that one.
 * Where there may be rules and no tool to list them, that is said: without one a host is not known to have none.
 * None of them makes a table by being asked for all tables (iptables-save.c, for_each_table).
 */
export const firewall: Collector<'firewall'> = {
  fact: 'firewall',
  needsRoot: true,
  command: () => 'nft -j list ruleset; iptables-save -c; ip6tables-save -c; arptables-save',
  script:
    () => String.raw`list() { printf '${mark} %s\n' "$1" >&2; printf '${mark} %s\n' "$1"; shift; "$@"; printf '\n${mark} %s\n' "$?"; }
shown() { o=$(${asRoot(nftListing)}); set -- $?; printf '%s\n' "$o"; return $1; }
path() { IFS=:; for f in $PATH; do if [ -x "$f/$1" ]; then f=$f/$1; unset IFS; return; fi; done; f=; unset IFS; }
ask() {
path "$2"; g=$f; path "$1"
l=; if [ -e "/proc/net/$3" ]; then l=y; fi
if [ -z "$g" ]; then t=$t$l; elif [ -n "$f" ] && [ "$f" -ef "$g" ]; then t=$l g=; fi
if [ -n "$f" ]; then u=$t; else u=; fi
if [ -z "$g" ]; then l=; fi
if [ -z "$f$g" ] && filled "$3"; then list unlisted absent "$1"; fi
}
filled() { [ -e "/proc/net/$1" ] || return; if [ -r "/proc/net/$1" ]; then read -r x <"/proc/net/$1"; else grep -q "^${'${1%%_*}'}table_" /proc/modules; fi; }
o=
if has nft; then list nft shown
else path iptables-save; if [ -z "$f" ] && grep -q '^nf_tables ' /proc/modules 2>/dev/null; then list unlisted absent nft; fi
fi
case $o in *'"table":'*) t=y ;; *) t= ;; esac
has nft || t=y
n=$t
ask iptables-save iptables-legacy-save ip_tables_names
if [ -n "$u" ]; then list iptables ${asRoot(iptablesSave)}; fi
if [ -n "$l" ]; then list iptables ${asRoot(iptablesLegacySave)}; fi
t=; case $o in *'"family": "ip6"'*) t=y ;; esac
has nft || t=$n
ask ip6tables-save ip6tables-legacy-save ip6_tables_names
if [ -n "$u" ]; then list ip6tables ${asRoot(ip6tablesSave)}; fi
if [ -n "$l" ]; then list ip6tables ${asRoot(ip6tablesLegacySave)}; fi
t=; case $o in *'"family": "arp"'*'"xt"'*) t=y ;; esac
ask arptables-save arptables-legacy-save arp_tables_names
if [ -n "$u" ]; then list arptables ${asRoot(arptablesSave)}; fi
if [ -n "$l" ]; then list arptables ${asRoot(arptablesLegacySave)}; fi
:`,
  parse: (section) => {
    const listings = listingsOf(section);
    const failed = listings.find(({ exitCode, error }) => exitCode !== 0 && !notInKernel.test(error));
    if (failed?.tool === 'unlisted') {
      throw new Unanswered(
        'tool-absent',
        `${section.host}: its kernel filters packets, and nothing there lists the rules: ${firstLine(failed.error) ?? ''}`,
        'Install nftables, or iptables where the rules are its.',
      );
    }
    if (failed !== undefined) {
      const said = firstLine(failed.error) ?? `exit code ${failed.exitCode}`;
      throw new Unanswered(
        'command-failed',
        `${section.host}: the rules of ${failed.tool} could not be listed: ${said}`,
      );
    }
    const answered = listings.filter(({ exitCode }) => exitCode === 0);
    const nft = answered.find(({ tool }) => tool === 'nft')?.output;
    const outputs = (wanted: string): readonly string[] =>
      answered.filter(({ tool }) => tool === wanted).map(({ output }) => output);
    return parseFirewall({
      ...(nft === undefined ? {} : { nft }),
      iptables: outputs('iptables'),
      ip6tables: outputs('ip6tables'),
      arptables: outputs('arptables'),
    });
  },
  show: ({ stdout, stderr }) =>
    `${stdout}\n${stderr}`
      .replaceAll(new RegExp(`^${mark} .*\\n?`, 'gm'), '')
      .replaceAll(/\n{2,}/g, '\n')
      .trim(),
};

interface Listing {
  readonly tool: string;
  readonly output: string;
  readonly error: string;
  readonly exitCode: number;
}

/** A tool that came without its half in the kernel: there are no rules of its kind. */
const notInKernel = /not supported|Protocol not available|can't initialize|Failed to initialize nft/i;

function listingsOf({ stdout, stderr }: Section): readonly Listing[] {
  const errors = stderr.split(new RegExp(`^${mark} \\w+\\n?`, 'm')).slice(1);
  const outputs = stdout.matchAll(new RegExp(`^${mark} ([a-z0-9]+)\\n([^]*?)\\n${mark} (\\d+)$`, 'gm'));
  return [...outputs].map(([, tool = '', output = '', exitCode = ''], index) => ({
    tool,
    output,
    error: errors[index] ?? '',
    exitCode: Number(exitCode),
  }));
}
