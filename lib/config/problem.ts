/** What is wrong with a cluster file, and how it is shown: the line, a caret under the place, a hint. */
import pc from 'picocolors';
import { IpvetError } from '../errors.ts';
import { masked } from '../model/visible-text.ts';

export interface ConfigProblem {
  /** Path as the operator gave it. */
  readonly file: string;
  /** 1-based; 0, as `column` is, when the problem is with the file as a whole (missing, not readable). */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** Characters the caret underlines; at least 1, never past the end of the line. */
  readonly length: number;
  /** One sentence in plain words. */
  readonly message: string;
  readonly hint?: string;
  readonly sourceLine: string;
}

/** A cluster file that cannot be used. Carries everything that is wrong with it, in the order of the file. */
export class ConfigError extends IpvetError {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const [first] = problems;
    const others = problems.length - 1;
    const more = others < 1 ? '' : ` (and ${others} more ${others === 1 ? 'problem' : 'problems'})`;
    super(
      'CONFIG',
      first === undefined ? 'the cluster file cannot be used' : `${place(first)}: ${first.message}${more}`,
      first?.hint === undefined ? {} : { hint: first.hint },
    );
    this.problems = problems;
  }

  /** All problems as text for a terminal; ends with a newline. */
  render(options: { readonly color: boolean }): string {
    return formatProblems(this.problems, options);
  }
}

/** Most problems worth printing; a file with more has one cause for many of them. */
const PRINTED = 50;
/** Widest part of a source line that is printed. */
const WIDTH = 120;

/** One block for each problem: place and message, the source line, a caret, the hint. Ends with a newline. */
export function formatProblems(problems: readonly ConfigProblem[], options: { readonly color: boolean }): string {
  const colors = pc.createColors(options.color);
  const blocks = problems.slice(0, PRINTED).map((problem) => {
    const lines = [`${colors.bold(place(problem))}: ${colors.red('error:')} ${masked(problem.message)}`];
    const gutter = String(problem.line);
    const blank = ' '.repeat(gutter.length);
    if (problem.line > 0) {
      const { text, caret } = excerpt(problem);
      lines.push(`  ${colors.dim(`${gutter} |`)} ${text}`, `  ${colors.dim(`${blank} |`)} ${colors.red(caret)}`);
    }
    if (problem.hint !== undefined) lines.push(`  ${blank} ${colors.cyan('hint:')} ${masked(problem.hint)}`);
    return lines.join('\n');
  });
  if (problems.length > PRINTED) blocks.push(`… and ${problems.length - PRINTED} more problems`);
  return `${blocks.join('\n')}\n`;
}

function place(problem: ConfigProblem): string {
  const file = masked(problem.file);
  return problem.line === 0 ? file : `${file}:${problem.line}:${problem.column}`;
}

/** The part of the line around the place, and a caret line under it. Tabs stay tabs in both, so that they line up. */
function excerpt({ sourceLine, column, length }: ConfigProblem): { text: string; caret: string } {
  const from = column <= WIDTH ? 0 : column - 1 - WIDTH / 2;
  const to = from + WIDTH;
  const start = from > 0 ? '…' : '';
  const text = `${start}${sourceLine.slice(from, to)}${to < sourceLine.length ? '…' : ''}`;
  const indent = `${start}${sourceLine.slice(from, column - 1)}`.replaceAll(/[^\t]/g, ' ');
  return { text: masked(text), caret: indent + '^'.repeat(Math.max(1, Math.min(length, to - column + 1))) };
}
