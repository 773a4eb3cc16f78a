/** Quoting for the shell that sshd starts: POSIX sh, and csh and fish as far as single quotes go. */

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word of a command line; the shell gives the program exactly `word`. A NUL cannot be passed to a program at all. */
export function quoteWord(word: string): string {
  // A leading = would be expanded by zsh.
  if (plain.test(word) && !word.startsWith('=')) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** `argv` as one command line. A first word like `A=b` is quoted, so that it is a program's name and no assignment. */
export function quoteArgv(argv: readonly string[]): string {
  return argv
    .map((word, index) =>
      index === 0 && word.includes('=') ? `'${word.replaceAll("'", String.raw`'\''`)}'` : quoteWord(word),
    )
    .join(' ');
}
