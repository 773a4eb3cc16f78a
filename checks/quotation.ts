/** Choosing the lines of a host's own output that a verdict rests on. */
import { excerpt } from '../lib/model/check.ts';
import type { Evidence } from '../lib/model/evidence.ts';
import { shellWord } from '../lib/model/shell-word.ts';

const partOfWord = /[0-9A-Za-z_]/;

/** Whether the word stands alone in the line: `10.10.10.1` is not in `via 10.10.10.10`, and is in `10.10.10.1/24`. */
export function mentions(line: string, word: string): boolean {
  for (let at = line.indexOf(word); at !== -1 && word !== ''; at = line.indexOf(word, at + 1)) {
    const before = line.charAt(at - 1);
    const after = line.slice(at + word.length, at + word.length + 2);
    const continues = partOfWord.test(after.charAt(0)) || (after.startsWith('.') && partOfWord.test(after.charAt(1)));
    if (!(at > 0 && (partOfWord.test(before) || before === '.')) && !continues) return true;
  }
  return false;
}

/** The lines that mention any of the words; all of them when none does. Of kernel settings the command asks for those alone. */
export function quote(evidence: Evidence, ...words: readonly string[]): Evidence {
  const quoted = excerpt(evidence, (line) => words.some((word) => mentions(line, word)));
  if (quoted === evidence || evidence.command !== 'sysctl -a') return quoted;
  const keys = quoted.output.split('\n').map((line) => shellWord(line.replace(/ = .*$/, '')));
  return { ...quoted, command: `sysctl ${keys.join(' ')}` };
}
