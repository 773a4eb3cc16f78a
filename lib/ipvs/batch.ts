/**
 * A plan as one call of ipvsadm. Pure. `ipvsadm -R` neither flushes first nor stops at a line that fails, takes every
 * command (-A -E -D -a -e -d), and its exit code is that of the last line (ipvsadm 1.31, kernel 6.1).
 */
import type { UndoStep } from '../changes/undo-step.ts';
import { quoteWord } from '../ssh/quote.ts';
import type { RuleOperation, RulesPlan } from './plan.ts';

export interface RulesBatch {
  /** Host of the cluster file. */
  readonly director: string;
  /** In the order of the lines of `input`; never empty for a plan that has operations. */
  readonly operations: readonly RuleOperation[];
  /** Standard input of `ipvsadm -R`; empty when there is nothing to do. */
  readonly input: string;
  /** The same for the way back: the inverse of each line, the last one first. */
  readonly undoInput: string;
  readonly undo: UndoStep;
  /** What lines of `ipvsadm -Sn` about the services it changes contain, and no others do. */
  readonly touched: readonly string[];
}

/** `saved` is what `ipvsadm -Sn` printed before anything was changed, line by line. */
export function rulesBatch(
  director: string,
  { operations }: Pick<RulesPlan, 'operations'>,
  { saved }: { readonly saved: readonly string[] },
): RulesBatch {
  const undoInput = lines(operations.toReversed().map(({ undo }) => undo));
  const touched = [...new Set(operations.flatMap(({ argv }) => markers(argv)))];
  return {
    director,
    operations,
    input: lines(operations.map(({ argv }) => argv)),
    undoInput,
    undo: { host: director, what: `IPVS rules of ${director}`, script: undoScript(undoInput, touched, saved) },
    touched,
  };
}

/** The lines of `saved` that are about one of the services that `touched` marks, in byte order. */
export function linesAbout(touched: readonly string[], saved: readonly string[]): readonly string[] {
  return saved.filter((line) => touched.some((marker) => line.includes(marker))).toSorted();
}

/** What the lines of `ipvsadm -Sn` about the service of a command contain, and no line about another service does. */
function markers([, , flag = '', name = '', family]: readonly string[]): readonly string[] {
  if (flag !== '-f') return [` ${flag} ${name} `];
  // ipvsadm takes marks without a sign and prints them with one. Each address family has marks of its own, and IPv4 has no word.
  return [...new Set([name, String(Number(name) | 0)])].flatMap((mark) =>
    family === '-6' ? [` -f ${mark} -6 `] : [` -f ${mark} -s `, ` -f ${mark} -r `],
  );
}

/**
 * Lines that were never applied, or are undone already, make ipvsadm complain and change nothing; so what it says is
 * not heard, and the rules are read. -Sn has no connection thresholds: they are restored, and not compared.
 */
function undoScript(undoInput: string, touched: readonly string[], saved: readonly string[]): string {
  if (touched.length === 0) return 'true\n';
  const patterns = touched.flatMap((marker) => ['-e', quoteWord(marker)]).join(' ');
  // Every line begins with a dash: none can end the document early.
  return [
    `root ipvsadm -R >/dev/null 2>&1 <<'RULES' || :`,
    `${undoInput}RULES`,
    `found=$(root ipvsadm -Sn) &&`,
    `test "$(printf '%s\\n' "$found" | grep -F ${patterns} | LC_ALL=C sort)" = ${quoteWord(linesAbout(touched, saved).join('\n'))}`,
    '',
  ].join('\n');
}

function lines(commands: readonly (readonly string[])[]): string {
  return commands.map((argv) => `${argv.slice(1).join(' ')}\n`).join('');
}
