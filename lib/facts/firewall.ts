import { parseFirewall } from '../parse/firewall.ts';
import { iptablesLegacySave, iptablesSave, nftListing } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, firstLine, type Section, Unanswered } from './collector.ts';

/** Marks between the tools' outputs; none of them prints a line that begins so. */
const mark = '@tool';

/**
 * nft shows what iptables-nft made without its conditions, so iptables-save is asked too, where nft showed a table at all.
 * iptables-legacy has rules of its own where the kernel has ip_tables; iptables-save may be that one under its usual name.
 * None of them makes a table by being asked for all tables (iptables-save.c, for_each_table).
 */
export const firewall: Collector<'firewall'> = {
  fact: 'firewall',
  needsRoot: true,
  command: () => 'nft -j list ruleset; iptables-save -c; iptables-legacy-save -c',
  script:
    () => String.raw`list() { printf '${mark} %s\n' "$1" >&2; printf '${mark} %s\n' "$1"; shift; "$@"; printf '\n${mark} %s\n' "$?"; }
shown() { o=$(${asRoot(nftListing)}); set -- $?; printf '%s\n' "$o"; return $1; }
path() { IFS=:; for f in $PATH; do if [ -x "$f/$1" ]; then f=$f/$1; unset IFS; return; fi; done; f=; unset IFS; }
o=; if has nft; then list nft shown; fi
case $o in *'"table":'*) t=y ;; *) t= ;; esac
has nft || t=y
path iptables-legacy-save; g=$f; path iptables-save
l=; if [ -e /proc/net/ip_tables_names ]; then l=y; fi
if [ -z "$g" ]; then t=$t$l; elif [ -n "$f" ] && [ "$f" -ef "$g" ]; then t=$l g=; fi
if [ -n "$t" ] && [ -n "$f" ]; then list iptables ${asRoot(iptablesSave)}; fi
if [ -n "$l" ] && [ -n "$g" ]; then list iptables ${asRoot(iptablesLegacySave)}; fi
:`,
  parse: (section) => {
    const listings = listingsOf(section);
    const failed = listings.find(({ exitCode, error }) => exitCode !== 0 && !notInKernel.test(error));
    if (failed !== undefined) {
      const said = firstLine(failed.error) ?? `exit code ${failed.exitCode}`;
      throw new Unanswered(
        'command-failed',
        `${section.host}: the rules of ${failed.tool} could not be listed: ${said}`,
      );
    }
    const answered = listings.filter(({ exitCode }) => exitCode === 0);
    const nft = answered.find(({ tool }) => tool === 'nft')?.output;
    return parseFirewall({
      ...(nft === undefined ? {} : { nft }),
      iptables: answered.filter(({ tool }) => tool === 'iptables').map(({ output }) => output),
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
  const outputs = stdout.matchAll(new RegExp(`^${mark} ([a-z]+)\\n([^]*?)\\n${mark} (\\d+)$`, 'gm'));
  return [...outputs].map(([, tool = '', output = '', exitCode = ''], index) => ({
    tool,
    output,
    error: errors[index] ?? '',
    exitCode: Number(exitCode),
  }));
}
