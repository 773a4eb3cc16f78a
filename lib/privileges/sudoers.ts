/** Root commands in the words of sudoers(5). */
import type { RootCommand } from './root-command.ts';

/** Where distributions have their programs; sudo takes the one it finds along secure_path. */
const folders = {
  system: ['/usr/sbin', '/sbin'],
  everyone: ['/usr/bin', '/bin'],
} as const;

const forEveryone = new Set(['cat', 'tee', 'systemctl', 'systemd-run']);

/** One command for each path the program may have. */
export function sudoersCommands({ argv: [program = '', ...args] }: RootCommand): readonly string[] {
  const paths = forEveryone.has(program) ? folders.everyone : folders.system;
  // Without arguments a rule would allow any.
  const words = args.length === 0 ? ['""'] : args.map(sudoersWord);
  return paths.map((folder) => [`${folder}/${program}`, ...words].join(' '));
}

/**
 * Read twice: by the grammar, in which `:`, `,`, `=`, `#` and blanks mean something, and by fnmatch(3), in which wildcards
 * and the backslash do.
 */
function sudoersWord(word: string): string {
  return word.replaceAll(/[\\*?[\]!:,=#\s]/g, (letter) => (letter === '\\' ? '\\\\\\\\' : `\\${letter}`));
}
