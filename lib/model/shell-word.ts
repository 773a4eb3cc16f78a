const plain = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * One word of a command to be copied to a POSIX shell: the program gets exactly `word`. Whatever a host or the cluster
 * file provided goes through here before it stands in a remedy. A word with control characters is written as
 * `"$(printf '…')"`, because a copied line must not hold what a terminal would obey.
 */
export function shellWord(word: string): string {
  return plain.test(word) ? word : quotedWord(word);
}

/** As `shellWord`, in quotes also where it could do without. */
export function quotedWord(word: string): string {
  if (!obeyed.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const bytes = [...new TextEncoder().encode(word)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  // A newline at the end would be lost to the substitution; no name has one.
  return `"$(printf '${bytes.join('')}')"`;
}
