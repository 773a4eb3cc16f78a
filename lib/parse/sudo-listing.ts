/**
 * `sudo -n -l -l` in the C locale: what the caller may run, one entry after the other, one command a line. sudo's short
 * form puts all of an entry on one line, where a comma may belong to a command.
 */

export interface SudoListing {
  readonly entries: readonly SudoEntry[];
}

export interface SudoEntry {
  /** Whether it lets the caller become root. */
  readonly asRoot: boolean;
  /** Whether sudo asks for no password. */
  readonly free: boolean;
  /** As sudoers has them, aliases written out: `ALL`, `/usr/sbin/nft -j list ruleset`, `!/usr/bin/su`. */
  readonly commands: readonly string[];
}

/** Undefined where the text is no such listing. */
export function parseSudoListing(text: string): SudoListing | undefined {
  const [defaults = '', ...blocks] = text.split(/^(?=\S.* entry\b.*:|\S.* Role: )/m);
  const byDefault = defaults.includes('!authenticate');
  const entries = blocks.map((block): SudoEntry => {
    const field = (name: string) => new RegExp(`^ +${name}: *(.*)$`, 'm').exec(block)?.[1];
    const runAs = field('RunAsUsers')?.split(/,\s*/) ?? ['root'];
    const options = field('Options') ?? '';
    return {
      asRoot: runAs.some((user) => user === 'root' || user === 'ALL' || user === '#0') && !runAs.includes('!root'),
      free: /\bauthenticate\b/.test(options) ? options.includes('!authenticate') : byDefault,
      commands: [...block.matchAll(/^\t+(.+)$/gm)].map(([, command = '']) => command.trim()),
    };
  });
  return entries.length === 0 ? undefined : { entries };
}

/**
 * Whether the listing lets the caller run the words as root without a password. Undefined where it holds patterns,
 * which sudo itself must judge. As in sudoers(5), the last entry that speaks of the command decides.
 */
export function maySudo({ entries }: SudoListing, argv: readonly string[]): boolean | undefined {
  let may: boolean | undefined = false;
  for (const { asRoot, free, commands } of entries) {
    for (const command of asRoot ? commands : []) {
      const [pattern, allowed] = command.startsWith('!') ? [command.slice(1), false] : [command, free];
      if (names(pattern, argv)) may = allowed;
      else if (isPattern(pattern) && free && may === false) may = undefined;
    }
  }
  return may;
}

/** Whether an entry without a pattern speaks of the command. */
function names(entry: string, [program = '', ...args]: readonly string[]): boolean {
  if (entry === 'ALL') return true;
  const [path = '', ...words] = unescaped(entry.replace(/^sha\d+:\S+ /, '')).split(' ');
  if (path !== program && !path.endsWith(`/${program}`)) return false;
  // Without arguments an entry allows any; `""` allows none.
  return words.length === 0 || words.join(' ') === (args.length === 0 ? '""' : args.join(' '));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\:,=# ])/g, '$1');
}

/** Wildcards (fnmatch(3)), regular expressions and whole folders. */
function isPattern(entry: string): boolean {
  return /[*?[^]|\/$/.test(entry);
}
